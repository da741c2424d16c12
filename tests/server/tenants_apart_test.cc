// Tenants see nothing of each other, over the network: the same ids in two tenants are two things,
// and an object of another tenant is answered as one that does not exist.

#include <gmock/gmock.h>

#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "owo/billing/v1/admin.pb.h"
#include "owo/billing/v1/billing.pb.h"
#include "owo/billing/v1/catalog.pb.h"
#include "owo/billing/v1/customers.pb.h"
#include "owo/billing/v1/metering.pb.h"
#include "tests/client/proto_text.h"
#include "tests/support/api_call.h"
#include "tests/support/server.h"

namespace owo::service {
namespace {

namespace pb = ::owo::billing::v1;
using ::testing::ElementsAre;
using testing::FromText;

constexpr char kOperator[] = "operator-key-0123456789-abcdefghij";

class TenantsApartTest : public ::testing::Test {
 protected:
  void SetUp() override {
    acme_ = NewTenant("acme");
    bolt_ = NewTenant("bolt");
  }

  static ServerOptions Options() {
    ServerOptions options;
    options.require_keys = true;
    options.operator_key = kOperator;
    return options;
  }

  // Returns the metadata of a key that may do everything in a new tenant.
  std::string NewTenant(const std::string& slug) {
    const std::string bearer = absl::StrCat("Bearer ", kOperator);
    Must<pb::CreateTenantResponse>(
        "Admin/CreateTenant", FromText<pb::CreateTenantRequest>("slug: '" + slug + "'"), bearer);
    return "Bearer " + Must<pb::CreateApiKeyResponse>(
                           "Admin/CreateApiKey",
                           FromText<pb::CreateApiKeyRequest>(
                               "scopes: [SCOPE_TRACK, SCOPE_READ, SCOPE_BILLING, SCOPE_ADMIN] "
                               "tenant: '" +
                               slug + "'"),
                           bearer)
                           .text();
  }
  template <typename Response, typename Request>
  Response Must(const std::string& rpc, const Request& request, const std::string& bearer) {
    return MustCallApi<Response>(channel_, rpc, request, bearer);
  }

  // A catalog with one plan of this price, and a customer on it.
  void SetUpAda(const std::string& bearer, const std::string& price) {
    const std::string catalog = absl::StrCat(
        "features { slug: 'calls' name: 'API calls' } plans { slug: 'pro' name: 'Pro' currency: "
        "'USD' features { feature_slug: 'calls' usage_model: USAGE_MODEL_USAGE_BASED unit_price: '",
        price, "' } } request_id: 'sync'");
    Must<pb::SyncCatalogResponse>("Catalog/SyncCatalog", FromText<pb::SyncCatalogRequest>(catalog),
                                  bearer);
    const auto created = Must<pb::CreateCustomerResponse>(
        "Customers/CreateCustomer",
        FromText<pb::CreateCustomerRequest>(
            "customer { id: 'ada' email: 'ada@example.com' name: '" + price +
            "' } "
            "request_id: 'create'"),
        bearer);
    EXPECT_FALSE(created.replayed());
    const auto subscribed = Must<pb::SubscribeResponse>(
        "Customers/Subscribe",
        FromText<pb::SubscribeRequest>("customer: 'ada' plan: 'pro' request_id: 'subscribe'"),
        bearer);
    EXPECT_FALSE(subscribed.replayed());
  }
  pb::TrackResponse Track(const std::string& bearer, const std::string& id,
                          const std::string& quantity) {
    return Must<pb::TrackResponse>(
        "Metering/Track",
        FromText<pb::TrackRequest>("customer: 'ada' feature: 'calls' quantity: '" + quantity +
                                   "' event_id: '" + id + "'"),
        bearer);
  }
  int64_t Due(const std::string& bearer) {
    return Must<pb::UsageResponse>("Billing/Usage", FromText<pb::UsageRequest>("customer: 'ada'"),
                                   bearer)
        .total_estimated();
  }

  // The answer to `rpc` must be the same, byte for byte, for an object of another tenant and for
  // one that there is nowhere. `request` has "#" for the object's name.
  template <typename Request>
  void ExpectAlike(const std::string& rpc, const std::string& request, const std::string& foreign,
                   const std::string& unknown) {
    ASSERT_EQ(foreign.size(), unknown.size());
    const auto ask = [&](const std::string& name) {
      return CallApi(channel_, rpc, FromText<Request>(absl::StrReplaceAll(request, {{"#", name}})),
                     acme_);
    };
    const ApiAnswer of_foreign = ask(foreign);
    const ApiAnswer of_unknown = ask(unknown);
    EXPECT_EQ(of_foreign.code, of_unknown.code) << rpc;
    const auto same = [&](const std::string& text) {
      return absl::StrReplaceAll(text, {{unknown, foreign}});
    };
    EXPECT_EQ(of_foreign.message, same(of_unknown.message)) << rpc;
    EXPECT_EQ(of_foreign.details, same(of_unknown.details)) << rpc;
    EXPECT_EQ(of_foreign.response, same(of_unknown.response)) << rpc;
    // A batch answers for each event.
    if (rpc != "Metering/TrackBatch") {
      EXPECT_EQ(of_foreign.code, grpc::StatusCode::NOT_FOUND) << rpc << of_foreign.message;
    }
  }

  InProcessServer server_{Options()};
  const std::shared_ptr<grpc::Channel> channel_ = server_.NewChannel();
  std::string acme_;
  std::string bolt_;
};

// Calls alternate between the tenants, so that whatever is cached without the tenant is found.
TEST_F(TenantsApartTest, TheSameIdsInTwoTenantsAreTwoThings) {
  SetUpAda(acme_, "10");
  SetUpAda(bolt_, "1000");
  for (int i = 0; i < 3; ++i) {
    const std::string id = absl::StrCat("event-", i);
    EXPECT_FALSE(Track(acme_, id, "2").duplicate()) << id;
    EXPECT_FALSE(Track(bolt_, id, "3").duplicate()) << id << " is an id of the other tenant only";
    EXPECT_TRUE(Track(acme_, id, "2").duplicate()) << id;
  }
  EXPECT_EQ(Due(acme_), 3 * 2 * 10);
  EXPECT_EQ(Due(bolt_), 3 * 3 * 1000);

  std::map<std::string, pb::Invoice> invoices;  // by key
  for (const std::string& bearer : {acme_, bolt_}) {
    const auto invoiced = Must<pb::InvoiceResponse>(
        "Billing/Invoice", FromText<pb::InvoiceRequest>("customer: 'ada' request_id: 'invoice'"),
        bearer);
    EXPECT_FALSE(invoiced.replayed());
    EXPECT_EQ(invoiced.invoice().number(), "INV-000001") << "each tenant has its own numbers";
    invoices[bearer] = invoiced.invoice();
  }
  EXPECT_EQ(invoices[acme_].total(), 60);
  EXPECT_EQ(invoices[bolt_].total(), 9000);

  server_.Restart();
  const auto channel = server_.NewChannel();
  for (const auto& [bearer, name, price] :
       {std::tuple(acme_, "10", int64_t{60}), {bolt_, "1000", int64_t{9000}}}) {
    const auto listed = MustCallApi<pb::ListInvoicesResponse>(channel, "Billing/ListInvoices",
                                                              pb::ListInvoicesRequest(), bearer);
    ASSERT_EQ(listed.invoices_size(), 1);
    EXPECT_EQ(listed.invoices(0).id(), invoices[bearer].id());
    EXPECT_EQ(listed.invoices(0).total(), price);
    const auto customers = MustCallApi<pb::ListCustomersResponse>(
        channel, "Customers/ListCustomers", pb::ListCustomersRequest(), bearer);
    ASSERT_EQ(customers.customers_size(), 1);
    EXPECT_EQ(customers.customers(0).name(), name);
    const auto by_email = MustCallApi<pb::GetCustomerResponse>(
        channel, "Customers/GetCustomer",
        FromText<pb::GetCustomerRequest>("customer: 'ada@example.com'"), bearer);
    EXPECT_EQ(by_email.customer().name(), name);
    const auto plans = MustCallApi<pb::ListPlansResponse>(channel, "Catalog/ListPlans",
                                                          pb::ListPlansRequest(), bearer);
    ASSERT_EQ(plans.plans_size(), 1);
    EXPECT_EQ(plans.plans(0).features(0).unit_price(), name);
    const auto events = MustCallApi<pb::ListEventsResponse>(
        channel, "Metering/ListEvents", FromText<pb::ListEventsRequest>("customer: 'ada'"), bearer);
    ASSERT_EQ(events.events_size(), 3);
    for (const auto& event : events.events())
      EXPECT_EQ(event.quantity(), name == std::string("10") ? "2" : "3");
    const auto usage = MustCallApi<pb::ListUsageResponse>(
        channel, "Metering/ListUsage", FromText<pb::ListUsageRequest>("customer: 'ada'"), bearer);
    EXPECT_EQ(usage.next_page_token(), "");
  }
}

TEST_F(TenantsApartTest, ARepeatedRequestIsOneOfItsTenantOnly) {
  SetUpAda(acme_, "10");
  const auto create = FromText<pb::CreateCustomerRequest>(
      "customer { id: 'ada' email: 'ada@example.com' name: '10' } request_id: 'create'");
  EXPECT_TRUE(
      Must<pb::CreateCustomerResponse>("Customers/CreateCustomer", create, acme_).replayed());
  EXPECT_FALSE(
      Must<pb::CreateCustomerResponse>("Customers/CreateCustomer", create, bolt_).replayed());
  // With other contents it is no misuse of an id of the other tenant.
  const auto other = FromText<pb::CreateApiKeyRequest>("scopes: SCOPE_READ request_id: 'create'");
  for (const std::string& bearer : {acme_, bolt_}) {
    EXPECT_FALSE(Must<pb::CreateApiKeyResponse>("Admin/CreateApiKey", other, bearer).replayed());
    EXPECT_TRUE(Must<pb::CreateApiKeyResponse>("Admin/CreateApiKey", other, bearer).replayed());
  }
}

TEST_F(TenantsApartTest, APageTokenIsOneOfItsTenantOnly) {
  for (const std::string& bearer : {acme_, bolt_}) {
    for (const char* const id : {"ada", "bob", "eve"}) {
      pb::CreateCustomerRequest request;
      request.mutable_customer()->set_id(id);
      Must<pb::CreateCustomerResponse>("Customers/CreateCustomer", request, bearer);
    }
  }
  auto query = FromText<pb::ListCustomersRequest>("page_size: 1");
  query.set_page_token(
      Must<pb::ListCustomersResponse>("Customers/ListCustomers", query, acme_).next_page_token());
  ASSERT_NE(query.page_token(), "");
  const auto next = Must<pb::ListCustomersResponse>("Customers/ListCustomers", query, acme_);
  EXPECT_EQ(next.customers(0).id(), "bob");
  const ApiAnswer foreign = CallApi(channel_, "Customers/ListCustomers", query, bolt_);
  EXPECT_EQ(foreign.reason, "INVALID_REQUEST");
  EXPECT_THAT(foreign.metadata, ElementsAre(::testing::Pair("field", "page_token")));
}

TEST_F(TenantsApartTest, ACustomerOfAnotherTenantIsOneThatThereIsNot) {
  SetUpAda(acme_, "10");
  pb::CreateCustomerRequest zoe;
  zoe.mutable_customer()->set_id("zoe-of-bolt");
  Must<pb::CreateCustomerResponse>("Customers/CreateCustomer", zoe, bolt_);
  const auto expect = [&]<typename Request>(const std::string& rpc, const Request& /*type*/,
                                            const std::string& more = "") {
    ExpectAlike<Request>(rpc, "customer: '#' " + more, "zoe-of-bolt", "zoe-nowhere");
  };
  expect("Billing/Usage", pb::UsageRequest());
  expect("Billing/Invoice", pb::InvoiceRequest());
  expect("Billing/ListInvoices", pb::ListInvoicesRequest());
  expect("Customers/GetCustomer", pb::GetCustomerRequest());
  expect("Customers/UpdateCustomer", pb::UpdateCustomerRequest(),
         "update { name: 'x' } update_mask { paths: 'name' }");
  expect("Customers/Subscribe", pb::SubscribeRequest(), "plan: 'pro'");
  expect("Customers/CancelSubscription", pb::CancelSubscriptionRequest());
  expect("Customers/ResumeSubscription", pb::ResumeSubscriptionRequest());
  expect("Customers/ListSubscriptions", pb::ListSubscriptionsRequest());
  expect("Metering/Track", pb::TrackRequest(), "feature: 'calls' quantity: '1' event_id: 'e'");
  expect("Metering/Check", pb::CheckRequest(), "feature: 'calls'");
  expect("Metering/ListUsage", pb::ListUsageRequest());
  expect("Metering/ListEvents", pb::ListEventsRequest());
  ExpectAlike<pb::TrackBatchRequest>(
      "Metering/TrackBatch",
      "events { customer: '#' feature: 'calls' quantity: '1' event_id: 'e' }", "zoe-of-bolt",
      "zoe-nowhere");
}

TEST_F(TenantsApartTest, AnInvoiceOfAnotherTenantIsOneThatThereIsNot) {
  SetUpAda(bolt_, "1000");
  Track(bolt_, "e1", "1");
  const std::string invoice =
      Must<pb::InvoiceResponse>("Billing/Invoice", FromText<pb::InvoiceRequest>("customer: 'ada'"),
                                bolt_)
          .invoice()
          .id();
  std::string none = invoice;
  none.back() = none.back() == '0' ? '1' : '0';
  const std::string id = "invoice_id: '#' ";
  ExpectAlike<pb::GetInvoiceRequest>("Billing/GetInvoice", id, invoice, none);
  ExpectAlike<pb::FinalizeInvoiceRequest>("Billing/FinalizeInvoice", id, invoice, none);
  ExpectAlike<pb::PayInvoiceRequest>("Billing/PayInvoice", id, invoice, none);
  ExpectAlike<pb::VoidInvoiceRequest>("Billing/VoidInvoice", id, invoice, none);
  ExpectAlike<pb::ListInvoiceEventsRequest>("Billing/ListInvoiceEvents", id + "line: 1", invoice,
                                            none);
  const auto mine = Must<pb::GetInvoiceResponse>(
      "Billing/GetInvoice", FromText<pb::GetInvoiceRequest>("invoice_id: '" + invoice + "'"),
      bolt_);
  EXPECT_EQ(mine.invoice().status(), pb::INVOICE_STATUS_OPEN) << "it was neither paid nor voided";
}

TEST_F(TenantsApartTest, ACatalogOfAnotherTenantIsOneThatThereIsNot) {
  SetUpAda(acme_, "10");
  Must<pb::SyncCatalogResponse>(
      "Catalog/SyncCatalog",
      FromText<pb::SyncCatalogRequest>(
          "features { slug: 'seats' name: 'Seats' } plans { slug: 'max' name: 'Max' "
          "currency: 'USD' features { feature_slug: 'seats' "
          "usage_model: USAGE_MODEL_USAGE_BASED unit_price: '1' } }"),
      bolt_);
  ExpectAlike<pb::GetPlanRequest>("Catalog/GetPlan", "plan: '#'", "max", "mix");
  ExpectAlike<pb::SubscribeRequest>("Customers/Subscribe", "customer: 'ada' plan: '#'", "max",
                                    "mix");
  ExpectAlike<pb::TrackRequest>("Metering/Track",
                                "customer: 'ada' feature: '#' quantity: '1' event_id: 'e'", "seats",
                                "boots");
  ExpectAlike<pb::ListUsageRequest>("Metering/ListUsage", "customer: 'ada' feature: '#'", "seats",
                                    "boots");
}

TEST_F(TenantsApartTest, AnotherTenantAndItsKeysAreOnesThatThereAreNot) {
  const auto key = Must<pb::CreateApiKeyResponse>(
      "Admin/CreateApiKey", FromText<pb::CreateApiKeyRequest>("scopes: SCOPE_READ"), bolt_);
  const std::string& id = key.api_key().key_id();
  const std::string none = "00000000000000";
  const std::string tenant = "tenant: '#' ";
  ExpectAlike<pb::GetTenantRequest>("Admin/GetTenant", tenant, "bolt", "volt");
  ExpectAlike<pb::ListApiKeysRequest>("Admin/ListApiKeys", tenant, "bolt", "volt");
  ExpectAlike<pb::CreateApiKeyRequest>("Admin/CreateApiKey", tenant + "scopes: SCOPE_READ", "bolt",
                                       "volt");
  ExpectAlike<pb::RevokeApiKeyRequest>("Admin/RevokeApiKey", tenant + "key_id: '" + id + "'",
                                       "bolt", "volt");
  ExpectAlike<pb::RevokeApiKeyRequest>("Admin/RevokeApiKey", "key_id: '#'", id, none);
  ExpectAlike<pb::RotateApiKeyRequest>("Admin/RotateApiKey", "key_id: '#'", id, none);
  const auto keys =
      Must<pb::ListApiKeysResponse>("Admin/ListApiKeys", pb::ListApiKeysRequest(), bolt_);
  EXPECT_EQ(keys.api_keys_size(), 2);
  for (const pb::ApiKey& one : keys.api_keys()) EXPECT_EQ(one.status(), pb::API_KEY_STATUS_ACTIVE);
}

}  // namespace
}  // namespace owo::service
