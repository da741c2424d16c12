// The same events, catalog and subscriptions give the same charges, in whatever order the events
// arrive, and whatever is invoiced and voided in between.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "tests/model/comparison.h"
#include "tests/model/workload.h"
#include "tests/support/long_run.h"
#include "tests/support/random.h"
#include "tests/support/store.h"

namespace owo::model {
namespace {

using ledger::kTenant;
using ledger::Must;
using ledger::TestLedger;

void MustCommit(storage::Store& store, storage::Mutation mutation) {
  EXPECT_EQ(Must(storage::Commit(store, std::move(mutation))).code,
            storage::MutationCode::kCommitted);
}

// Copies the catalog and the customers of a ledger to a new one, without usage and invoices.
void CopyContracts(TestLedger& from, const PlainLedger& plain, TestLedger& to) {
  storage::Mutation catalog{
      .tenant = kTenant,
      .change = storage::PutCatalog{.changes = storage::WholeCatalog(from.store())}};
  MustCommit(to.store(), std::move(catalog));
  for (const auto& [id, unused] : plain.customers) {
    const storage::CustomerNo number{Must(from.Get(id)).record.number()};
    storage::Customer customer =
        Must(from.store().ReadCustomer(storage::kReadAll, kTenant, number));
    customer.record.clear_number();
    storage::Mutation put{.tenant = kTenant,
                          .change = storage::PutCustomer{customer.record, customer.contract}};
    MustCommit(to.store(), std::move(put));
  }
  to.Reopen();
  to.SetNow(from.now());
}

// Returns the events in random order, with corrections last, because they may not make a total
// negative.
std::vector<PlainEvent> Shuffled(std::vector<PlainEvent> events, Random& random) {
  for (size_t i = events.size(); i > 1; --i) {
    std::swap(events[i - 1], events[random.Between(0, static_cast<int64_t>(i) - 1)]);
  }
  std::stable_partition(events.begin(), events.end(),
                        [](const PlainEvent& event) { return event.quantity >= 0; });
  return events;
}

// Counts the events, and invoices and voids at random moments.
void Replay(TestLedger& ledger, const std::string& customer, const std::vector<PlainEvent>& events,
            Random& random) {
  std::vector<storage::InvoiceRecord> invoices;
  for (const PlainEvent& event : events) {
    ledger::UsageEvent real{.customer = event.customer,
                            .feature = event.feature,
                            .quantity = ToDecimal(event.quantity),
                            .time = event.time,
                            .record_always = true};
    real.SetId(event.id);
    const ledger::TrackResult result = ledger.TrackOne(std::move(real));
    ASSERT_TRUE(result.recorded) << event.id << result.error;
    if (random.OneIn(6)) {
      const auto made = ledger.Invoice({.customer = customer, .draft = random.OneIn(2)});
      if (made.ok()) invoices.push_back(made->value.record);
    }
    if (random.OneIn(10) && !invoices.empty()) {
      const int64_t last = static_cast<int64_t>(invoices.size()) - 1;
      Must(ledger.Void(invoices[random.Between(0, last)]));
    }
  }
}

TEST(ArrivalOrderTest, DoesNotChangeWhatIsCharged) {
  Random random;
  for (int run = IsLongRun() ? 100 : kSanitized ? 1 : 3; run > 0 && !HasFailure(); --run) {
    Workload workload(random);
    for (int i = 0; i < 500; ++i) workload.Step();
    TestLedger again(ledger::CatalogSpec(),
                     {.event_age_max = 0, .allow_negative_quantities = true});
    CopyContracts(workload.real(), workload.plain(), again);
    for (const auto& [id, customer] : workload.plain().customers) {
      Replay(again, id, Shuffled(customer.events, random), random);
      ExpectSameCharges(again, workload.plain(), id);
      ExpectLaws(again, id);
    }
  }
}

}  // namespace
}  // namespace owo::model
