// Converts requests of the Admin service to values that are valid by construction. The error of a
// malformed request lists every wrong field, its value and its bound.
//
//   absl::StatusOr<CreateKeyParams> parsed = ParseCreateApiKeyRequest(context, request);

#ifndef OWO_SERVICE_RPC_ADMIN_PARSE_ADMIN_H_
#define OWO_SERVICE_RPC_ADMIN_PARSE_ADMIN_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "owo/billing/v1/admin.pb.h"
#include "service/access/access.h"
#include "service/ledger/call_context.h"

namespace owo::rpc {

namespace pb = ::owo::billing::v1;

struct CreateTenantParams {
  access::TenantParams tenant;
  ledger::RequestRef request;
};

struct TenantRef {
  std::string slug;
  ledger::RequestRef request;
};

struct UpdateTenantParams {
  TenantRef tenant;
  std::string name;
};

struct CreateKeyParams {
  access::KeyParams key;
  ledger::RequestRef request;
};

struct RevokeKeyParams {
  access::KeyRef key;
  ledger::RequestRef request;
};

struct RotateKeyParams {
  access::RotateParams rotation;
  ledger::RequestRef request;
};

struct AdminQuery {
  std::string tenant;  // of keys
  std::string after;   // a cursor; "": from the first
  size_t limit = 0;
};

absl::StatusOr<CreateTenantParams> ParseCreateTenantRequest(const pb::CreateTenantRequest& request);
// The slug. These need the context to know who must name a tenant: the operator.
absl::StatusOr<std::string> ParseGetTenantRequest(const ledger::CallContext& context,
                                                  const pb::GetTenantRequest& request);
absl::StatusOr<UpdateTenantParams> ParseUpdateTenantRequest(const pb::UpdateTenantRequest& request);
absl::StatusOr<AdminQuery> ParseListTenantsRequest(const ledger::CallContext& context,
                                                   const pb::ListTenantsRequest& request);
absl::StatusOr<TenantRef> ParseSuspendTenantRequest(const pb::SuspendTenantRequest& request);
absl::StatusOr<TenantRef> ParseResumeTenantRequest(const pb::ResumeTenantRequest& request);
absl::StatusOr<CreateKeyParams> ParseCreateApiKeyRequest(const ledger::CallContext& context,
                                                         const pb::CreateApiKeyRequest& request);
absl::StatusOr<AdminQuery> ParseListApiKeysRequest(const ledger::CallContext& context,
                                                   const pb::ListApiKeysRequest& request);
absl::StatusOr<RevokeKeyParams> ParseRevokeApiKeyRequest(const ledger::CallContext& context,
                                                         const pb::RevokeApiKeyRequest& request);
absl::StatusOr<RotateKeyParams> ParseRotateApiKeyRequest(const ledger::CallContext& context,
                                                         const pb::RotateApiKeyRequest& request);

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_ADMIN_PARSE_ADMIN_H_
