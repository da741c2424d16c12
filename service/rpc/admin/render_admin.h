// Renders tenants and API keys as answers of the Admin service.

#ifndef OWO_SERVICE_RPC_ADMIN_RENDER_ADMIN_H_
#define OWO_SERVICE_RPC_ADMIN_RENDER_ADMIN_H_

#include "absl/status/status.h"
#include "owo/billing/v1/admin.pb.h"
#include "service/access/access.h"
#include "service/rpc/page_token.h"

namespace owo::rpc {

namespace pb = ::owo::billing::v1;

void RenderTenant(const storage::TenantProfileRecord& tenant, pb::Tenant& to);
void RenderApiKey(const access::KeyView& key, pb::ApiKey& to);

// For every response with a tenant and `replayed`.
template <typename Response>
absl::Status RenderTenantResponse(const ledger::Answered<storage::TenantProfileRecord>& tenant,
                                  Response& to) {
  RenderTenant(tenant.value, *to.mutable_tenant());
  to.set_replayed(tenant.replayed);
  return absl::OkStatus();
}

absl::Status RenderGetTenantResponse(const storage::TenantProfileRecord& tenant,
                                     pb::GetTenantResponse& to);
absl::Status RenderListTenantsResponse(const access::TenantPage& page, const PageTokens& tokens,
                                       pb::ListTenantsResponse& to);
absl::Status RenderCreateApiKeyResponse(const ledger::Answered<access::NewKey>& key,
                                        pb::CreateApiKeyResponse& to);
absl::Status RenderListApiKeysResponse(const access::KeyPage& page, const PageTokens& tokens,
                                       pb::ListApiKeysResponse& to);
absl::Status RenderRevokeApiKeyResponse(const ledger::Answered<access::KeyView>& key,
                                        pb::RevokeApiKeyResponse& to);
absl::Status RenderRotateApiKeyResponse(const ledger::Answered<access::NewKey>& key,
                                        pb::RotateApiKeyResponse& to);

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_ADMIN_RENDER_ADMIN_H_
