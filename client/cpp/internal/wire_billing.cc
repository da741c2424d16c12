#include "client/cpp/internal/wire.h"

namespace owo {

BillingFeatureUsage FromWire(const v1::FeatureUsage& row) {
  return {
      .feature_slug = row.feature_slug(),
      .feature_name = row.feature_name(),
      .overage_units = row.overage_units(),
      .overage_price = Optional(row.has_overage_price(), row.overage_price()),
      .estimated_cost = row.estimated_cost(),
      .usage = row.usage(),
      .included = row.included(),
      .usage_model = static_cast<UsageModel>(row.usage_model()),
      .rating_model = static_cast<RatingModel>(row.rating_model()),
      .billing_units = Optional(row.has_billing_units(), row.billing_units()),
      .tiers = FromWire(row.tiers()),
      .period = FromWire(row.period()),
      .plan = row.plan(),
      .plan_version = row.plan_version(),
  };
}

InvoiceLineItem FromWire(const v1::LineItem& line) {
  return {
      .feature_slug = line.feature_slug(),
      .feature_name = line.feature_name(),
      .quantity = line.quantity(),
      .unit_price = Optional(line.has_unit_price(), line.unit_price()),
      .amount = line.amount(),
      .usage = line.usage(),
      .included = line.included(),
      .tiers = FromWire(line.tiers()),
      .period = FromWire(line.period()),
      .plan = line.plan(),
      .plan_version = line.plan_version(),
      .kind = static_cast<LineKind>(line.kind()),
  };
}

Payment FromWire(const v1::Payment& payment) {
  return {
      .amount = payment.amount(),
      .paid_at = FromWire(payment.paid_at()),
      .reference = payment.reference(),
  };
}

v1::UsageRequest ToWire(const UsageParams& params) {
  v1::UsageRequest request;
  request.set_customer(params.customer);
  return request;
}

v1::InvoiceRequest ToWire(const InvoiceParams& params) {
  v1::InvoiceRequest request;
  internal::PutFields(params, request);
  return request;
}

v1::ListInvoicesRequest ToWire(const InvoicesParams& params) {
  v1::ListInvoicesRequest request;
  request.set_customer(params.customer);
  if (params.status) request.set_status(static_cast<v1::InvoiceStatus>(*params.status));
  return request;
}

v1::GetInvoiceRequest ToWire(const GetInvoiceParams& params) {
  v1::GetInvoiceRequest request;
  request.set_invoice_id(params.invoice_id);
  return request;
}

v1::FinalizeInvoiceRequest ToWire(const FinalizeInvoiceParams& params) {
  v1::FinalizeInvoiceRequest request;
  request.set_invoice_id(params.invoice_id);
  request.set_request_id(params.request_id);
  return request;
}

v1::PayInvoiceRequest ToWire(const PayInvoiceParams& params) {
  v1::PayInvoiceRequest request;
  request.set_invoice_id(params.invoice_id);
  request.set_reference(params.reference);
  if (params.paid_at) *request.mutable_paid_at() = ToWire(*params.paid_at);
  request.set_request_id(params.request_id);
  return request;
}

v1::VoidInvoiceRequest ToWire(const VoidInvoiceParams& params) {
  v1::VoidInvoiceRequest request;
  request.set_invoice_id(params.invoice_id);
  request.set_reason(params.reason);
  request.set_request_id(params.request_id);
  return request;
}

BillingUsageResult FromWire(const v1::UsageResponse& response) {
  return {
      .customer = response.customer(),
      .currency = response.currency(),
      .currency_exponent = response.currency_exponent(),
      .total_estimated = response.total_estimated(),
      .features = FromWire(response.features()),
  };
}

InvoiceResult FromWire(const v1::InvoiceResponse& response) {
  return {
      .success = response.success(),
      .invoice = FromWire(response.invoice()),
      .replayed = response.replayed(),
  };
}

Invoice FromWire(const v1::Invoice& message) {
  Invoice invoice{
      .status = static_cast<InvoiceStatus>(message.status()),
      .kind = static_cast<InvoiceKind>(message.kind()),
      .payments = FromWire(message.payments()),
      .line_items = FromWire(message.line_items()),
      .created_at = FromWire(message.created_at()),
      .finalized_at = Optional(message.has_finalized_at(), message.finalized_at()),
      .paid_at = Optional(message.has_paid_at(), message.paid_at()),
      .voided_at = Optional(message.has_voided_at(), message.voided_at()),
  };
  internal::TakeFields(message, invoice);
  return invoice;
}

}  // namespace owo
