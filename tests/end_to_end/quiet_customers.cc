#include "tests/end_to_end/quiet_customers.h"

#include <google/protobuf/text_format.h>
#include <google/protobuf/util/time_util.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "absl/strings/str_cat.h"
#include "owo/billing/v1/catalog.grpc.pb.h"
#include "owo/billing/v1/customers.grpc.pb.h"
#include "owo/billing/v1/metering.grpc.pb.h"

namespace owo {
namespace {

namespace v1 = ::owo::billing::v1;
using google::protobuf::util::TimeUtil;

// The state in which a quiet customer is left.
enum Kind : size_t { kBilled, kBare, kIdle, kPaid, kVoided, kDrafted, kMoved, kKindCount };

constexpr int kOldestAlwaysRead = kKindCount;

// Makes one call with its own context.
template <typename Stub, typename Request, typename Response>
grpc::Status CallOnce(Stub& stub,
                      grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                      const Request& request, Response* response) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
  return (stub.*method)(&context, request, response);
}

template <typename Stub, typename Request, typename Response>
Response MustCall(Stub& stub,
                  grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                  const Request& request) {
  Response response;
  const grpc::Status status = CallOnce(stub, method, request, &response);
  EXPECT_TRUE(status.ok()) << status.error_code() << ": " << status.error_message() << "\n"
                           << request.ShortDebugString();
  return response;
}

// Returns an answer or an error as a text that can be compared.
template <typename Stub, typename Request, typename Response>
std::string Answer(Stub& stub,
                   grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                   const Request& request) {
  Response response;
  const grpc::Status status = CallOnce(stub, method, request, &response);
  if (!status.ok()) return absl::StrCat(status.error_code(), ": ", status.error_message());
  return response.DebugString();
}

struct Stubs {
  explicit Stubs(const Channel& channel)
      : billing(v1::Billing::NewStub(channel)),
        catalog(v1::Catalog::NewStub(channel)),
        customers(v1::Customers::NewStub(channel)),
        metering(v1::Metering::NewStub(channel)) {}

  std::unique_ptr<v1::Billing::Stub> billing;
  std::unique_ptr<v1::Catalog::Stub> catalog;
  std::unique_ptr<v1::Customers::Stub> customers;
  std::unique_ptr<v1::Metering::Stub> metering;
};

v1::PlanFeature UsageBased(const std::string& feature, const std::string& price) {
  v1::PlanFeature terms;
  terms.set_feature_slug(feature);
  terms.set_usage_model(v1::USAGE_MODEL_USAGE_BASED);
  terms.set_unit_price(price);
  return terms;
}

v1::CreateCustomerRequest CreateRequest(const std::string& id) {
  v1::CreateCustomerRequest request;
  request.mutable_customer()->set_id(id);
  request.mutable_customer()->set_email(id + "@example.com");
  request.mutable_customer()->set_name("Customer " + id);
  (*request.mutable_customer()->mutable_metadata())["made"] = "once";
  request.set_request_id("create-" + id);
  return request;
}

void Subscribe(Stubs& stubs, const std::string& id, const std::string& plan) {
  v1::SubscribeRequest request;
  request.set_customer(id);
  request.set_plan(plan);
  (*request.mutable_metadata())["contract"] = absl::StrCat(id, " on ", plan);
  MustCall(*stubs.customers, &v1::Customers::Stub::Subscribe, request);
}

v1::UsageEvent Event(const std::string& customer, const std::string& feature, int quantity,
                     size_t number) {
  v1::UsageEvent event;
  event.set_customer(customer);
  event.set_feature(feature);
  event.set_quantity(absl::StrCat(quantity));
  event.set_event_id(absl::StrCat(customer, "/", number));
  (*event.mutable_properties())["n"] = absl::StrCat(number);
  return event;
}

std::string Bill(Stubs& stubs, const std::string& customer, bool draft = false) {
  v1::InvoiceRequest request;
  request.set_customer(customer);
  request.set_draft(draft);
  return MustCall(*stubs.billing, &v1::Billing::Stub::Invoice, request).invoice().id();
}

v1::TrackBatchResponse TrackAll(Stubs& stubs, const std::vector<v1::UsageEvent>& events) {
  v1::TrackBatchRequest request;
  request.mutable_events()->Assign(events.begin(), events.end());
  return MustCall(*stubs.metering, &v1::Metering::Stub::TrackBatch, request);
}

// Every read of one customer, by a name.
using Reads = std::map<std::string, std::function<std::string()>>;

Reads ReadsOf(Stubs& stubs, const std::string& id, const std::vector<std::string>& invoices) {
  Reads reads;
  for (const std::string& name : {id, id + "@EXAMPLE.com"}) {
    reads["GetCustomer " + name] = [&stubs, name] {
      v1::GetCustomerRequest request;
      request.set_customer(name);
      return Answer(*stubs.customers, &v1::Customers::Stub::GetCustomer, request);
    };
  }
  reads["ListSubscriptions"] = [&stubs, id] {
    v1::ListSubscriptionsRequest request;
    request.set_customer(id);
    return Answer(*stubs.customers, &v1::Customers::Stub::ListSubscriptions, request);
  };
  reads["Usage"] = [&stubs, id] {
    v1::UsageRequest request;
    request.set_customer(id);
    return Answer(*stubs.billing, &v1::Billing::Stub::Usage, request);
  };
  reads["ListInvoices"] = [&stubs, id] {
    v1::ListInvoicesRequest request;
    request.set_customer(id);
    return Answer(*stubs.billing, &v1::Billing::Stub::ListInvoices, request);
  };
  reads["ListUsage"] = [&stubs, id] {
    v1::ListUsageRequest request;
    request.set_customer(id);
    return Answer(*stubs.metering, &v1::Metering::Stub::ListUsage, request);
  };
  reads["ListEvents"] = [&stubs, id] {
    v1::ListEventsRequest request;
    request.set_customer(id);
    request.set_page_size(1000);
    return Answer(*stubs.metering, &v1::Metering::Stub::ListEvents, request);
  };
  for (const std::string& invoice : invoices) {
    reads["GetInvoice " + invoice] = [&stubs, invoice] {
      v1::GetInvoiceRequest request;
      request.set_invoice_id(invoice);
      return Answer(*stubs.billing, &v1::Billing::Stub::GetInvoice, request);
    };
    reads["ListInvoiceEvents " + invoice] = [&stubs, invoice] {
      v1::ListInvoiceEventsRequest request;
      request.set_invoice_id(invoice);
      return Answer(*stubs.billing, &v1::Billing::Stub::ListInvoiceEvents, request);
    };
  }
  for (const char* const plan : {"quiet", "quiet-tiers"}) {
    reads[absl::StrCat("GetPlan ", plan)] = [&stubs, plan] {
      v1::GetPlanRequest request;
      request.set_plan(plan);
      request.set_version(1);
      return Answer(*stubs.catalog, &v1::Catalog::Stub::GetPlan, request);
    };
  }
  return reads;
}

template <typename Item>
void Shuffle(std::vector<Item>& items, Random& random) {
  for (size_t i = items.size(); i > 1; --i) {
    std::swap(items[i - 1], items[static_cast<size_t>(random.Between(0, int64_t(i) - 1))]);
  }
}

}  // namespace

void SyncQuietCatalog(const Channel& channel) {
  Stubs stubs(channel);
  v1::SyncCatalogRequest request;
  for (const char* const slug : {"calls", "tokens"}) {
    v1::Feature& feature = *request.add_features();
    feature.set_slug(slug);
    feature.set_name(slug);
  }
  for (const char* const slug : {"quiet", "quiet-tiers"}) {
    v1::Plan& plan = *request.add_plans();
    plan.set_slug(slug);
    plan.set_name(slug);
    plan.set_currency("USD");
  }
  *request.mutable_plans(0)->add_features() = UsageBased("calls", "3");
  *request.mutable_plans(0)->add_features() = UsageBased("tokens", "0.25");
  v1::PlanFeature& tiers = *request.mutable_plans(1)->add_features();
  tiers = UsageBased("calls", "");
  tiers.clear_unit_price();
  tiers.set_rating_model(v1::RATING_MODEL_GRADUATED);
  tiers.add_tiers()->set_up_to("10");
  tiers.mutable_tiers(0)->set_unit_price("100");
  tiers.add_tiers()->set_unit_price("1");
  MustCall(*stubs.catalog, &v1::Catalog::Stub::SyncCatalog, request);
}

void QuietCustomers::Add(const std::string& name, const Channel& channel) {
  for (size_t kind = 0; kind < kKindCount; ++kind) {
    AddOne(absl::StrCat(name, "-", kind), kind, channel);
  }
}

void QuietCustomers::AddOne(const std::string& id, size_t kind, const Channel& channel) {
  Stubs stubs(channel);
  Quiet quiet{.id = id};
  MustCall(*stubs.customers, &v1::Customers::Stub::CreateCustomer, CreateRequest(id));
  const auto use = [&](const std::string& feature, int quantity) {
    quiet.events.push_back(Event(id, feature, quantity, quiet.events.size()));
    EXPECT_EQ(TrackAll(stubs, {quiet.events.back()}).recorded(), 1);
  };
  const auto bill = [&](bool draft = false) {
    quiet.invoices.push_back(Bill(stubs, id, draft));
    return quiet.invoices.back();
  };
  if (kind != kBare) Subscribe(stubs, id, "quiet");
  if (kind != kBare && kind != kIdle) {
    use("calls", 10);
    use("tokens", 7);
    const std::string invoice = bill(kind == kDrafted);
    if (kind == kPaid) {
      v1::PayInvoiceRequest pay;
      pay.set_invoice_id(invoice);
      MustCall(*stubs.billing, &v1::Billing::Stub::PayInvoice, pay);
    }
  }
  if (kind == kBilled || kind == kDrafted) use("calls", 3);
  if (kind == kVoided) {
    use("calls", 5);
    v1::VoidInvoiceRequest request;
    request.set_invoice_id(bill());
    request.set_reason("wrong");
    MustCall(*stubs.billing, &v1::Billing::Stub::VoidInvoice, request);
  }
  if (kind == kMoved) {
    Subscribe(stubs, id, "quiet-tiers");
    use("calls", 14);
  }
  for (const auto& [name, read] : ReadsOf(stubs, id, quiet.invoices)) quiet.answers[name] = read();
  customers_.push_back(std::move(quiet));
}

std::vector<const QuietCustomers::Quiet*> QuietCustomers::Pick(Random& random, size_t limit) const {
  std::vector<const Quiet*> all;
  for (const Quiet& quiet : customers_) all.push_back(&quiet);
  std::vector<const Quiet*> picked(all.begin(),
                                   all.begin() + std::min<int64_t>(kOldestAlwaysRead, limit));
  Shuffle(all, random);
  for (const Quiet* quiet : all) {
    if (picked.size() >= limit) break;
    if (std::find(picked.begin(), picked.end(), quiet) == picked.end()) picked.push_back(quiet);
  }
  Shuffle(picked, random);
  return picked;
}

void QuietCustomers::ExpectUnchanged(const Channel& channel, Random& random, size_t limit) const {
  Stubs stubs(channel);
  for (const Quiet* const quiet : Pick(random, limit)) {
    const Reads reads = ReadsOf(stubs, quiet->id, quiet->invoices);
    std::vector<std::string> names;
    for (const auto& [name, read] : reads) names.push_back(name);
    Shuffle(names, random);
    for (const std::string& name : names) {
      EXPECT_EQ(reads.at(name)(), quiet->answers.at(name)) << name << " of " << quiet->id;
    }
  }
}

void QuietCustomers::ExpectRepeatsKnown(const Channel& channel, Random& random,
                                        size_t limit) const {
  Stubs stubs(channel);
  for (const Quiet* const quiet : Pick(random, limit)) {
    if (!quiet->events.empty()) {
      EXPECT_EQ(TrackAll(stubs, quiet->events).duplicates(), quiet->events.size()) << quiet->id;
    }
    const v1::CreateCustomerRequest again = CreateRequest(quiet->id);
    EXPECT_TRUE(MustCall(*stubs.customers, &v1::Customers::Stub::CreateCustomer, again).replayed());
  }
}

void QuietCustomers::ExpectBillable(const Channel& channel) const {
  Stubs stubs(channel);
  for (const Quiet& quiet : customers_) {
    v1::UsageResponse usage;
    ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(quiet.answers.at("Usage"), &usage));
    v1::InvoiceRequest request;
    request.set_customer(quiet.id);
    v1::InvoiceResponse made;
    const grpc::Status status =
        CallOnce(*stubs.billing, &v1::Billing::Stub::Invoice, request, &made);
    EXPECT_EQ(status.ok(), usage.features_size() > 0) << quiet.id << status.error_message();
    EXPECT_EQ(made.invoice().subtotal(), usage.total_estimated()) << quiet.id;
    for (const std::string& id : quiet.invoices) {
      v1::VoidInvoiceRequest request_void;
      request_void.set_invoice_id(id);
      request_void.set_reason("wrong");
      v1::VoidInvoiceResponse voided;
      const grpc::Status of_void =
          CallOnce(*stubs.billing, &v1::Billing::Stub::VoidInvoice, request_void, &voided);
      EXPECT_TRUE(of_void.ok() || of_void.error_code() == grpc::StatusCode::FAILED_PRECONDITION)
          << quiet.id << ": " << of_void.error_message();
    }
  }
}

}  // namespace owo
