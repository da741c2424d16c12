#include "service/rpc/customers/parse_customers.h"

#include "absl/strings/str_cat.h"
#include "service/rating/bounds.h"
#include "service/rpc/fields.h"
#include "service/rpc/fingerprint.h"
#include "service/rpc/page_token.h"

namespace owo::rpc {
namespace {

constexpr Length kCustomerId = {1, 128};
constexpr Length kCustomerName = {0, 256};

// Parses one field of a customer, for create and update.
void ReadField(const std::string& path, const pb::Customer& from, Fields& fields,
               ledger::CustomerFields& to) {
  if (path == "id") to.id = fields.Printable("id", from.id(), kCustomerId);
  if (path == "email") to.email = fields.Email("email", from.email());
  if (path == "name") to.name = fields.Text("name", from.name(), kCustomerName);
  if (path == "metadata") to.metadata = fields.Metadata("metadata", from.metadata());
  if (path == "time_zone") to.time_zone = fields.TimeZone("time_zone", from.time_zone());
  if (path == "spend_cap") {
    to.spend_cap.emplace();
    if (!from.has_spend_cap()) return;
    *to.spend_cap = from.spend_cap();
    if (from.spend_cap() < 0 || from.spend_cap() > rating::kCostMax) {
      fields.Wrong("spend_cap", absl::StrCat("got ", from.spend_cap(), ", want 0 to 10^17"));
    }
  }
}

constexpr const char* kPaths[] = {"id", "email", "name", "metadata", "time_zone", "spend_cap"};

void CheckMask(const google::protobuf::FieldMask& mask, Fields& fields) {
  constexpr int kPathsMax = 100;  // more than the number of fields
  if (mask.paths().empty() || mask.paths_size() > kPathsMax) {
    fields.Wrong("update_mask",
                 absl::StrCat("got ", mask.paths_size(), " paths, want 1–", kPathsMax));
    return;
  }
  for (const std::string& path : mask.paths()) {
    if (std::find(std::begin(kPaths), std::end(kPaths), path) != std::end(kPaths)) continue;
    fields.Wrong("update_mask",
                 absl::StrCat("got ", Quoted(path),
                              ", want \"id\", \"email\", \"name\", \"metadata\", \"time_zone\" or "
                              "\"spend_cap\""));
  }
}

bool IsId(const std::string& cursor) { return cursor.size() <= kCustomerId.max; }

}  // namespace

absl::StatusOr<CustomerParams> ParseCreateCustomerRequest(
    const pb::CreateCustomerRequest& request) {
  Violations violations;
  Fields fields(violations);
  Fields in = fields.In("customer");
  CustomerParams params{.fields = {.path = "customer"}};
  for (const char* path : kPaths) ReadField(path, request.customer(), in, params.fields);
  fields.RequestId(request.request_id());
  if (!violations.empty()) return violations.ToStatus();
  params.request = RequestRefOf(request);
  return params;
}

absl::StatusOr<std::string> ParseGetCustomerRequest(const pb::GetCustomerRequest& request) {
  Violations violations;
  std::string customer = Fields(violations).Customer("customer", request.customer());
  if (!violations.empty()) return violations.ToStatus();
  return customer;
}

absl::StatusOr<CustomerParams> ParseUpdateCustomerRequest(
    const pb::UpdateCustomerRequest& request) {
  Violations violations;
  Fields fields(violations);
  Fields in = fields.In("update");
  CustomerParams params{.customer = fields.Customer("customer", request.customer()),
                        .fields = {.path = "update"}};
  if (!request.has_update()) fields.Wrong("update", "required");
  CheckMask(request.update_mask(), fields);
  for (const char* const path : kPaths) {
    const auto& paths = request.update_mask().paths();
    if (std::find(paths.begin(), paths.end(), path) == paths.end()) continue;
    ReadField(path, request.update(), in, params.fields);
  }
  fields.RequestId(request.request_id());
  if (!violations.empty()) return violations.ToStatus();
  params.request = RequestRefOf(request);
  return params;
}

absl::StatusOr<CustomersQuery> ParseListCustomersRequest(const ledger::CallContext& context,
                                                         const pb::ListCustomersRequest& request) {
  Violations violations;
  Fields fields(violations);
  CustomersQuery query{.limit = fields.PageSize(request.page_size())};
  query.after = fields.PageToken(PageTokens(request, context.tenant), request.page_token(), IsId);
  if (!violations.empty()) return violations.ToStatus();
  return query;
}

absl::StatusOr<ledger::SubscribeParams> ParseSubscribeRequest(const pb::SubscribeRequest& request) {
  Violations violations;
  Fields fields(violations);
  ledger::SubscribeParams params{.customer = fields.Customer("customer", request.customer()),
                                 .plan = fields.Slug("plan", request.plan())};
  if (request.has_start()) params.start = fields.Time("start", request.start());
  params.metadata = fields.Metadata("metadata", request.metadata());
  fields.RequestId(request.request_id());
  if (!violations.empty()) return violations.ToStatus();
  params.request = RequestRefOf(request);
  return params;
}

absl::StatusOr<ledger::CancelParams> ParseCancelSubscriptionRequest(
    const pb::CancelSubscriptionRequest& request) {
  Violations violations;
  Fields fields(violations);
  ledger::CancelParams params{.customer = fields.Customer("customer", request.customer()),
                              .at_period_end = request.at_period_end()};
  if (request.has_end()) params.end = fields.Time("end", request.end());
  if (request.has_end() && request.at_period_end()) {
    fields.Wrong("at_period_end", "not together with `end`: want one of them");
  }
  fields.RequestId(request.request_id());
  if (!violations.empty()) return violations.ToStatus();
  params.request = RequestRefOf(request);
  return params;
}

absl::StatusOr<ledger::ResumeParams> ParseResumeSubscriptionRequest(
    const pb::ResumeSubscriptionRequest& request) {
  Violations violations;
  Fields fields(violations);
  ledger::ResumeParams params{.customer = fields.Customer("customer", request.customer())};
  fields.RequestId(request.request_id());
  if (!violations.empty()) return violations.ToStatus();
  params.request = RequestRefOf(request);
  return params;
}

absl::StatusOr<ledger::SubscriptionsQuery> ParseListSubscriptionsRequest(
    const ledger::CallContext& context, const pb::ListSubscriptionsRequest& request) {
  Violations violations;
  Fields fields(violations);
  ledger::SubscriptionsQuery query{.customer = fields.Customer("customer", request.customer()),
                                   .limit = fields.PageSize(request.page_size())};
  query.after = fields.PageToken(PageTokens(request, context.tenant), request.page_token(), IsId);
  if (!violations.empty()) return violations.ToStatus();
  return query;
}

}  // namespace owo::rpc
