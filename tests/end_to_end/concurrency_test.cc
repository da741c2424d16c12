// Many concurrent callers: what must happen once happens once.

#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/str_format.h"
#include "client/cpp/owostack.h"
#include "tests/end_to_end/at_once.h"
#include "tests/end_to_end/server_process.h"
#include "tests/support/temp_dir.h"

namespace owo {
namespace {

using ::testing::AnyOf;

// The number of answers of each kind: "" for success, otherwise the reason.
using Outcomes = std::map<std::string, int>;

class ConcurrencyTest : public ::testing::Test {
 protected:
  ConcurrencyTest() {
    const auto synced = owo_.catalog.sync(
        {.features = {{.slug = "calls", .name = "Calls"}, {.slug = "seats", .name = "Seats"}},
         .plans = {{.slug = "pro",
                    .name = "Pro",
                    .currency = "USD",
                    .features = {{.feature_slug = "calls",
                                  .usage_model = UsageModel::kUsageBased,
                                  .unit_price = "2"},
                                 {.feature_slug = "seats",
                                  .usage_model = UsageModel::kIncluded,
                                  .included = "10",
                                  .overage = OveragePolicy::kBlock}}}}});
    EXPECT_TRUE(synced.ok()) << synced.status();
  }
  void AddCustomer(const std::string& id) {
    const auto created = owo_.customers.create({.id = id});
    EXPECT_TRUE(created.ok()) << created.status();
    const auto subscribed = owo_.customers.subscribe({.customer = id, .plan = "pro"});
    EXPECT_TRUE(subscribed.ok()) << subscribed.status();
  }

  void TrackCalls(const std::string& customer, const std::string& quantity) {
    const auto tracked =
        owo_.track_now({.customer = customer, .feature = "calls", .quantity = quantity});
    ASSERT_TRUE(tracked.ok()) << tracked.status();
    EXPECT_EQ(tracked->code, TrackCode::kTrackedOverage);
  }

  std::string Used(const std::string& customer, const std::string& feature) {
    const auto periods = owo_.usage_history({.customer = customer, .feature = feature});
    EXPECT_TRUE(periods.ok()) << periods.status();
    return periods.ok() && periods->size() == 1 ? periods->front().used : "not in one period";
  }

  std::vector<Invoice> Invoices() {
    const auto result = owo_.billing.invoices({});
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() ? result->invoices : std::vector<Invoice>();
  }

  // Runs call(0) … call(callers - 1) concurrently, and returns their results.
  template <typename Call>
  static auto CallAtOnce(int callers, const Call& call) {
    std::vector<decltype(call(0))> answers(static_cast<size_t>(callers), absl::UnknownError(""));
    AtOnce(callers, [&](int caller) { answers[static_cast<size_t>(caller)] = call(caller); });
    return answers;
  }

  template <typename Value>
  static Outcomes Count(const std::vector<absl::StatusOr<Value>>& answers) {
    Outcomes outcomes;
    for (const auto& answer : answers) {
      const std::string reason = ErrorReason(answer.status());
      ++outcomes[answer.ok() || !reason.empty() ? reason : answer.status().ToString()];
    }
    return outcomes;
  }

  const TempDir dir_;
  ServerProcess server_{dir_.path()};
  const Owostack owo_{{.endpoint = server_.endpoint()}};
};

TEST_F(ConcurrencyTest, ParallelInvoicesOfOneCustomerMakeOne) {
  AddCustomer("acme");
  TrackCalls("acme", "21");
  const auto answers =
      CallAtOnce(64, [this](int) { return owo_.billing.invoice({.customer = "acme"}); });
  EXPECT_EQ(Count(answers), (Outcomes{{"", 1}, {"NO_UNBILLED_USAGE", 63}}));
  ASSERT_EQ(Invoices().size(), 1);
  EXPECT_EQ(Invoices()[0].total, 42);
  EXPECT_EQ(Invoices()[0].number, "INV-000001");
}

TEST_F(ConcurrencyTest, ParallelCallsWithOneRequestIdMakeOneInvoice) {
  AddCustomer("acme");
  TrackCalls("acme", "21");
  const auto answers = CallAtOnce(20, [this](int) {
    return owo_.billing.invoice({.customer = "acme", .request_id = "november"});
  });
  EXPECT_EQ(Count(answers), (Outcomes{{"", 20}}));
  ASSERT_EQ(Invoices().size(), 1);
  int made = 0;
  for (const auto& answer : answers) {
    if (!answer.ok()) continue;
    EXPECT_EQ(answer->invoice.id, Invoices()[0].id);
    made += answer->replayed ? 0 : 1;
  }
  EXPECT_EQ(made, 1);
}

TEST_F(ConcurrencyTest, NumbersOfParallelInvoicesHaveNoGap) {
  constexpr int kCustomers = 100;
  const auto name = [](int i) { return absl::StrFormat("customer-%d", i); };
  std::set<std::string> expected;
  for (int i = 0; i < kCustomers; ++i) {
    AddCustomer(name(i));
    TrackCalls(name(i), "1");
    expected.insert(absl::StrFormat("INV-%06d", i + 1));
  }
  const auto answers =
      CallAtOnce(kCustomers, [&](int i) { return owo_.billing.invoice({.customer = name(i)}); });
  EXPECT_EQ(Count(answers), (Outcomes{{"", kCustomers}}));
  std::set<std::string> numbers;
  for (const Invoice& invoice : Invoices()) numbers.insert(invoice.number);
  EXPECT_EQ(numbers, expected);
}

TEST_F(ConcurrencyTest, UsageInvoicedWhileItIsTrackedIsBilledOnce) {
  AddCustomer("acme");
  AtOnce(16, [this](int caller) {
    for (int i = 0; i < 20; ++i) {
      if (caller % 4 != 0) {
        TrackCalls("acme", "1");
      } else {
        const auto invoice = owo_.billing.invoice({.customer = "acme"});
        EXPECT_THAT(ErrorReason(invoice.status()), AnyOf("", "NO_UNBILLED_USAGE"));
      }
    }
  });
  int64_t total = 0;
  std::set<std::string> numbers;
  for (const Invoice& invoice : Invoices()) {
    total += invoice.total;
    numbers.insert(invoice.number);
  }
  const auto usage = owo_.billing.usage({.customer = "acme"});
  ASSERT_TRUE(usage.ok()) << usage.status();
  EXPECT_EQ(total + usage->total_estimated, 12 * 20 * 2);
  EXPECT_EQ(*numbers.rbegin(), absl::StrFormat("INV-%06d", numbers.size()));
}

TEST_F(ConcurrencyTest, ABlockingLimitHolds) {
  AddCustomer("acme");
  const auto answers = CallAtOnce(40, [this](int caller) {
    if (caller % 2 == 0) {
      return owo_.track_now({.customer = "acme", .feature = "seats", .quantity = "1"});
    }
    return owo_.check({.customer = "acme", .feature = "seats", .track = true});
  });
  EXPECT_EQ(Count(answers), (Outcomes{{"", 40}}));
  int allowed = 0;
  for (const auto& answer : answers) {
    if (!answer.ok()) continue;
    EXPECT_EQ(answer->allowed, answer->recorded);
    EXPECT_EQ(answer->code, answer->allowed ? TrackCode::kTracked : TrackCode::kLimitExceeded);
    allowed += answer->allowed ? 1 : 0;
  }
  EXPECT_EQ(allowed, 10);
  EXPECT_EQ(Used("acme", "seats"), "10");
}

TEST_F(ConcurrencyTest, AnEventThatManySendIsCountedOnce) {
  AddCustomer("acme");
  const auto answers = CallAtOnce(40, [this](int) {
    return owo_.track_now(
        {.customer = "acme", .feature = "calls", .quantity = "3", .event_id = "event-1"});
  });
  EXPECT_EQ(Count(answers), (Outcomes{{"", 40}}));
  EXPECT_EQ(std::count_if(answers.begin(), answers.end(),
                          [](const auto& answer) { return answer.ok() && !answer->duplicate; }),
            1);
  EXPECT_EQ(Used("acme", "calls"), "3");
}

TEST_F(ConcurrencyTest, ParallelPaymentsSettleOne) {
  AddCustomer("acme");
  TrackCalls("acme", "21");
  const auto invoice = owo_.billing.invoice({.customer = "acme"});
  ASSERT_TRUE(invoice.ok()) << invoice.status();
  const auto pay = [&](const std::string& reference) {
    return owo_.billing.pay_invoice({.invoice_id = invoice->invoice.id, .reference = reference});
  };
  const auto answers =
      CallAtOnce(10, [&](int caller) { return pay(absl::StrFormat("transfer %d", caller)); });
  EXPECT_EQ(Count(answers), (Outcomes{{"", 1}, {"INVOICE_STATUS_CONFLICT", 9}}));

  const auto settled = owo_.billing.get_invoice({.invoice_id = invoice->invoice.id});
  ASSERT_TRUE(settled.ok()) << settled.status();
  EXPECT_EQ(settled->status, InvoiceStatus::kPaid);
  EXPECT_EQ(settled->amount_paid, 42);
  EXPECT_EQ(settled->amount_due, 0);
  ASSERT_EQ(settled->payments.size(), 1);
  for (const auto& answer : answers) {
    if (answer.ok()) {
      EXPECT_EQ(*answer, *settled);
    }
  }
}

}  // namespace
}  // namespace owo
