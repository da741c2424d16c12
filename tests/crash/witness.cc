#include "tests/crash/witness.h"

#include <gtest/gtest.h>

#include <string_view>

#include "storage/rocksdb/verify/verify.h"
#include "tests/support/invoices.h"

namespace owo::storage {
namespace {

constexpr size_t kBatchMax = 1000;
constexpr std::string_view kTried = "try ";
constexpr std::string_view kAcknowledged = "ack ";

}  // namespace

void Witness::Hear(const std::string& line) {
  const bool acknowledged = line.starts_with(kAcknowledged);
  ASSERT_TRUE(acknowledged || line.starts_with(kTried)) << line;
  const std::string id = line.substr(kTried.size());
  acknowledgements_ += acknowledged;
  if (id.starts_with(kInvoicePrefix)) {
    if (acknowledged) invoices_.insert(InvoiceId(std::stoull(id.substr(kInvoicePrefix.size()))));
  } else if (acknowledged) {
    unknown_.erase(id);
    acknowledged_.insert(id);
  } else {
    unknown_.insert(id);
  }
}

void Witness::ExpectNothingLost(Store& store) {
  EXPECT_EQ(CountEventsOnce(store), 0) << "acknowledged events are lost";
  ExpectInvoicesWhole(store);
}

// Tracks the events again. Returns how many had not been counted before.
size_t Witness::AskAgain(Store& store, const Ids& ids) const {
  size_t counted = 0;
  for (auto at = ids.begin(); at != ids.end();) {
    std::vector<TrackEvent> events;
    for (; at != ids.end() && events.size() < kBatchMax; ++at) {
      events.push_back(subject_.Event(*at, 1));
    }
    for (const TrackOutcome& outcome : TrackAll(store, subject_, std::move(events))) {
      EXPECT_EQ(outcome.code, TrackCode::kCounted);
      counted += outcome.duplicate ? 0 : 1;
    }
  }
  return counted;
}

size_t Witness::CountEventsOnce(Store& store) {
  const size_t lost = AskAgain(store, acknowledged_);
  AskAgain(store, unknown_);
  acknowledged_.merge(unknown_);
  unknown_.clear();
  const Counter counter = ReadCounterOf(store);
  EXPECT_EQ(counter.total, Units(static_cast<int64_t>(acknowledged_.size())));
  EXPECT_EQ(counter.events, acknowledged_.size());
  ExpectEventsListed(store);
  return lost;
}

// The counter does not exist before the first event.
Counter Witness::ReadCounterOf(Store& store) const {
  return acknowledged_.empty() ? Counter() : ReadCounter(store, subject_, subject_.Counter());
}

void Witness::ExpectEventsListed(Store& store) const {
  const auto events =
      store.ListEvents(kReadAll, subject_.tenant, subject_.Counter(), {.range = {0, UINT64_MAX}});
  ASSERT_TRUE(events.ok()) << events.status();
  Ids listed;
  for (const StoredEvent& event : events->events) listed.insert(event.id_text);
  EXPECT_EQ(events->events.size(), listed.size()) << "an event is listed twice";
  EXPECT_EQ(listed, acknowledged_);
}

void Witness::ExpectInvoicesWhole(Store& store) {
  const std::vector<InvoiceRecord> invoices = MustList(store, subject_);
  int64_t amount = 0;
  uint64_t sequence = invoices.size();
  for (const InvoiceRecord& invoice : invoices) {
    EXPECT_EQ(invoice.sequence(), sequence--);
    amount += invoice.subtotal();
    invoices_.erase(invoice.id());
  }
  EXPECT_TRUE(invoices_.empty()) << invoices_.size() << " invoices are lost";
  EXPECT_EQ(ReadCounterOf(store).covered.amount, amount);
}

void ExpectSound(const std::string& data_dir) {
  const auto report = VerifyRocksStore({.data_dir = data_dir}, nullptr);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->differences(), 0) << report->ToString();
}

}  // namespace owo::storage
