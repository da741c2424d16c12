#include "service/rpc/render_events.h"

#include "service/ledger/ids.h"
#include "service/rpc/cursor_text.h"
#include "service/rpc/page_budget.h"
#include "service/rpc/render_values.h"

namespace owo::rpc {
namespace {

absl::Status RenderEvent(const ledger::EventRow& row, const std::string& customer_id,
                         pb::RecordedEvent& to) {
  const storage::StoredEvent& event = row.event;
  to.set_event_id(event.id_text);
  to.set_customer_id(customer_id);
  to.set_feature_slug(row.feature_slug);
  to.set_quantity(ledger::ToDecimal(event.quantity).ToString());
  *to.mutable_event_time() = ToTimestamp(event.time);
  *to.mutable_recorded_at() = ToTimestamp(event.committed);
  pb::UsageEvent kept;  // see PackedProperties()
  if (!kept.ParseFromString(event.properties)) {
    return absl::DataLossError("the properties of an event");
  }
  to.mutable_properties()->swap(*kept.mutable_properties());
  *to.mutable_period() = rpc::ToProto(row.period);
  to.set_segment(row.counter.segment);
  if (!event.invoice.empty()) to.set_invoice_id(ledger::InvoiceIdText(event.invoice));
  if (row.line != 0) to.set_line(row.line);
  return absl::OkStatus();
}

// A page that exceeds its budget ends early, and the next page starts with the event that did not
// fit.
template <typename Cursor, typename Response>
absl::Status RenderPage(const ledger::EventPage<Cursor>& page, const PageTokens& tokens,
                        Response& to) {
  PageBudget budget;
  for (const ledger::EventRow& row : page.rows) {
    pb::RecordedEvent& shown = *to.add_events();
    absl::Status status = RenderEvent(row, page.customer_id, shown);
    if (!status.ok()) return status;
    if (!budget.Spend(shown.ByteSizeLong())) {
      to.mutable_events()->RemoveLast();
      to.set_next_page_token(tokens.Make(CursorText(Cursor::Of(row))));
      return absl::OkStatus();
    }
  }
  if (page.next.has_value()) to.set_next_page_token(tokens.Make(CursorText(*page.next)));
  return absl::OkStatus();
}

}  // namespace

absl::Status RenderListInvoiceEventsResponse(const ledger::InvoiceEventPage& page,
                                             const PageTokens& tokens,
                                             pb::ListInvoiceEventsResponse& to) {
  return RenderPage(page, tokens, to);
}

absl::Status RenderListEventsResponse(const ledger::CustomerEventPage& page,
                                      const PageTokens& tokens, pb::ListEventsResponse& to) {
  return RenderPage(page, tokens, to);
}

}  // namespace owo::rpc
