#include "client/cpp/internal/wire.h"

namespace owo {

google::protobuf::Duration ToWire(absl::Duration duration) {
  google::protobuf::Duration message;
  message.set_seconds(absl::IDivDuration(duration, absl::Seconds(1), &duration));
  message.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(duration)));
  return message;
}

v1::CreateTenantRequest ToWire(const CreateTenantParams& params) {
  v1::CreateTenantRequest request;
  request.set_slug(params.slug);
  request.set_name(params.name);
  request.set_mode(static_cast<v1::TenantMode>(params.mode));
  request.set_request_id(params.request_id);
  return request;
}

v1::GetTenantRequest ToWire(const GetTenantParams& params) {
  v1::GetTenantRequest request;
  request.set_tenant(params.tenant);
  return request;
}

v1::UpdateTenantRequest ToWire(const UpdateTenantParams& params) {
  v1::UpdateTenantRequest request;
  request.set_tenant(params.tenant);
  request.set_name(params.name);
  request.set_request_id(params.request_id);
  return request;
}

v1::SuspendTenantRequest ToWire(const SuspendTenantParams& params) {
  v1::SuspendTenantRequest request;
  request.set_tenant(params.tenant);
  request.set_request_id(params.request_id);
  return request;
}

v1::ResumeTenantRequest ToWire(const ResumeTenantParams& params) {
  v1::ResumeTenantRequest request;
  request.set_tenant(params.tenant);
  request.set_request_id(params.request_id);
  return request;
}

v1::CreateApiKeyRequest ToWire(const CreateApiKeyParams& params) {
  v1::CreateApiKeyRequest request;
  request.set_tenant(params.tenant);
  request.set_label(params.label);
  for (const Scope scope : params.scopes) request.add_scopes(static_cast<v1::Scope>(scope));
  if (params.expires_at) *request.mutable_expires_at() = ToWire(*params.expires_at);
  request.set_request_id(params.request_id);
  return request;
}

v1::ListApiKeysRequest ToWire(const ListApiKeysParams& params) {
  v1::ListApiKeysRequest request;
  request.set_tenant(params.tenant);
  return request;
}

v1::RevokeApiKeyRequest ToWire(const RevokeApiKeyParams& params) {
  v1::RevokeApiKeyRequest request;
  request.set_tenant(params.tenant);
  request.set_key_id(params.key_id);
  request.set_request_id(params.request_id);
  return request;
}

v1::RotateApiKeyRequest ToWire(const RotateApiKeyParams& params) {
  v1::RotateApiKeyRequest request;
  request.set_tenant(params.tenant);
  request.set_key_id(params.key_id);
  if (params.overlap) *request.mutable_overlap() = ToWire(*params.overlap);
  request.set_request_id(params.request_id);
  return request;
}

Tenant FromWire(const v1::Tenant& tenant) {
  return {
      .slug = tenant.slug(),
      .name = tenant.name(),
      .mode = static_cast<TenantMode>(tenant.mode()),
      .status = static_cast<TenantStatus>(tenant.status()),
      .created_at = Optional(tenant.has_created_at(), tenant.created_at()),
      .updated_at = Optional(tenant.has_updated_at(), tenant.updated_at()),
  };
}

ApiKey FromWire(const v1::ApiKey& key) {
  std::vector<Scope> scopes;
  for (const int scope : key.scopes()) scopes.push_back(static_cast<Scope>(scope));
  return {
      .key_id = key.key_id(),
      .tenant = key.tenant(),
      .label = key.label(),
      .scopes = std::move(scopes),
      .status = static_cast<ApiKeyStatus>(key.status()),
      .created_at = FromWire(key.created_at()),
      .expires_at = Optional(key.has_expires_at(), key.expires_at()),
      .revoked_at = Optional(key.has_revoked_at(), key.revoked_at()),
      .last_used_at = Optional(key.has_last_used_at(), key.last_used_at()),
  };
}

NewApiKey FromWire(const v1::CreateApiKeyResponse& response) {
  return {.api_key = FromWire(response.api_key()),
          .text = response.text(),
          .replayed = response.replayed()};
}

NewApiKey FromWire(const v1::RotateApiKeyResponse& response) {
  NewApiKey key{.api_key = FromWire(response.api_key()),
                .text = response.text(),
                .replayed = response.replayed()};
  if (response.has_replaced()) key.replaced = FromWire(response.replaced());
  return key;
}

}  // namespace owo
