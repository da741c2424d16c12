#include "service/rpc/admin/render_admin.h"

#include "service/rpc/render_values.h"
#include "service/rpc/scopes.h"

namespace owo::rpc {
namespace {

pb::ApiKeyStatus StatusOf(const access::KeyView& key) {
  if (key.record.revoked_us() != 0) return pb::API_KEY_STATUS_REVOKED;
  const bool expired = key.record.expires_us() != 0 && key.now >= key.record.expires_us();
  return expired ? pb::API_KEY_STATUS_EXPIRED : pb::API_KEY_STATUS_ACTIVE;
}

}  // namespace

void RenderTenant(const storage::TenantProfileRecord& tenant, pb::Tenant& to) {
  to.set_slug(tenant.slug());
  to.set_name(tenant.name());
  to.set_mode(tenant.test() ? pb::TENANT_MODE_TEST : pb::TENANT_MODE_LIVE);
  to.set_status(tenant.suspended() ? pb::TENANT_STATUS_SUSPENDED : pb::TENANT_STATUS_ACTIVE);
  if (tenant.created_us() != 0) *to.mutable_created_at() = ToTimestamp(tenant.created_us());
  if (tenant.updated_us() != 0) *to.mutable_updated_at() = ToTimestamp(tenant.updated_us());
}

void RenderApiKey(const access::KeyView& key, pb::ApiKey& to) {
  to.set_key_id(key.record.id());
  to.set_tenant(key.tenant);
  to.set_label(key.record.label());
  const auto scopes = ledger::Scopes::FromBits(key.record.scopes());
  for (const ledger::Scope scope : {ledger::Scope::kTrack, ledger::Scope::kRead,
                                    ledger::Scope::kBilling, ledger::Scope::kAdmin}) {
    if (scopes.Has(scope)) to.add_scopes(ToProto(scope));
  }
  to.set_status(StatusOf(key));
  *to.mutable_created_at() = ToTimestamp(key.record.created_us());
  if (key.record.expires_us() != 0) *to.mutable_expires_at() = ToTimestamp(key.record.expires_us());
  if (key.record.revoked_us() != 0) *to.mutable_revoked_at() = ToTimestamp(key.record.revoked_us());
  if (key.used != 0) *to.mutable_last_used_at() = ToTimestamp(key.used);
}

absl::Status RenderGetTenantResponse(const storage::TenantProfileRecord& tenant,
                                     pb::GetTenantResponse& to) {
  RenderTenant(tenant, *to.mutable_tenant());
  return absl::OkStatus();
}

absl::Status RenderListTenantsResponse(const access::TenantPage& page, const PageTokens& tokens,
                                       pb::ListTenantsResponse& to) {
  for (const auto& tenant : page.tenants) RenderTenant(tenant, *to.add_tenants());
  to.set_next_page_token(tokens.Make(page.next));
  return absl::OkStatus();
}

absl::Status RenderCreateApiKeyResponse(const ledger::Answered<access::NewKey>& key,
                                        pb::CreateApiKeyResponse& to) {
  RenderApiKey(key.value.key, *to.mutable_api_key());
  to.set_text(key.value.text);
  to.set_replayed(key.replayed);
  return absl::OkStatus();
}

absl::Status RenderListApiKeysResponse(const access::KeyPage& page, const PageTokens& tokens,
                                       pb::ListApiKeysResponse& to) {
  for (const access::KeyView& key : page.keys) RenderApiKey(key, *to.add_api_keys());
  to.set_next_page_token(tokens.Make(page.next));
  return absl::OkStatus();
}

absl::Status RenderRevokeApiKeyResponse(const ledger::Answered<access::KeyView>& key,
                                        pb::RevokeApiKeyResponse& to) {
  RenderApiKey(key.value, *to.mutable_api_key());
  to.set_replayed(key.replayed);
  return absl::OkStatus();
}

absl::Status RenderRotateApiKeyResponse(const ledger::Answered<access::NewKey>& key,
                                        pb::RotateApiKeyResponse& to) {
  RenderApiKey(key.value.key, *to.mutable_api_key());
  to.set_text(key.value.text);
  if (key.value.replaced.has_value()) RenderApiKey(*key.value.replaced, *to.mutable_replaced());
  to.set_replayed(key.replayed);
  return absl::OkStatus();
}

}  // namespace owo::rpc
