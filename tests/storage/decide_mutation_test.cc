// The rules of commits, one row for each, and each rule at its bound.

#include "storage/decide_mutation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "tests/support/store.h"

namespace owo::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(DecideMutationTest, ARequestIsRememberedForThirtyDays) {
  const RequestClaim claim{.method = "Invoice", .id = "r1", .fingerprint = "f"};
  RequestRecord known;
  known.set_fingerprint("f");
  known.set_committed_us(kNow);
  EXPECT_EQ(DecideRequest(nullptr, claim, kNow), MutationCode::kCommitted);
  EXPECT_EQ(DecideRequest(&known, claim, kNow), MutationCode::kReplayed);
  EXPECT_EQ(DecideRequest(&known, claim, kNow + 30 * kDay), MutationCode::kReplayed);
  EXPECT_EQ(DecideRequest(&known, claim, kNow + 30 * kDay + 1), MutationCode::kCommitted);
  known.set_fingerprint("other");
  EXPECT_EQ(DecideRequest(&known, claim, kNow + 30 * kDay), MutationCode::kRequestReused);
  EXPECT_EQ(DecideRequest(&known, claim, kNow + 30 * kDay + 1), MutationCode::kCommitted);
}

struct CustomerCase {
  PutCustomer put;
  CustomerState state{.customer_generation = 7, .catalog_generation = 3};
  CustomerCase() { put.contract.set_generation(7); }
};
struct CustomerRow {
  std::string what;
  MutationCode code;
  std::function<void(CustomerCase&)> set;
};

TEST(DecideMutationTest, ACustomerIsChangedAsItWasRead) {
  const std::vector<CustomerRow> rows = {
      {"as it was read", MutationCode::kCommitted, [](CustomerCase&) {}},
      {"it has changed", MutationCode::kConflict, [](auto& c) { c.state.customer_generation = 8; }},
      {"no such customer", MutationCode::kConflict,
       [](auto& c) { c.state.customer_generation = 0; }},
      {"no such customer, none read", MutationCode::kConflict,
       [](auto& c) { c.state.customer_generation = 0, c.put.contract.set_generation(0); }},
      {"subscribes", MutationCode::kCommitted,
       [](auto& c) {
         c.put.subscribes = {PlanNo{1}, 3};
       }},
      {"the catalog has changed", MutationCode::kConflict,
       [](auto& c) {
         c.put.subscribes = {PlanNo{1}, 2};
       }},
      {"no usage", MutationCode::kCommitted, [](auto& c) { c.put.effective_from = kNow; }},
      {"usage before", MutationCode::kCommitted,
       [](auto& c) { c.put.effective_from = kNow, c.state.latest_event = kNow - 1; }},
      {"usage at", MutationCode::kUsageAfterChange,
       [](auto& c) { c.put.effective_from = kNow, c.state.latest_event = kNow; }},
      {"usage, of no matter", MutationCode::kCommitted,
       [](auto& c) { c.state.latest_event = kNow; }},
      {"usage at, of one that has changed", MutationCode::kConflict,
       [](auto& c) {
         c.put.effective_from = kNow, c.state.latest_event = kNow;
         c.state.customer_generation = 8;
       }},
  };
  for (const CustomerRow& row : rows) {
    CustomerCase c;
    row.set(c);
    EXPECT_EQ(DecidePutCustomer(c.put, c.state), row.code) << row.what;
  }
}

TEST(DecideMutationTest, NamesAreLookedUpAsWhatTheyCouldBeTakenFor) {
  const NamesToLookUp none = LookUpsFor("", "");
  EXPECT_EQ(none.email, "");
  EXPECT_THAT(none.ids, IsEmpty());
  EXPECT_EQ(none.id_ignoring_case, "");
  EXPECT_EQ(LookUpsFor("acme", "").email, "");
  EXPECT_EQ(LookUpsFor("Ada@acme.com", "").email, "Ada@acme.com");
  const NamesToLookUp both = LookUpsFor("acme", "Ada@acme.com");
  EXPECT_THAT(both.ids, ElementsAre("Ada@acme.com", "ada@acme.com"));
  EXPECT_EQ(both.id_ignoring_case, "Ada@acme.com");
}

TEST(DecideMutationTest, ACatalogIsChangedAsItWasRead) {
  const PutCatalog any_time{.generation = 3};
  PutCatalog from_now = any_time;
  from_now.effective_from = kNow;
  EXPECT_EQ(DecidePutCatalog(any_time, {.generation = 3}), MutationCode::kCommitted);
  EXPECT_EQ(DecidePutCatalog(any_time, {.generation = 4}), MutationCode::kConflict);
  EXPECT_EQ(DecidePutCatalog(any_time, {.generation = 2}), MutationCode::kConflict);
  EXPECT_EQ(DecidePutCatalog(any_time, {.generation = 3, .subscribed = true}),
            MutationCode::kConflict);
  EXPECT_EQ(DecidePutCatalog(any_time, {.generation = 3, .latest_event = kNow}),
            MutationCode::kCommitted);
  EXPECT_EQ(DecidePutCatalog(from_now, {.generation = 3}), MutationCode::kCommitted);
  EXPECT_EQ(DecidePutCatalog(from_now, {.generation = 3, .latest_event = kNow - 1}),
            MutationCode::kCommitted);
  EXPECT_EQ(DecidePutCatalog(from_now, {.generation = 3, .latest_event = kNow}),
            MutationCode::kUsageAfterChange);
  EXPECT_EQ(DecidePutCatalog(from_now, {.generation = 4, .latest_event = kNow}),
            MutationCode::kConflict);
}

TEST(DecideMutationTest, TenantsAndKeysAreChangedAsTheyWereRead) {
  const PutAccess put{.generation = 3};
  EXPECT_EQ(DecidePutAccess(put, 3), MutationCode::kCommitted);
  EXPECT_EQ(DecidePutAccess(put, 2), MutationCode::kConflict);
  EXPECT_EQ(DecidePutAccess(put, 4), MutationCode::kConflict);
}

TEST(DecideMutationTest, AnInvoiceIsMadeOrChangedAsItWasDecided) {
  const CreateInvoice create{.invoice_version = 5};
  EXPECT_EQ(DecideCreateInvoice(create, 5), MutationCode::kCommitted);
  EXPECT_EQ(DecideCreateInvoice(create, 4), MutationCode::kConflict);
  EXPECT_EQ(DecideCreateInvoice(create, 6), MutationCode::kConflict);
  UpdateInvoice update;
  update.invoice.set_revision(2);
  EXPECT_EQ(DecideUpdateInvoice(update, 2), MutationCode::kCommitted);
  EXPECT_EQ(DecideUpdateInvoice(update, 3), MutationCode::kConflict);
  EXPECT_EQ(DecideUpdateInvoice(update, std::nullopt), MutationCode::kConflict);
}

TEST(DecideMutationTest, AnInvoiceTakesANumberOnceItIsOpen) {
  InvoiceRecord invoice;
  invoice.set_status(INVOICE_STATUS_RECORD_DRAFT);
  EXPECT_FALSE(TakesNumber(invoice));
  invoice.set_status(INVOICE_STATUS_RECORD_OPEN);
  EXPECT_TRUE(TakesNumber(invoice));
  invoice.set_sequence(4);
  EXPECT_FALSE(TakesNumber(invoice));
}

TEST(DecideMutationTest, AnInvoiceClosesACounterThatNothingHasChanged) {
  InvoiceCreatedRecord created;
  created.set_usage_version(9);
  ClosedCounterRecord closed;
  EXPECT_TRUE(ClosesWithInvoice(created, closed, Units(5), 9, Units(5)));
  EXPECT_FALSE(ClosesWithInvoice(created, closed, Units(5), 10, Units(5)));
  closed.set_alone(true);
  EXPECT_TRUE(ClosesWithInvoice(created, closed, Units(5), 10, Units(5)));
  EXPECT_FALSE(ClosesWithInvoice(created, closed, Units(5), 10, Units(6)));
}

}  // namespace
}  // namespace owo::storage
