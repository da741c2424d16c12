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

// Usage of one customer after the other, over and over.
class UsageTraffic : public Traffic {
 public:
  explicit UsageTraffic(const Population& population);

  bool Next(Call& call) override;

 private:
  std::vector<grpc::ByteBuffer> requests_;
  uint64_t sent_ = 0;
};

// Invoice of one customer after the other, over and over, each with a request id of its own.
class InvoiceTraffic : public Traffic {
 public:
  // So many lines are to be on each.
  InvoiceTraffic(const Population& population, int lines);

  // Ends when each customer was sent once more.
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

// ListInvoices of a customer: page after page, and from the first again. One call at a time.
class PageTraffic : public Traffic {
 public:
  PageTraffic(std::string customer, int page_size)
      : customer_(std::move(customer)), page_size_(page_size) {}

  bool Next(Call& call) override;
  // Throws when a page that is not the last is not full.
  void Answered(const Call& call, grpc::ByteBuffer& answer) override;

 private:
  const std::string customer_;
  const int page_size_;
  std::string token_;
};

}  // namespace owo::bench

#endif  // OWO_TESTS_BENCH_BILLING_TRAFFIC_H_
