#include "service/rpc/admin/parse_admin.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "service/rpc/fields.h"
#include "service/rpc/fingerprint.h"
#include "service/rpc/page_token.h"
#include "service/rpc/scopes.h"

namespace owo::rpc {
namespace {

constexpr Length kTenantName = {0, 256};
constexpr Length kLabel = {0, 128};
constexpr storage::Micros kDayMicros = storage::Micros{24} * 3600 * 1'000'000;
constexpr storage::Micros kExpiryMax = 3653 * kDayMicros;  // 10 years
constexpr storage::Micros kOverlapDefault = kDayMicros;
constexpr storage::Micros kOverlapMax = 30 * kDayMicros;

// The slug of a tenant, which only the operator must name.
std::string TenantOf(Fields& fields, const ledger::CallContext& context, const std::string& slug) {
  const bool required =
      context.principal != nullptr && context.principal->scopes.Has(ledger::Scope::kOperator);
  return fields.Slug("tenant", slug, required);
}

template <typename Request>
absl::StatusOr<TenantRef> ParseTenantRef(const Request& request) {
  Violations violations;
  Fields fields(violations);
  TenantRef tenant{.slug = fields.Slug("tenant", request.tenant())};
  fields.RequestId(request.request_id());
  if (!violations.empty()) return violations.ToStatus();
  tenant.request = RequestRefOf(request);
  return tenant;
}

ledger::Scopes ScopesOf(Fields& fields, const pb::CreateApiKeyRequest& request) {
  ledger::Scopes scopes;
  if (request.scopes().empty()) fields.Wrong("scopes", "required");
  for (int i = 0; i < request.scopes_size(); ++i) {
    const auto scope = FromProto(request.scopes(i));
    if (!scope.has_value() || *scope == ledger::Scope::kOperator) {
      fields.Wrong("scopes", absl::StrCat("got ", static_cast<int>(request.scopes(i)),
                                          ", want TRACK, READ, BILLING or ADMIN"));
      break;
    }
    if (scopes.Has(*scope)) {
      fields.Wrong("scopes", absl::StrCat("has ", pb::Scope_Name(request.scopes(i)), " twice"));
      break;
    }
    scopes.Add(*scope);
  }
  return scopes;
}

storage::Micros ExpiryOf(Fields& fields, const pb::CreateApiKeyRequest& request,
                         storage::Micros now) {
  if (!request.has_expires_at()) return 0;
  const storage::Micros expires = fields.Time("expires_at", request.expires_at());
  if (expires <= now || expires > now + kExpiryMax) {
    fields.Wrong("expires_at", "want a time in the future, at most 10 years from now");
  }
  return expires;
}

storage::Micros OverlapOf(Fields& fields, const pb::RotateApiKeyRequest& request) {
  if (!request.has_overlap()) return kOverlapDefault;
  const auto& overlap = request.overlap();
  const bool fits = overlap.seconds() >= 0 && overlap.seconds() <= kOverlapMax / 1'000'000 &&
                    overlap.nanos() >= 0 && overlap.nanos() < 1'000'000'000;
  const storage::Micros micros =
      fits ? overlap.seconds() * 1'000'000 + overlap.nanos() / 1000 : kOverlapMax + 1;
  if (micros > kOverlapMax) {
    fields.Wrong("overlap", absl::StrCat("got ", overlap.seconds(), " seconds and ",
                                         overlap.nanos(), " nanoseconds, want 0 to 30 days"));
  }
  return micros;
}

// Only the form of a word: whether there is such a key is for the answer.
std::string KeyIdOf(Fields& fields, const std::string& id) {
  fields.CheckOpaque("key_id", id, {1, 64});
  return id;
}

bool IsTenantCursor(const std::string& cursor) { return cursor.size() <= 64; }

}  // namespace

absl::StatusOr<CreateTenantParams> ParseCreateTenantRequest(
    const pb::CreateTenantRequest& request) {
  Violations violations;
  Fields fields(violations);
  CreateTenantParams params{
      .tenant = {.slug = fields.Slug("slug", request.slug()),
                 .name = fields.Printable("name", request.name(), kTenantName),
                 .test = request.mode() == pb::TENANT_MODE_TEST}};
  if (!pb::TenantMode_IsValid(request.mode())) {
    fields.Wrong("mode",
                 absl::StrCat("got ", static_cast<int>(request.mode()), ", want LIVE or TEST"));
  }
  fields.RequestId(request.request_id());
  if (!violations.empty()) return violations.ToStatus();
  params.request = RequestRefOf(request);
  return params;
}

absl::StatusOr<std::string> ParseGetTenantRequest(const ledger::CallContext& context,
                                                  const pb::GetTenantRequest& request) {
  Violations violations;
  Fields fields(violations);
  std::string tenant = TenantOf(fields, context, request.tenant());
  if (!violations.empty()) return violations.ToStatus();
  return tenant;
}

absl::StatusOr<UpdateTenantParams> ParseUpdateTenantRequest(
    const pb::UpdateTenantRequest& request) {
  Violations violations;
  Fields fields(violations);
  UpdateTenantParams params{.tenant = {.slug = fields.Slug("tenant", request.tenant())},
                            .name = fields.Printable("name", request.name(), kTenantName)};
  fields.RequestId(request.request_id());
  if (!violations.empty()) return violations.ToStatus();
  params.tenant.request = RequestRefOf(request);
  return params;
}

absl::StatusOr<AdminQuery> ParseListTenantsRequest(const ledger::CallContext& context,
                                                   const pb::ListTenantsRequest& request) {
  Violations violations;
  Fields fields(violations);
  AdminQuery query{.limit = fields.PageSize(request.page_size())};
  query.after =
      fields.PageToken(PageTokens(request, context.tenant), request.page_token(), IsTenantCursor);
  if (!violations.empty()) return violations.ToStatus();
  return query;
}

absl::StatusOr<TenantRef> ParseSuspendTenantRequest(const pb::SuspendTenantRequest& request) {
  return ParseTenantRef(request);
}

absl::StatusOr<TenantRef> ParseResumeTenantRequest(const pb::ResumeTenantRequest& request) {
  return ParseTenantRef(request);
}

absl::StatusOr<CreateKeyParams> ParseCreateApiKeyRequest(const ledger::CallContext& context,
                                                         const pb::CreateApiKeyRequest& request) {
  Violations violations;
  Fields fields(violations);
  CreateKeyParams params{.key = {.tenant = TenantOf(fields, context, request.tenant()),
                                 .label = fields.Printable("label", request.label(), kLabel),
                                 .scopes = ScopesOf(fields, request),
                                 .expires = ExpiryOf(fields, request, context.now())}};
  fields.RequestId(request.request_id());
  if (!violations.empty()) return violations.ToStatus();
  params.request = RequestRefOf(request);
  return params;
}

absl::StatusOr<AdminQuery> ParseListApiKeysRequest(const ledger::CallContext& context,
                                                   const pb::ListApiKeysRequest& request) {
  Violations violations;
  Fields fields(violations);
  AdminQuery query{.tenant = TenantOf(fields, context, request.tenant()),
                   .limit = fields.PageSize(request.page_size())};
  query.after = fields.PageToken(PageTokens(request, context.tenant), request.page_token(),
                                 access::IsKeyCursor);
  if (!violations.empty()) return violations.ToStatus();
  return query;
}

absl::StatusOr<RevokeKeyParams> ParseRevokeApiKeyRequest(const ledger::CallContext& context,
                                                         const pb::RevokeApiKeyRequest& request) {
  Violations violations;
  Fields fields(violations);
  RevokeKeyParams params{.key = {.tenant = TenantOf(fields, context, request.tenant()),
                                 .id = KeyIdOf(fields, request.key_id())}};
  fields.RequestId(request.request_id());
  if (!violations.empty()) return violations.ToStatus();
  params.request = RequestRefOf(request);
  return params;
}

absl::StatusOr<RotateKeyParams> ParseRotateApiKeyRequest(const ledger::CallContext& context,
                                                         const pb::RotateApiKeyRequest& request) {
  Violations violations;
  Fields fields(violations);
  RotateKeyParams params{.rotation = {.key = {.tenant = TenantOf(fields, context, request.tenant()),
                                              .id = KeyIdOf(fields, request.key_id())},
                                      .overlap = OverlapOf(fields, request)}};
  fields.RequestId(request.request_id());
  if (!violations.empty()) return violations.ToStatus();
  params.request = RequestRefOf(request);
  return params;
}

}  // namespace owo::rpc
