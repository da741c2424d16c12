#include "tests/bench/billing_traffic.h"

#include <stdexcept>

#include "absl/strings/str_cat.h"
#include "owo/billing/v1/billing.pb.h"

namespace owo::bench {
namespace {

namespace pb = owo::billing::v1;

}  // namespace

UsageTraffic::UsageTraffic(const Population& population) {
  for (uint32_t i = 0; i < population.customers; ++i) {
    pb::UsageRequest request;
    request.set_customer(CustomerName(population.first_customer + i));
    requests_.push_back(ToBytes(request));
  }
}

bool UsageTraffic::Next(Call& call) {
  call.method = "/owo.billing.v1.Billing/Usage";
  call.request = requests_[sent_++ % requests_.size()];
  return true;
}

InvoiceTraffic::InvoiceTraffic(const Population& population, int lines)
    : population_(population),
      lines_(lines),
      request_ids_(FreshIds(EventIds::Version::kTimeOrdered)) {}

bool InvoiceTraffic::Next(Call& call) {
  if (sent_ == end_) return false;
  call.number = sent_++;
  pb::InvoiceRequest request;
  request.set_customer(
      CustomerName(population_.first_customer + call.number % population_.customers));
  request.mutable_request_id()->resize(EventIds::kLength);
  request_ids_.Write(call.number, request.mutable_request_id()->data());
  call.method = "/owo.billing.v1.Billing/Invoice";
  call.request = ToBytes(request);
  return true;
}

// Does not parse every answer: that would take CPU from the server, which runs on the same cores.
void InvoiceTraffic::Answered(const Call& call, grpc::ByteBuffer& answer) {
  constexpr uint64_t kLookInto = 64;
  if (call.number % kLookInto != 0) return;
  const auto response = As<pb::InvoiceResponse>(answer);
  if (response.invoice().line_items_size() == lines_ && !response.replayed()) return;
  throw std::runtime_error(absl::StrCat("an invoice has ", response.invoice().line_items_size(),
                                        " lines, want ", lines_));
}

bool PageTraffic::Next(Call& call) {
  pb::ListInvoicesRequest request;
  request.set_customer(customer_);
  request.set_page_size(page_size_);
  request.set_page_token(token_);
  call.method = "/owo.billing.v1.Billing/ListInvoices";
  call.request = ToBytes(request);
  return true;
}

void PageTraffic::Answered(const Call&, grpc::ByteBuffer& answer) {
  const auto page = As<pb::ListInvoicesResponse>(answer);
  token_ = page.next_page_token();
  if (page.invoices_size() == page_size_ || (token_.empty() && page.invoices_size() > 0)) return;
  throw std::runtime_error(
      absl::StrCat("a page has ", page.invoices_size(), " invoices, want ", page_size_));
}

}  // namespace owo::bench
