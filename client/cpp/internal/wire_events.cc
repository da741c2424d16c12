#include "client/cpp/internal/wire.h"

namespace owo {

v1::ListInvoiceEventsRequest ToWire(const InvoiceEventsParams& params) {
  v1::ListInvoiceEventsRequest request;
  request.set_invoice_id(params.invoice_id);
  if (params.line) request.set_line(*params.line);
  return request;
}

v1::ListEventsRequest ToWire(const EventsParams& params) {
  v1::ListEventsRequest request;
  request.set_customer(params.customer);
  request.set_feature(params.feature);
  if (params.start) *request.mutable_start() = ToWire(*params.start);
  if (params.end) *request.mutable_end() = ToWire(*params.end);
  return request;
}

RecordedEvent FromWire(const v1::RecordedEvent& event) {
  return {
      .event_id = event.event_id(),
      .customer_id = event.customer_id(),
      .feature_slug = event.feature_slug(),
      .quantity = event.quantity(),
      .event_time = FromWire(event.event_time()),
      .recorded_at = FromWire(event.recorded_at()),
      .properties = FromWire(event.properties()),
      .period = FromWire(event.period()),
      .segment = event.segment(),
      .invoice_id = event.invoice_id(),
      .line = Optional(event.has_line(), event.line()),
  };
}

}  // namespace owo
