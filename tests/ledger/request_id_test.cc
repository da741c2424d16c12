// A request with an id may be repeated. Successes are remembered, failures are not.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/ledger.h"
#include "tests/support/store.h"

namespace owo::ledger {
namespace {

using storage::InvoiceRecord;

RequestRef Request(std::string content) { return {.id = "r", .fingerprint = std::move(content)}; }

class RequestIdTest : public ::testing::Test {
 protected:
  RequestIdTest() { ledger_.AddCustomer("ada", "pro"); }

  static CatalogSpec RequestIdCatalog(std::string_view price = "10") {
    return CatalogOf(
        {PlanOf("pro", {UsageBased("calls", price)}), PlanOf("max", {UsageBased("calls", "5")})});
  }
  InvoiceRecord NewInvoice(bool draft = false) {
    ledger_.Use("ada", "calls", "1");
    return Must(ledger_.Invoice({.customer = "ada", .draft = draft})).value.record;
  }
  // `call` takes a RequestRef and makes a change that is not idempotent by itself.
  template <typename Call>
  void ExpectRemembered(Call call) {
    const auto first = call(Request("a"));
    ASSERT_TRUE(first.ok()) << first.status();
    EXPECT_FALSE(first->replayed);
    const auto again = call(Request("a"));
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_TRUE(again->replayed);
    const auto other = call(Request("b"));
    EXPECT_THAT(other, RefusedAs(Reason::kRequestIdReused));
    EXPECT_EQ(ValueIn(other.status(), "request_id"), "r");
    ledger_.Reopen();
    EXPECT_TRUE(call(Request("a"))->replayed);
    ledger_.Advance(absl::Hours(24 * 29));
    EXPECT_TRUE(call(Request("a"))->replayed);
  }

  TestLedger ledger_{RequestIdCatalog()};
};

TEST_F(RequestIdTest, CreateCustomerIsRemembered) {
  ExpectRemembered([this](RequestRef request) { return ledger_.Create({.id = "bob"}, request); });
}

TEST_F(RequestIdTest, UpdateCustomerIsRememberedUnderTheOldName) {
  ExpectRemembered(
      [this](RequestRef request) { return ledger_.Update("ada", {.id = "bob"}, request); });
}

TEST_F(RequestIdTest, SubscribeIsRemembered) {
  ledger_.Advance(absl::Hours(1));
  ExpectRemembered([this](RequestRef request) {
    return ledger_.Subscribe({.customer = "ada", .plan = "max", .request = request});
  });
  EXPECT_EQ(Must(ledger_.Subscriptions("ada")).size(), 2);
}

TEST_F(RequestIdTest, CancelSubscriptionIsRemembered) {
  ledger_.Advance(absl::Hours(1));
  ExpectRemembered([this](RequestRef request) {
    return ledger_.Cancel({.customer = "ada", .request = request});
  });
}

TEST_F(RequestIdTest, InvoiceIsRemembered) {
  ledger_.Use("ada", "calls", "1");
  ExpectRemembered([this](RequestRef request) {
    return ledger_.Invoice({.customer = "ada", .request = request});
  });
  EXPECT_EQ(Must(ledger_.ListInvoices({.limit = kWholePage})).invoices.size(), 1);
}

TEST_F(RequestIdTest, TransitionsAreRemembered) {
  const InvoiceRecord draft = NewInvoice(/*draft=*/true);
  ExpectRemembered([&](RequestRef request) { return ledger_.Finalize(draft, request); });
  const InvoiceRecord open = NewInvoice();
  ExpectRemembered([&](RequestRef request) { return ledger_.Pay(open, "x", request); });
  const InvoiceRecord wrong = NewInvoice();
  ExpectRemembered([&](RequestRef request) { return ledger_.Void(wrong, "x", request); });
}

TEST_F(RequestIdTest, SyncCatalogIsRemembered) {
  ExpectRemembered([this](RequestRef request) {
    CatalogSpec spec = RequestIdCatalog("20");
    spec.request = std::move(request);
    return ledger_.Sync(spec);
  });
}

// A repeat must not report "updated" if it updated nothing.
TEST_F(RequestIdTest, ARepeatedSyncSaysHowThingsAreNow) {
  CatalogSpec spec = RequestIdCatalog("20");
  spec.request = Request("a");
  EXPECT_EQ(Must(ledger_.Sync(spec)).value[1].version, 2);
  Must(ledger_.Sync(RequestIdCatalog("30")));
  const auto again = Must(ledger_.Sync(spec));
  EXPECT_TRUE(again.replayed);
  EXPECT_EQ(again.value[1].action, CatalogAction::kUnchanged);
  EXPECT_EQ(again.value[1].version, 3);
  EXPECT_EQ(storage::WholeCatalog(ledger_.store()).plans(0).versions_size(), 3);
}

TEST_F(RequestIdTest, ARepeatAnswersWithTheObjectAsItIsNow) {
  ledger_.Use("ada", "calls", "1");
  const InvoiceParams params{.customer = "ada", .request = Request("a")};
  const InvoiceRecord invoice = Must(ledger_.Invoice(params)).value.record;
  Must(ledger_.Pay(invoice, "x"));
  const auto again = Must(ledger_.Invoice(params));
  EXPECT_TRUE(again.replayed);
  EXPECT_EQ(again.value.record.id(), invoice.id());
  EXPECT_EQ(again.value.record.status(), storage::INVOICE_STATUS_RECORD_PAID);
}

TEST_F(RequestIdTest, SuccessfulCallsThatChangeNothingAreRememberedToo) {
  const InvoiceRecord invoice = NewInvoice();
  Must(ledger_.Pay(invoice, "x"));
  ExpectRemembered([&](RequestRef request) { return ledger_.Pay(invoice, "x", request); });
  ExpectRemembered([&](RequestRef request) { return ledger_.Finalize(invoice, request); });
  ExpectRemembered(
      [&](RequestRef request) { return ledger_.Update("ada", {.name = ""}, request); });
  ExpectRemembered([&](RequestRef request) {
    return ledger_.Subscribe({.customer = "ada", .plan = "pro", .request = request});
  });
  ExpectRemembered([&](RequestRef request) {
    CatalogSpec spec = RequestIdCatalog();
    spec.request = std::move(request);
    return ledger_.Sync(spec);
  });
}

TEST_F(RequestIdTest, FailuresStoreNoRequest) {
  const InvoiceParams params{.customer = "ada", .request = Request("a")};
  EXPECT_THAT(ledger_.Invoice(params), RefusedAs(Reason::kNoUnbilledUsage));
  ledger_.Use("ada", "calls", "1");
  EXPECT_FALSE(Must(ledger_.Invoice(params)).replayed);

  EXPECT_THAT(ledger_.Create({.id = "ada"}, Request("a")), RefusedAs(Reason::kCustomerExists));
  EXPECT_FALSE(Must(ledger_.Create({.id = "bob"}, Request("b"))).replayed);

  SubscribeParams subscribe{.customer = "bob", .plan = "no-such", .request = Request("a")};
  EXPECT_THAT(ledger_.Subscribe(subscribe), RefusedAs(Reason::kPlanNotFound));
  subscribe.plan = "pro";
  EXPECT_FALSE(Must(ledger_.Subscribe(subscribe)).replayed);
}

TEST_F(RequestIdTest, ValidateOnlyStoresNoRequest) {
  CatalogSpec spec = RequestIdCatalog("20");
  spec.request = Request("a");
  spec.validate_only = true;
  EXPECT_FALSE(Must(ledger_.Sync(spec)).replayed);
  EXPECT_FALSE(Must(ledger_.Sync(spec)).replayed);
  spec.validate_only = false;
  EXPECT_FALSE(Must(ledger_.Sync(spec)).replayed);
}

TEST_F(RequestIdTest, AnIdBelongsToItsCallOnly) {
  ledger_.Use("ada", "calls", "1");
  EXPECT_FALSE(Must(ledger_.Create({.id = "bob"}, Request("a"))).replayed);
  EXPECT_FALSE(Must(ledger_.Update("bob", {.name = "Bob"}, Request("b"))).replayed);
  EXPECT_FALSE(Must(ledger_.Invoice({.customer = "ada", .request = Request("c")})).replayed);
}

TEST_F(RequestIdTest, IsForgottenAfterThirtyDays) {
  ledger_.Use("ada", "calls", "1");
  const InvoiceParams params{.customer = "ada", .request = Request("a")};
  Must(ledger_.Invoice(params));
  ledger_.Advance(absl::Hours(24 * 31));
  EXPECT_THAT(ledger_.Invoice(params), RefusedAs(Reason::kNoUnbilledUsage));
}

// The same request succeeds between the lookup of its id and the read of its data.
TEST_F(RequestIdTest, ARepeatThatFindsNothingLeftToDoIsAnsweredAsARepeat) {
  ledger_.Use("ada", "calls", "1");
  const InvoiceParams params{.customer = "ada", .request = Request("a")};
  std::string made;
  ledger_.store().BeforeNextRead([&] { made = Must(ledger_.Invoice(params)).value.record.id(); });
  const auto answer = Must(ledger_.Invoice(params));
  EXPECT_TRUE(answer.replayed);
  EXPECT_EQ(answer.value.record.id(), made);

  ledger_.Use("ada", "calls", "1");
  ledger_.store().BeforeNextRead([&] { ledger_.Bill("ada"); });
  EXPECT_THAT(ledger_.Invoice({.customer = "ada", .request = {"other", "b"}}),
              RefusedAs(Reason::kNoUnbilledUsage));
}

TEST_F(RequestIdTest, ARepeatNeedsNoRoomOnTheDisk) {
  const auto full = [&] {
    ledger_.Use("ada", "calls", "1");
    ledger_.store().RefuseNextCommit(absl::ResourceExhaustedError("the disk is full"));
  };
  const InvoiceParams params{.customer = "ada", .request = Request("a")};
  full();
  EXPECT_TRUE(absl::IsResourceExhausted(ledger_.Invoice(params).status()));
  const std::string made = Must(ledger_.Invoice(params)).value.record.id();
  full();
  const auto again = Must(ledger_.Invoice(params));
  EXPECT_TRUE(again.replayed);
  EXPECT_EQ(again.value.record.id(), made);
}

TEST_F(RequestIdTest, OfManyConcurrentRepeatsOneMakesAnInvoice) {
  ledger_.Use("ada", "calls", "1");
  std::vector<std::string> ids(16);
  std::atomic<int> made = 0;
  storage::InParallel(16, [&](int i) {
    const auto answer = Must(ledger_.Invoice({.customer = "ada", .request = Request("a")}));
    made += answer.replayed ? 0 : 1;
    ids[i] = answer.value.record.id();
  });
  EXPECT_EQ(made, 1);
  for (const std::string& id : ids) EXPECT_EQ(id, ids[0]);
}

}  // namespace
}  // namespace owo::ledger
