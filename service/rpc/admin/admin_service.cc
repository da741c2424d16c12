#include "service/rpc/admin/admin_service.h"

#include <string>
#include <utility>
#include <vector>

#include "owo/billing/v1/admin.pb.h"
#include "service/rpc/admin/parse_admin.h"
#include "service/rpc/admin/render_admin.h"

namespace owo::rpc {
namespace {

std::vector<Method> TenantMethods(access::Access& access, Calls& calls) {
  const auto suspend = [&access](bool suspended) {
    return [&access, suspended](const CallContext& context, TenantRef&& params, auto done) {
      access.SetSuspended(context, std::move(params.slug), suspended, std::move(params.request),
                          std::move(done));
    };
  };
  return {
      calls.Write<pb::CreateTenantRequest, pb::CreateTenantResponse>(
          "CreateTenant", ParseCreateTenantRequest,
          [&access](const CallContext& context, CreateTenantParams&& params, auto done) {
            access.CreateTenant(context, std::move(params.tenant), std::move(params.request),
                                std::move(done));
          },
          RenderTenantResponse<pb::CreateTenantResponse>),
      calls.Read<pb::GetTenantRequest, pb::GetTenantResponse>(
          "GetTenant", ParseGetTenantRequest,
          [&access](const CallContext& context, const storage::ReadOptions&,
                    const std::string& slug) { return access.GetTenant(context, slug); },
          RenderGetTenantResponse),
      calls.Write<pb::UpdateTenantRequest, pb::UpdateTenantResponse>(
          "UpdateTenant", ParseUpdateTenantRequest,
          [&access](const CallContext& context, UpdateTenantParams&& params, auto done) {
            access.RenameTenant(context, std::move(params.tenant.slug), std::move(params.name),
                                std::move(params.tenant.request), std::move(done));
          },
          RenderTenantResponse<pb::UpdateTenantResponse>),
      calls.List<pb::ListTenantsRequest, pb::ListTenantsResponse>(
          "ListTenants", ParseListTenantsRequest,
          [&access](const CallContext&, const storage::ReadOptions&, const AdminQuery& query) {
            return access.ListTenants(query.after, query.limit);
          },
          RenderListTenantsResponse),
      calls.Write<pb::SuspendTenantRequest, pb::SuspendTenantResponse>(
          "SuspendTenant", ParseSuspendTenantRequest, suspend(true),
          RenderTenantResponse<pb::SuspendTenantResponse>),
      calls.Write<pb::ResumeTenantRequest, pb::ResumeTenantResponse>(
          "ResumeTenant", ParseResumeTenantRequest, suspend(false),
          RenderTenantResponse<pb::ResumeTenantResponse>),
  };
}

std::vector<Method> KeyMethods(access::Access& access, Calls& calls) {
  return {
      calls.Write<pb::CreateApiKeyRequest, pb::CreateApiKeyResponse>(
          "CreateApiKey", ParseCreateApiKeyRequest,
          [&access](const CallContext& context, CreateKeyParams&& params, auto done) {
            access.CreateKey(context, std::move(params.key), std::move(params.request),
                             std::move(done));
          },
          RenderCreateApiKeyResponse),
      calls.List<pb::ListApiKeysRequest, pb::ListApiKeysResponse>(
          "ListApiKeys", ParseListApiKeysRequest,
          [&access](const CallContext& context, const storage::ReadOptions&,
                    const AdminQuery& query) {
            return access.ListKeys(context, query.tenant, query.after, query.limit);
          },
          RenderListApiKeysResponse),
      calls.Write<pb::RevokeApiKeyRequest, pb::RevokeApiKeyResponse>(
          "RevokeApiKey", ParseRevokeApiKeyRequest,
          [&access](const CallContext& context, RevokeKeyParams&& params, auto done) {
            access.RevokeKey(context, std::move(params.key), std::move(params.request),
                             std::move(done));
          },
          RenderRevokeApiKeyResponse),
      calls.Write<pb::RotateApiKeyRequest, pb::RotateApiKeyResponse>(
          "RotateApiKey", ParseRotateApiKeyRequest,
          [&access](const CallContext& context, RotateKeyParams&& params, auto done) {
            access.RotateKey(context, std::move(params.rotation), std::move(params.request),
                             std::move(done));
          },
          RenderRotateApiKeyResponse),
  };
}

}  // namespace

AdminService::AdminService(ledger::LedgerParts& ledger, access::KeyRing& ring, Calls& calls,
                           const CallParts& parts)
    : GrpcService(parts), access_(ledger, ring) {
  std::vector<Method> methods = TenantMethods(access_, calls);
  for (Method& method : KeyMethods(access_, calls)) methods.push_back(std::move(method));
  Serve("owo.billing.v1.Admin", std::move(methods));
}

}  // namespace owo::rpc
