#include <gmock/gmock.h>

#include "service/rpc/page_token.h"
#include "tests/rpc/parse_testing.h"

namespace owo::rpc {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

std::vector<std::string> WrongInNew(const std::string& customer) {
  return WrongFields(ParseCreateCustomerRequest, "customer { " + customer + " }");
}

TEST(ParseCustomersTest, CustomersAreReadAsWritten) {
  const CustomerParams params = Must(ParseText(
      ParseCreateCustomerRequest,
      "customer { id: 'user_123' email: 'Ada@Example.com' name: 'Ada' time_zone: 'Africa/Lagos' "
      "metadata { key: 'k' value: 'v' } spend_cap: 5000 currency: 'ignored' }"));
  EXPECT_EQ(params.fields.id, "user_123");
  EXPECT_EQ(params.fields.email, "Ada@Example.com");
  EXPECT_EQ(params.fields.name, "Ada");
  EXPECT_EQ(params.fields.time_zone, "Africa/Lagos");
  EXPECT_THAT(*params.fields.metadata, ElementsAre(std::pair("k", "v")));
  EXPECT_EQ(params.fields.spend_cap, std::optional<storage::MinorUnits>(5000));
  EXPECT_EQ(params.fields.path, "customer");
}

TEST(ParseCustomersTest, ANewCustomerWithoutZoneIsInUtcAndHasNoCap) {
  const CustomerParams params =
      Must(ParseText(ParseCreateCustomerRequest, "customer { id: 'user_123' }"));
  EXPECT_EQ(params.fields.time_zone, "UTC");
  EXPECT_EQ(params.fields.spend_cap.value(), std::nullopt);
}

TEST(ParseCustomersTest, IdsArePrintable) {
  EXPECT_THAT(WrongInNew(""), ElementsAre("customer.id"));
  EXPECT_THAT(WrongFields(ParseCreateCustomerRequest, ""), ElementsAre("customer.id"));
  EXPECT_THAT(WrongInNew("id: " + Text(128)), IsEmpty());
  EXPECT_THAT(WrongInNew("id: " + Text(129)), ElementsAre("customer.id"));
  EXPECT_THAT(WrongInNew("id: 'Zoë 客户'"), IsEmpty());
  EXPECT_THAT(WrongInNew("id: '😀 a\u0301'"), IsEmpty());
  for (const char* bad :
       {R"('a\nb')",    R"('a\000b')",  R"('a\x7f')",  R"('a\302\205')", "' a'",      "'a '",
        "'a\u00A0b'",   "'a\u00ADb'",   "'\u061Ca'",   "'a\u200Bb'",     "'a\u200F'", "'a\u2028b'",
        "'a\u202Eb'",   "'a\u2066b'",   "'a\u3000b'",  "'\uE000'",       "'\uF8FF'",  "'\uFEFFa'",
        "'\U000E0041'", "'\U000F0000'", "'\U0010FFFD'"}) {
    EXPECT_THAT(WrongInNew(std::string("id: ") + bad), ElementsAre("customer.id")) << bad;
    const std::string email = std::string("id: 'a' email: ") + bad;
    EXPECT_THAT(WrongInNew(email), Contains("customer.email")) << bad;
  }
}

TEST(ParseCustomersTest, ZonesAreThoseOfTheIanaDatabase) {
  for (const char* bad : {"Mars/Olympus", "../etc", "localtime"}) {
    EXPECT_THAT(WrongInNew("id: 'a' time_zone: '" + std::string(bad) + "'"),
                ElementsAre("customer.time_zone"));
  }
}

TEST(ParseCustomersTest, EverythingThatIsWrongIsNamedAtOnce) {
  EXPECT_THAT(
      WrongInNew("id: '\\n' email: 'x' time_zone: 'Mars/Olympus' spend_cap: -1 name: " + Text(257)),
      UnorderedElementsAre("customer.id", "customer.email", "customer.time_zone",
                           "customer.spend_cap", "customer.name"));
  EXPECT_THAT(
      WrongFields(ParseUpdateCustomerRequest,
                  "update { id: '\\n' time_zone: 'Mars/Olympus' } update_mask { paths: 'id' "
                  "paths: 'time_zone' paths: 'none' } request_id: " +
                      Text(65)),
      UnorderedElementsAre("customer", "update_mask", "update.id", "update.time_zone",
                           "request_id"));
}

TEST(ParseCustomersTest, EmailsHaveOneAtInside) {
  const auto wrong = [](const std::string& email) {
    return WrongInNew("id: 'a' email: '" + email + "'");
  };
  EXPECT_THAT(wrong(""), IsEmpty());
  EXPECT_THAT(wrong("a@b"), IsEmpty());
  EXPECT_THAT(wrong(std::string(252, 'x') + "@y"), IsEmpty());
  EXPECT_THAT(wrong(std::string(253, 'x') + "@y"), ElementsAre("customer.email"));
  for (const char* bad : {"a", "@b", "a@", "a@b@c", "@"}) {
    EXPECT_THAT(wrong(bad), ElementsAre("customer.email")) << bad;
  }
}

TEST(ParseCustomersTest, TheRestOfACustomerIsBounded) {
  EXPECT_THAT(WrongInNew("id: 'a' name: " + Text(257)), ElementsAre("customer.name"));
  EXPECT_THAT(WrongInNew("id: 'a' time_zone: " + Text(65)), ElementsAre("customer.time_zone"));
  EXPECT_THAT(WrongInNew("id: 'a' spend_cap: 0"), IsEmpty());
  EXPECT_THAT(WrongInNew("id: 'a' spend_cap: 100000000000000000"), IsEmpty());
  EXPECT_THAT(WrongInNew("id: 'a' spend_cap: 100000000000000001"),
              ElementsAre("customer.spend_cap"));
  EXPECT_THAT(WrongInNew("id: 'a' spend_cap: -1"), ElementsAre("customer.spend_cap"));
  EXPECT_THAT(WrongInNew("id: 'a' " + Entries("metadata", 51)), ElementsAre("customer.metadata"));
}

TEST(ParseCustomersTest, OnlyWhatTheMaskNamesIsLookedAt) {
  const CustomerParams params = Must(ParseText(
      ParseUpdateCustomerRequest,
      "customer: 'a' update { name: 'New' email: 'malformed' } update_mask { paths: 'name' "
      "paths: 'spend_cap' }"));
  EXPECT_EQ(params.customer, "a");
  EXPECT_EQ(params.fields.name, "New");
  EXPECT_EQ(params.fields.email, std::nullopt);
  EXPECT_EQ(params.fields.time_zone, std::nullopt);
  ASSERT_TRUE(params.fields.spend_cap.has_value());
  EXPECT_EQ(*params.fields.spend_cap, std::nullopt);  // in the mask, but absent: to be cleared
}

TEST(ParseCustomersTest, MasksNameFieldsOfACustomer) {
  const auto wrong = [](const std::string& rest) {
    return WrongFields(ParseUpdateCustomerRequest, "customer: 'a' " + rest);
  };
  EXPECT_THAT(wrong("update { } update_mask { paths: 'currency' }"), ElementsAre("update_mask"));
  EXPECT_THAT(wrong("update { } update_mask { paths: 'metadata.k' }"), ElementsAre("update_mask"));
  EXPECT_THAT(wrong("update { } update_mask { paths: '*' }"), ElementsAre("update_mask"));
  EXPECT_THAT(wrong("update { }"), ElementsAre("update_mask"));
  EXPECT_THAT(wrong("update_mask { paths: 'name' }"), ElementsAre("update"));
  EXPECT_THAT(wrong("update { } update_mask { paths: 'id' }"), ElementsAre("update.id"));
}

TEST(ParseCustomersTest, SubscriptionsAreReadAsWritten) {
  const ledger::SubscribeParams params = Must(ParseText(
      ParseSubscribeRequest,
      "customer: 'ada' plan: 'pro' start { seconds: 7 } metadata { key: 'k' value: 'v' }"));
  EXPECT_EQ(params.plan, "pro");
  EXPECT_EQ(params.start, 7'000'000);
  EXPECT_THAT(params.metadata, ElementsAre(std::pair("k", "v")));
  EXPECT_THAT(WrongFields(ParseSubscribeRequest, "plan: 'PRO' start { seconds: -1 }"),
              ElementsAre("customer", "plan", "start"));
}

TEST(ParseCustomersTest, ACancellationHasOneEnd) {
  EXPECT_TRUE(Must(ParseText(ParseCancelSubscriptionRequest, "customer: 'a' at_period_end: true"))
                  .at_period_end);
  EXPECT_EQ(Must(ParseText(ParseCancelSubscriptionRequest, "customer: 'a' end { seconds: 7 }")).end,
            7'000'000);
  EXPECT_THAT(WrongFields(ParseCancelSubscriptionRequest,
                          "customer: 'a' end { seconds: 7 } at_period_end: true"),
              ElementsAre("at_period_end"));
}

TEST(ParseCustomersTest, AResumptionNamesACustomer) {
  const ledger::ResumeParams params =
      Must(ParseText(ParseResumeSubscriptionRequest, "customer: 'ada' request_id: 'r'"));
  EXPECT_EQ(params.customer, "ada");
  EXPECT_EQ(params.request.id, "r");
  EXPECT_THAT(WrongFields(ParseResumeSubscriptionRequest, ""), ElementsAre("customer"));
}

TEST(ParseCustomersTest, ListsGoOnWhereTheirTokensSay) {
  pb::ListCustomersRequest customers;
  customers.set_page_token(PageTokens(customers, storage::kDefaultTenant).Make("ada"));
  EXPECT_EQ(Must(ParseListCustomersRequest(AnyContext(), customers)).after, "ada");
  customers.set_page_token("ada");
  EXPECT_THAT(FieldsIn(ParseListCustomersRequest(AnyContext(), customers).status()),
              ElementsAre("page_token"));
  auto subscriptions = FromText<pb::ListSubscriptionsRequest>("customer: 'ada'");
  subscriptions.set_page_token(PageTokens(subscriptions, storage::kDefaultTenant).Make("sub_1_2"));
  EXPECT_EQ(Must(ParseListSubscriptionsRequest(AnyContext(), subscriptions)).after, "sub_1_2");
  // A token of one list is not valid for another.
  subscriptions.set_page_token(PageTokens(customers, storage::kDefaultTenant).Make("sub_1_2"));
  EXPECT_THAT(FieldsIn(ParseListSubscriptionsRequest(AnyContext(), subscriptions).status()),
              ElementsAre("page_token"));
}

}  // namespace
}  // namespace owo::rpc
