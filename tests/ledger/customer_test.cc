// Customers, and lookups by their ids and emails.

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "storage/rocksdb/format/keys.h"
#include "tests/support/ledger.h"

namespace owo::ledger {
namespace {

class CustomerTest : public ::testing::Test {
 protected:
  std::string IdOf(std::string_view name) { return Must(ledger_.Get(name)).record.id(); }
  storage::Customer Create(CustomerFields fields) {
    return Must(ledger_.Create(std::move(fields))).value;
  }

  TestLedger ledger_{CatalogOf(PlanOf("pro", {UsageBased("calls", "10")}))};
};

TEST_F(CustomerTest, IsAsItWasCreated) {
  Create({.id = "ada",
          .email = "Ada@Example.com",
          .name = "Ada Lovelace",
          .metadata = Labels{{"team", "7"}},
          .time_zone = "Africa/Lagos",
          .spend_cap = 500});
  ledger_.Reopen();
  const storage::Customer ada = Must(ledger_.Get("ada"));
  EXPECT_EQ(ada.record.email(), "Ada@Example.com");  // as written
  EXPECT_EQ(ada.record.name(), "Ada Lovelace");
  EXPECT_EQ(ada.record.metadata().at("team"), "7");
  EXPECT_EQ(ada.record.created_us(), ledger_.now());
  EXPECT_EQ(ada.contract.zones(0).zone(), "Africa/Lagos");
  EXPECT_EQ(ada.contract.spend_cap(), 500);
  EXPECT_EQ(ada.contract.currency(), "");
}

TEST_F(CustomerTest, EmailIsFoundWhateverItsCase) {
  Create({.id = "ada", .email = "Ada@Example.COM"});
  EXPECT_EQ(IdOf("Ada@Example.COM"), "ada");
  EXPECT_EQ(IdOf("ada@example.com"), "ada");
  EXPECT_EQ(IdOf("ADA@EXAMPLE.COM"), "ada");
}

TEST_F(CustomerTest, IdIsFoundOnlyExactly) {
  Create({.id = "ada"});
  EXPECT_THAT(ledger_.Get("Ada"), RefusedAs(Reason::kCustomerNotFound));
  EXPECT_THAT(ledger_.Get("ada "), RefusedAs(Reason::kCustomerNotFound));
  EXPECT_THAT(ledger_.Get(""), RefusedAs(Reason::kCustomerNotFound));
}

TEST_F(CustomerTest, SeveralWithOneEmailAreAmbiguous) {
  Create({.id = "ada", .email = "us@example.com"});
  Create({.id = "bob", .email = "US@example.com"});
  const auto refused = ledger_.Get("us@example.com");
  EXPECT_THAT(refused, RefusedAs(Reason::kCustomerAmbiguous));
  EXPECT_EQ(ValueIn(refused.status(), "customer"), "us@example.com");
  EXPECT_THAT(ledger_.Usage("us@example.com"), RefusedAs(Reason::kCustomerAmbiguous));
  EXPECT_THAT(ledger_.TrackOne(EventOf("us@example.com", "calls", "1")).error,
              RefusedAs(Reason::kCustomerAmbiguous));
  Must(ledger_.Update("bob", {.email = ""}));
  EXPECT_EQ(IdOf("us@example.com"), "ada");
}

// An earlier release accepted such ids; customers that have one keep it.
TEST_F(CustomerTest, AnExactIdComesBeforeAnEmail) {
  Create({.id = "ada", .email = "x@example.com"});
  EXPECT_EQ(IdOf("x@example.com"), "ada");
  Create({.id = "bob"});
  const storage::CustomerNo bob{Must(ledger_.Get("bob")).record.number()};
  ledger_.Damage([&](const storage::Database& database, rocksdb::WriteBatch& batch) {
    batch.Put(database.handle(storage::ColumnFamily::kCustomers),
              storage::keys::CustomerId(kTenant, "x@example.com"),
              storage::keys::CustomerValue(bob));
  });
  EXPECT_EQ(IdOf("x@example.com"), "bob");
  EXPECT_EQ(IdOf("X@example.com"), "ada");
}

TEST_F(CustomerTest, AnIdIsGivenOnce) {
  Create({.id = "ada"});
  const auto refused = ledger_.Create({.id = "ada", .name = "Another"});
  EXPECT_THAT(refused, RefusedAs(Reason::kCustomerExists));
  EXPECT_EQ(ValueIn(refused.status(), "customer"), "ada");
  EXPECT_EQ(Must(ledger_.Get("ada")).record.name(), "");
  Create({.id = "bob"});
  EXPECT_THAT(ledger_.Update("bob", {.id = "ada"}), RefusedAs(Reason::kCustomerExists));
}

TEST_F(CustomerTest, UsageAndInvoicesFollowARenamedCustomer) {
  ledger_.AddCustomer("ada", "pro");
  ledger_.Use("ada", "calls", "3");
  const storage::InvoiceRecord invoice = ledger_.Bill("ada");
  ledger_.Use("ada", "calls", "4");
  Must(ledger_.Update("ada", {.id = "lovelace", .email = "l@example.com"}));
  EXPECT_THAT(ledger_.Get("ada"), RefusedAs(Reason::kCustomerNotFound));
  EXPECT_THAT(ledger_.TrackOne(EventOf("ada", "calls", "1")).error,
              RefusedAs(Reason::kCustomerNotFound));
  EXPECT_EQ(ledger_.Unbilled("lovelace"), 40);
  EXPECT_EQ(ledger_.Unbilled("l@example.com"), 40);
  EXPECT_EQ(Must(ledger_.GetInvoice(invoice.id())).customer_id, "lovelace");
  ledger_.AddCustomer("ada", "pro");  // another customer may take the name
  EXPECT_EQ(ledger_.Unbilled("ada"), 0);
}

TEST_F(CustomerTest, AChangedEmailIsNoLongerFound) {
  Create({.id = "ada", .email = "old@example.com"});
  Must(ledger_.Update("old@example.com", {.email = "new@example.com"}));
  EXPECT_THAT(ledger_.Get("old@example.com"), RefusedAs(Reason::kCustomerNotFound));
  EXPECT_EQ(IdOf("new@example.com"), "ada");
}

TEST_F(CustomerTest, AnUpdateSetsWhatIsGivenAndLeavesTheRest) {
  Create({.id = "ada", .email = "a@example.com", .name = "Ada", .metadata = Labels{{"a", "1"}}});
  ledger_.Advance(absl::Hours(1));
  Must(ledger_.Update("ada", {.metadata = Labels{{"b", "2"}}}));
  const storage::Customer ada = Must(ledger_.Get("ada"));
  EXPECT_EQ(ada.record.name(), "Ada");
  EXPECT_EQ(ada.record.metadata().size(), 1);
  EXPECT_EQ(ada.record.metadata().at("b"), "2");
  EXPECT_EQ(ada.record.updated_us(), ledger_.now());
}

TEST_F(CustomerTest, AnUpdateThatChangesNothingIsNone) {
  Create({.id = "ada", .name = "Ada", .time_zone = "Asia/Tokyo", .spend_cap = 5});
  const storage::Customer before = Must(ledger_.Get("ada"));
  ledger_.Advance(absl::Hours(1));
  Must(ledger_.Update("ada", {.id = "ada",
                              .name = "Ada",
                              .metadata = Labels{},
                              .time_zone = "Asia/Tokyo",
                              .spend_cap = 5}));
  const storage::Customer after = Must(ledger_.Get("ada"));
  EXPECT_EQ(after.contract.generation(), before.contract.generation());
  EXPECT_EQ(after.record.updated_us(), before.record.updated_us());
}

TEST_F(CustomerTest, AnIdIsNotTheEmailOfAnotherCustomer) {
  Create({.id = "ada", .email = "Ada@Example.com"});
  EXPECT_THAT(ledger_.Create({.id = "ada@example.com"}), RefusedAs(Reason::kCustomerExists));
  Create({.id = "bob"});
  EXPECT_THAT(ledger_.Update("bob", {.id = "ADA@example.com"}), RefusedAs(Reason::kCustomerExists));
  EXPECT_TRUE(ledger_.Update("ada", {.id = "ada@example.com"}).ok());  // its own email
}

TEST_F(CustomerTest, AnEmailIsNotTheIdOfAnotherCustomerWhateverTheirCases) {
  Create({.id = "Ada@Example.com"});
  Create({.id = "bob", .email = "bob@example.com"});
  const auto created = ledger_.Create({.id = "eve", .email = "aDA@example.com"});
  EXPECT_THAT(created, RefusedAs(Reason::kCustomerExists));
  EXPECT_EQ(RefusalOf(created.status()).metadata, (Metadata{{"customer", "aDA@example.com"}}));
  EXPECT_THAT(ledger_.Update("bob", {.email = "ADA@example.com"}),
              RefusedAs(Reason::kCustomerExists));
  EXPECT_THAT(ledger_.Update("bob", {.id = "eve", .email = "ADA@example.com"}),
              RefusedAs(Reason::kCustomerExists));
  EXPECT_TRUE(ledger_.Update("Ada@Example.com", {.email = "ada@EXAMPLE.com"}).ok());
}

TEST_F(CustomerTest, AnEmailIsNotTheIdOfAnotherCustomer) {
  Create({.id = "ada@example.com"});
  EXPECT_THAT(ledger_.Create({.id = "bob", .email = "Ada@Example.com"}),
              RefusedAs(Reason::kCustomerExists));
  Create({.id = "bob"});
  EXPECT_THAT(ledger_.Update("bob", {.email = "ada@example.com"}),
              RefusedAs(Reason::kCustomerExists));
  EXPECT_TRUE(ledger_.Update("ada@example.com", {.email = "ada@example.com"}).ok());
}

TEST_F(CustomerTest, TheZoneIsChangedSoOftenAndNoMore) {
  Create({.id = "ada"});
  const auto change = [this](int turn) {
    const std::string zone = turn % 2 == 0 ? "Asia/Tokyo" : "UTC";
    return ledger_.Update("ada", {.time_zone = zone, .path = "update"});
  };
  for (int zones = 1; zones < kZonesMax; ++zones) Must(change(zones - 1));
  EXPECT_THAT(change(kZonesMax - 1), RefusesField("update.time_zone"));
  EXPECT_TRUE(ledger_.Update("ada", {.name = "Ada", .path = "update"}).ok());
}

TEST_F(CustomerTest, AreListedByIdInPages) {
  for (const char* const id : {"b", "a", "d", "c"}) Create({.id = id});
  std::vector<std::string> ids;
  std::string after;
  do {
    const storage::CustomerList page =
        Must(Customers(ledger_.parts()).List(ledger_.context(), storage::kReadAll, after, 3));
    for (const storage::Customer& customer : page.customers) ids.push_back(customer.record.id());
    after = page.next;
  } while (!after.empty());
  EXPECT_EQ(ids, (std::vector<std::string>{"a", "b", "c", "d"}));
}

// An id row that the record of its customer does not have stands for a customer that is renamed
// while a page is read.
TEST_F(CustomerTest, APageContinuesAfterTheLastRowItReadNotAfterTheIdOfItsCustomer) {
  for (const char* const id : {"a", "b", "c", "z"}) Create({.id = id});
  const storage::CustomerNo last{Must(ledger_.Get("z")).record.number()};
  ledger_.Damage([&](const storage::Database& database, rocksdb::WriteBatch& batch) {
    batch.Put(database.handle(storage::ColumnFamily::kCustomers),
              storage::keys::CustomerId(kTenant, "aa"), storage::keys::CustomerValue(last));
  });
  const auto list = [this](const std::string& after) {
    return Must(Customers(ledger_.parts()).List(ledger_.context(), storage::kReadAll, after, 2));
  };
  const storage::CustomerList first = list("");
  ASSERT_EQ(first.customers.size(), 2);
  EXPECT_EQ(first.customers[1].record.id(), "z");
  const storage::CustomerList second = list(first.next);
  ASSERT_EQ(second.customers.size(), 2);
  EXPECT_EQ(second.customers[0].record.id(), "b");
  EXPECT_EQ(second.customers[1].record.id(), "c");
}

// ---- Time zones.

class TimeZoneTest : public CustomerTest {
 protected:
  std::vector<std::string> Labels() {
    std::vector<std::string> labels;
    for (const UsageRow& row : ledger_.History("ada").rows) {
      labels.push_back(row.period.label + " " + row.period.time_zone);
    }
    return labels;
  }
};

TEST_F(TimeZoneTest, AChangeCountsFromTheNextPeriodOn) {
  ledger_.AddCustomer("ada", "pro");
  Must(ledger_.Update("ada", {.time_zone = "Africa/Lagos"}));  // one hour ahead of UTC
  ledger_.SetNow("2026-11-30T23:59:59Z");
  ledger_.Use("ada", "calls", "1");
  ledger_.SetNow("2026-12-01T00:00:00Z");
  ledger_.Use("ada", "calls", "1");
  ledger_.SetNow("2026-12-31T22:59:59Z");
  ledger_.Use("ada", "calls", "1");
  ledger_.SetNow("2026-12-31T23:00:00Z");
  ledger_.Use("ada", "calls", "1");
  EXPECT_EQ(Labels(), (std::vector<std::string>{"2027-01 Africa/Lagos", "2026-12 Africa/Lagos",
                                                "2026-11 UTC"}));
  EXPECT_EQ(ledger_.History("ada").rows.at(1).counter.events, 2);
}

TEST_F(TimeZoneTest, MayChangeAgainAfterTheClockWasSetBack) {
  ledger_.AddCustomer("ada", "pro");
  Must(ledger_.Update("ada", {.time_zone = "Africa/Lagos"}));
  ledger_.Advance(absl::Hours(-1));
  Must(ledger_.Update("ada", {.time_zone = "Asia/Tokyo"}));
  EXPECT_TRUE(ledger_.Use("ada", "calls", "1").code != TrackCode::kRejected);
  EXPECT_EQ(Must(ledger_.Get("ada")).contract.zones().rbegin()->zone(), "Asia/Tokyo");
}

// A change takes effect after usage that was counted while it was decided, and the next change
// after that one.
TEST_F(TimeZoneTest, MayChangeTwiceWhileUsageArrives) {
  ledger_.AddCustomer("ada", "pro");
  ledger_.store().BeforeNextCommit([this] { ledger_.Use("ada", "calls", "1"); });
  Must(ledger_.Update("ada", {.time_zone = "Africa/Lagos"}));
  Must(ledger_.Update("ada", {.time_zone = "Asia/Tokyo"}));
  EXPECT_EQ(Must(ledger_.Get("ada")).contract.zones_size(), 3);
  EXPECT_EQ(ledger_.Unbilled("ada"), 10);
}

}  // namespace
}  // namespace owo::ledger
