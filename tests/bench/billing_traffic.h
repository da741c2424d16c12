// Traffic of the Billing service.
//
//   UsageTraffic usage({.customers = 1000});
//   InvoiceTraffic invoices({.customers = 1000}, /*lines=*/10);
//   PageTraffic pages(CustomerName(0), /*page_size=*/50);

#ifndef OWO_TESTS_BENCH_BILLING_TRAFFIC_H_
#define OWO_TESTS_BENCH_BILLING_TRAFFIC_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tests/bench/counters.h"
#include "tests/bench/event_ids.h"
#include "tests/bench/traffic.h"

namespace owo::bench {

// Calls Usage for one customer after the other, in a loop.
class UsageTraffic : public Traffic {
 public:
  explicit UsageTraffic(const Population& population);

  bool Next(Call& call) override;

 private:
  std::vector<grpc::ByteBuffer> requests_;
  uint64_t sent_ = 0;
};

// Calls Invoice for one customer after the other, in a loop, each with its own request id.
class InvoiceTraffic : public Traffic {
 public:
  // `lines` is the expected number of lines on each invoice.
  InvoiceTraffic(const Population& population, int lines);

  // Ends the traffic after one more call per customer.
  void SendRound() { end_ = sent_ + population_.customers; }

  bool Next(Call& call) override;
  void Answered(const Call& call, grpc::ByteBuffer& answer) override;

 private:
  const Population population_;
  const int lines_;
  const EventIds request_ids_;
  uint64_t sent_ = 0;
  uint64_t end_ = UINT64_MAX;
};

// Calls ListInvoices of a customer for page after page, then starts again. One call at a time.
class PageTraffic : public Traffic {
 public:
  PageTraffic(std::string customer, int page_size)
      : customer_(std::move(customer)), page_size_(page_size) {}

  bool Next(Call& call) override;
  // Throws if a page other than the last one is not full.
  void Answered(const Call& call, grpc::ByteBuffer& answer) override;

 private:
  const std::string customer_;
  const int page_size_;
  std::string token_;
};

}  // namespace owo::bench

#endif  // OWO_TESTS_BENCH_BILLING_TRAFFIC_H_
