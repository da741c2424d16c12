// The server through the eyes of grpcurl, `buf curl` and the like: everything they know of it, they
// were told by reflection or have from the file of descriptors that is shipped with it.

#include "tests/end_to_end/generic_client.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "tests/end_to_end/comments.h"
#include "tests/end_to_end/server_process.h"
#include "tests/support/temp_dir.h"

namespace owo {
namespace {

using ::testing::HasSubstr;

constexpr char kPackage[] = "owo.billing.v1";

class GenericClientTest : public ::testing::Test {
 protected:
  std::vector<std::string> OurServices() {
    std::vector<std::string> ours;
    for (const std::string& name : client_.Services()) {
      if (name.starts_with(kPackage)) ours.push_back(name);
    }
    return ours;
  }

  const TempDir dir_;
  ServerProcess server_{dir_.path()};
  GenericClient client_{server_.endpoint()};
};

TEST_F(GenericClientTest, HealthAnswersByServiceName) {
  std::vector<std::string> services = OurServices();
  EXPECT_EQ(services.size(), 5);
  services.emplace_back("");
  for (const std::string& name : services) {
    const Answer answer =
        client_.Call("grpc.health.v1.Health/Check", absl::StrCat("{\"service\": \"", name, "\"}"));
    EXPECT_EQ(answer.body["status"], "SERVING") << name;
  }
  EXPECT_EQ(client_.Call("grpc.health.v1.Health/Check", R"({"service": "other"})").code,
            "NOT_FOUND");
}

class DescriptorsTest : public GenericClientTest, public ::testing::WithParamInterface<bool> {
 protected:
  GenericClient& client() { return GetParam() ? of_file_ : client_; }

 private:
  GenericClient of_file_{server_.endpoint(), OWO_DESCRIPTOR_SET};
};

INSTANTIATE_TEST_SUITE_P(Sources, DescriptorsTest, ::testing::Bool(),
                         [](const auto& source) { return source.param ? "File" : "Reflection"; });

TEST_P(DescriptorsTest, ShowTheCommentsOfEverything) {
  Comments comments(kPackage);
  for (const std::string& service : OurServices()) {
    const auto* const descriptor = client().pool().FindServiceByName(service);
    ASSERT_NE(descriptor, nullptr) << service;
    comments.Visit(*descriptor->file());
  }
  EXPECT_EQ(comments.missing, std::vector<std::string>());
  EXPECT_GT(comments.found, 300);

  google::protobuf::SourceLocation location;
  ASSERT_TRUE(client()
                  .pool()
                  .FindMessageTypeByName("owo.billing.v1.UsageResponse")
                  ->FindFieldByName("total_estimated")
                  ->GetSourceLocation(&location));
  EXPECT_THAT(location.leading_comments, HasSubstr("in minor units"));
}

TEST_P(DescriptorsTest, ShowTheHealthOfTheServer) {
  EXPECT_EQ(client().Call("grpc.health.v1.Health/Check", "{}").body["status"], "SERVING");
}

TEST_P(DescriptorsTest, ShowTheDetailsOfErrorsByName) {
  const Answer unknown = client().Call("owo.billing.v1.Billing/Usage", R"({"customer": "nobody"})");
  EXPECT_EQ(unknown.code, "NOT_FOUND");
  EXPECT_EQ(unknown.details["message"], unknown.message);
  EXPECT_EQ(unknown.details.Size("details"), 1);
  EXPECT_EQ(unknown.Detail("google.rpc.ErrorInfo", "domain"), "billing.owo");
  EXPECT_EQ(unknown.Detail("google.rpc.ErrorInfo", "reason"), "CUSTOMER_NOT_FOUND");
  EXPECT_EQ(unknown.Detail("google.rpc.ErrorInfo", "metadata.customer"), "nobody");

  const Answer malformed = client().Call("owo.billing.v1.Metering/Track",
                                         R"({"customer": "nobody", "quantity": "abc"})");
  EXPECT_EQ(malformed.code, "INVALID_ARGUMENT");
  EXPECT_EQ(malformed.Reason(), "INVALID_REQUEST");
  const auto violation = [&](const std::string& path) {
    return malformed.Detail("google.rpc.BadRequest", "field_violations." + path);
  };
  EXPECT_EQ((std::set<std::string>{violation("0.field"), violation("1.field")}),
            (std::set<std::string>{"feature", "quantity"}));
  EXPECT_NE(violation("0.description"), "");
  EXPECT_EQ(violation("2.field"), "");
}

// ---- Every RPC, in one sequence.

class StoryTest : public GenericClientTest {
 protected:
  // Calls a method such as "Billing/Usage", which must succeed. `request` is JSON with ' instead of
  // "; NOW is replaced by now_.
  Json Do(const std::string& method, const std::string& request) {
    const std::string name = absl::StrCat(kPackage, ".", method);
    called_.insert(name);
    const Answer answer =
        client_.Call(name, absl::StrReplaceAll(request, {{"'", "\""}, {"NOW", now_}}));
    EXPECT_EQ(answer.code, "OK") << method << " " << request << ": " << answer.message;
    return answer.body;
  }

  // One time for all usage, so that it falls into one period.
  const std::string now_ = absl::FormatTime(absl::RFC3339_full, absl::Now(), absl::UTCTimeZone());
  std::set<std::string> called_;

  void SyncTheCatalog();
  void AddTheCustomer();
  void TrackUsage();
  void InvoiceAndPay();
  void VoidAndInvoiceAgain();
  void Explain();
  void Leave();
};

constexpr char kCatalog[] = R"(
    'features': [{'slug': 'calls', 'name': 'Calls', 'unit': 'call'},
                 {'slug': 'seats', 'name': 'Seats'}],
    'plans': [{'slug': 'pro', 'name': 'Pro', 'currency': 'USD', 'features': [
      {'feature_slug': 'calls', 'usage_model': 'USAGE_MODEL_INCLUDED', 'included': '1000',
       'unit_price': '0.5', 'overage': 'OVERAGE_POLICY_CHARGE'},
      {'feature_slug': 'seats', 'usage_model': 'USAGE_MODEL_INCLUDED', 'included': '10'}]}])";

void StoryTest::SyncTheCatalog() {
  const std::string catalog = kCatalog;
  EXPECT_EQ(
      Do("Catalog/SyncCatalog", "{'validate_only': true," + catalog + "}")["changes.2.action"],
      "CATALOG_ACTION_CREATED");
  EXPECT_EQ(Do("Catalog/ListPlans", "{}").Size("plans"), 0);
  const Json synced = Do("Catalog/SyncCatalog", "{" + catalog + "}");
  EXPECT_EQ(synced["changes.0.kind"], "CATALOG_KIND_FEATURE");
  EXPECT_EQ(synced["changes.2.action"], "CATALOG_ACTION_CREATED");
  EXPECT_NE(synced["changes.2.prices_in_words.0"], "");
  EXPECT_EQ(Do("Catalog/SyncCatalog", "{" + catalog + "}")["changes.2.action"],
            "CATALOG_ACTION_UNCHANGED");
  EXPECT_EQ(Do("Catalog/ListFeatures", "{}")["features.1.slug"], "seats");
  EXPECT_EQ(Do("Catalog/ListPlans", "{}")["plans.0.version"], "1");
  const Json plan = Do("Catalog/GetPlan", "{'plan': 'pro', 'version': 1}");
  EXPECT_EQ(plan["plan.features.0.unit_price"], "0.5");
  EXPECT_EQ(plan["plan.features.0.rating_model"], "RATING_MODEL_PER_UNIT");
}

void StoryTest::AddTheCustomer() {
  Do("Customers/CreateCustomer", "{'customer': {'id': 'ada', 'email': 'Ada@example.com'}}");
  EXPECT_EQ(Do("Customers/GetCustomer", "{'customer': 'ADA@example.com'}")["customer.id"], "ada");
  Do("Customers/UpdateCustomer",
     "{'customer': 'ada', 'update': {'name': 'Ada Lovelace'}, 'update_mask': 'name'}");
  const Json customers = Do("Customers/ListCustomers", "{}");
  EXPECT_EQ(customers["customers.0.name"], "Ada Lovelace");
  EXPECT_EQ(customers["customers.0.email"], "Ada@example.com");
  const Json subscribed =
      Do("Customers/Subscribe", "{'customer': 'ada', 'plan': 'pro', 'start': 'NOW'}");
  EXPECT_EQ(subscribed["subscription.status"], "SUBSCRIPTION_STATUS_ACTIVE");
  EXPECT_EQ(Do("Customers/ListSubscriptions", "{'customer': 'ada'}")["subscriptions.0.plan"],
            "pro");
}

void StoryTest::TrackUsage() {
  const char* const event =
      "{'customer': 'ada', 'feature': 'calls', 'quantity': '900', 'event_id': 'e1', "
      "'event_time': 'NOW'}";
  EXPECT_EQ(Do("Metering/Track", event)["code"], "TRACK_CODE_TRACKED");
  EXPECT_EQ(Do("Metering/Track", event)["duplicate"], "true");
  const Json batch = Do("Metering/TrackBatch", absl::StrCat("{'events': [", event, R"(,
      {'customer': 'ada', 'feature': 'calls', 'quantity': '700', 'event_time': 'NOW'},
      {'customer': 'ada', 'feature': 'others', 'quantity': '1', 'event_time': 'NOW'}]})"));
  EXPECT_EQ(batch["codes.1"], "TRACK_CODE_TRACKED_OVERAGE");
  EXPECT_EQ(batch["recorded"], "1");
  EXPECT_EQ(batch["duplicates"], "1");
  EXPECT_EQ(batch["details.1.error.reason"], "ERROR_REASON_FEATURE_NOT_FOUND");
  const std::string seats = "'customer': 'ada', 'feature': 'seats', 'event_time': 'NOW'";
  EXPECT_EQ(Do("Metering/Check", "{" + seats + ", 'quantity': '11'}")["code"],
            "TRACK_CODE_LIMIT_EXCEEDED");
  EXPECT_EQ(Do("Metering/Check", "{" + seats + "}")["recorded"], "false");
  EXPECT_EQ(Do("Metering/Check", "{" + seats + ", 'track': true}")["balance"], "9");
}

void StoryTest::InvoiceAndPay() {
  const Json usage = Do("Billing/Usage", "{'customer': 'ada'}");
  EXPECT_EQ(usage["total_estimated"], "300");
  EXPECT_EQ(usage["features.0.overage_units"], "600");
  EXPECT_EQ(usage["features.0.overage_price"], "0.5");
  const Json invoiced = Do("Billing/Invoice", "{'customer': 'ada'}");
  EXPECT_EQ(invoiced["success"], "true");
  EXPECT_EQ(invoiced["invoice.number"], "INV-000001");
  EXPECT_EQ(invoiced["invoice.status"], "INVOICE_STATUS_OPEN");
  EXPECT_EQ(invoiced["invoice.total"], "300");
  EXPECT_EQ(invoiced["invoice.line_items.0.quantity"], "600");
  EXPECT_EQ(Do("Billing/Usage", "{'customer': 'ada'}").Size("features"), 0);

  const std::string id = invoiced["invoice.id"];
  const Json paid =
      Do("Billing/PayInvoice", "{'invoice_id': '" + id + "', 'reference': 'transfer 1'}");
  EXPECT_EQ(paid["invoice.status"], "INVOICE_STATUS_PAID");
  EXPECT_EQ(paid["invoice.amount_due"], "0");
  const Json settled = Do("Billing/GetInvoice", "{'invoice_id': '" + id + "'}");
  EXPECT_EQ(settled["invoice.payments.0.amount"], "300");
  EXPECT_EQ(settled["invoice.payments.0.reference"], "transfer 1");
}

void StoryTest::VoidAndInvoiceAgain() {
  Do("Metering/Track",
     "{'customer': 'ada', 'feature': 'calls', 'quantity': '50', 'event_time': 'NOW'}");
  const Json draft =
      Do("Billing/Invoice", "{'customer': 'ada', 'draft': true, 'memo': 'order 4711'}");
  EXPECT_EQ(draft["invoice.status"], "INVOICE_STATUS_DRAFT");
  EXPECT_EQ(draft["invoice.number"], "");
  const std::string invoice = "{'invoice_id': '" + draft["invoice.id"] + "'}";
  const Json open = Do("Billing/FinalizeInvoice", invoice);
  EXPECT_EQ(open["invoice.number"], "INV-000002");
  EXPECT_EQ(open["invoice.memo"], "order 4711");
  EXPECT_EQ(Do("Billing/VoidInvoice", invoice)["invoice.status"], "INVOICE_STATUS_VOID");
  EXPECT_EQ(Do("Billing/Usage", "{'customer': 'ada'}")["total_estimated"], "25");
  const Json again = Do("Billing/Invoice", "{'customer': 'ada'}");
  EXPECT_EQ(again["invoice.number"], "INV-000003");
  const Json of_invoice =
      Do("Billing/ListInvoiceEvents", "{'invoice_id': '" + again["invoice.id"] + "', 'line': 1}");
  EXPECT_EQ(of_invoice["events.0.quantity"], "50");
  EXPECT_EQ(of_invoice["events.0.invoice_id"], again["invoice.id"]);
  EXPECT_EQ(of_invoice["events.1.quantity"], "");
  const Json events = Do("Metering/ListEvents", "{'customer': 'ada', 'feature': 'calls'}");
  EXPECT_EQ(events["events.0.customer_id"], "ada");

  const Json first = Do("Billing/ListInvoices", "{'customer': 'ada', 'page_size': 2}");
  EXPECT_EQ(first["invoices.0.number"], "INV-000003");
  EXPECT_EQ(first["invoices.1.number"], "INV-000002");
  EXPECT_EQ(first["invoices.1.memo"], "order 4711");
  const Json second =
      Do("Billing/ListInvoices",
         "{'customer': 'ada', 'page_size': 2, 'page_token': '" + first["next_page_token"] + "'}");
  EXPECT_EQ(second["invoices.0.number"], "INV-000001");
  EXPECT_EQ(second["next_page_token"], "");
}

void StoryTest::Explain() {
  const Json invoices = Do("Billing/ListInvoices", "{'customer': 'ada'}");
  const Json of_void = Do("Billing/ListInvoiceEvents",
                          "{'invoice_id': '" + invoices["invoices.1.id"] + "', 'line': 1}");
  EXPECT_EQ(of_void.Size("events"), 1);
  EXPECT_EQ(of_void["events.0.quantity"], "50");
  EXPECT_EQ(of_void["events.0.line"], "1");
  EXPECT_EQ(of_void["events.0.invoice_id"], invoices["invoices.0.id"]);

  const std::string query = "{'customer': 'ada', 'feature': 'calls', 'start': 'NOW', 'page_size': ";
  const Json first = Do("Metering/ListEvents", query + "2}");
  EXPECT_EQ(first["events.0.event_id"], "e1");
  EXPECT_EQ(first["events.0.invoice_id"], invoices["invoices.2.id"]);
  EXPECT_EQ(first["events.1.quantity"], "700");
  const Json second =
      Do("Metering/ListEvents", query + "5, 'page_token': '" + first["next_page_token"] + "'}");
  EXPECT_EQ(second.Size("events"), 1);
  EXPECT_EQ(second["events.0.quantity"], "50");
  EXPECT_EQ(second["next_page_token"], "");
}

void StoryTest::Leave() {
  const Json usage = Do("Metering/ListUsage", "{'customer': 'ada', 'feature': 'calls'}");
  EXPECT_EQ(usage["periods.0.used"], "1650");
  EXPECT_EQ(usage["periods.0.included"], "1000");
  EXPECT_EQ(usage["periods.0.invoiced_units"], "650");
  EXPECT_EQ(usage["periods.0.invoiced_amount"], "325");
  EXPECT_EQ(usage["periods.0.unbilled_units"], "0");
  const Json last =
      Do("Customers/CancelSubscription", "{'customer': 'ada', 'at_period_end': true}");
  EXPECT_EQ(last["subscription.status"], "SUBSCRIPTION_STATUS_ACTIVE");
  const Json back = Do("Customers/ResumeSubscription", "{'customer': 'ada'}");
  EXPECT_EQ(back["subscription.id"], last["subscription.id"]);
  EXPECT_EQ(back["subscription.end"], "");
  const Json left = Do("Customers/CancelSubscription", "{'customer': 'ada'}");
  EXPECT_EQ(left["subscription.status"], "SUBSCRIPTION_STATUS_ENDED");
  const char* const late = "{'customer': 'ada', 'feature': 'calls', 'quantity': '1'}";
  EXPECT_EQ(Do("Metering/Track", late)["code"], "TRACK_CODE_NO_ACTIVE_SUBSCRIPTION");
}

TEST_F(StoryTest, TracksBillsAndListsThroughEveryRpc) {
  SyncTheCatalog();
  AddTheCustomer();
  TrackUsage();
  InvoiceAndPay();
  VoidAndInvoiceAgain();
  Explain();
  Leave();

  std::set<std::string> all;
  for (const std::string& service : OurServices()) {
    if (service == "owo.billing.v1.Admin") continue;  // needs a key: tests/server
    for (const std::string& method : client_.Methods(service)) all.insert(method);
  }
  EXPECT_EQ(called_, all);
}

}  // namespace
}  // namespace owo
