// Tenants and API keys.
//
//   absl::StatusOr<owo::NewApiKey> key = owo.admin.create_api_key(
//       {.label = "checkout", .scopes = {owo::Scope::kTrack, owo::Scope::kRead}});
//   Keep(key->text);   // "owo_sk_live_…": nobody can ask for it again
//   owo.admin.rotate_api_key({.key_id = key->api_key.key_id, .overlap = absl::Hours(1)});
//
// Calls about tenants need the operator's key (OwostackOptions::secret_key), those about API keys
// an API key with the scope kAdmin or the operator's. `tenant` is a slug: 1–64 characters of a–z,
// 0–9, "-" and "_", the first a letter or digit. Where it is optional, an API key may leave it
// empty, which is its own tenant, and the operator may not.
//
// Texts are UTF-8. Values outside the bounds stated here are INVALID_REQUEST. A `request_id` has
// 1–64 characters, and the client makes one when it is empty.
// proto/owo/billing/v1/admin.proto documents every field in detail.

#ifndef OWO_CLIENT_CPP_ADMIN_H_
#define OWO_CLIENT_CPP_ADMIN_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace owo {

// What an API key may do. None includes another. Values that this client does not know are kept as
// numbers.
enum class Scope {
  kUnspecified = 0,
  kTrack = 1,     // report usage, and check whether it is allowed
  kRead = 2,      // read everything of the tenant
  kBilling = 3,   // change customers, subscriptions and invoices
  kAdmin = 4,     // change the catalog, and make keys of every scope
  kOperator = 5,  // manage tenants; no API key has it, only the operator
};
// "track"; "unknown" for a value that this client does not know.
std::string ToString(Scope scope);

// What a tenant is for.
enum class TenantMode {
  kUnspecified = 0,  // in a request: kLive
  kLive = 1,         // real customers
  kTest = 2,         // trials: its keys begin with "owo_sk_test_"
};
std::string ToString(TenantMode mode);

enum class TenantStatus {
  kUnspecified = 0,
  kActive = 1,
  kSuspended = 2,  // it can read, and nothing else
};
std::string ToString(TenantStatus status);

enum class ApiKeyStatus {
  kUnspecified = 0,
  kActive = 1,
  kRevoked = 2,
  kExpired = 3,
};
std::string ToString(ApiKeyStatus status);

// An owner of a catalog and of customers.
struct Tenant {
  std::string slug;  // unique, never changes
  std::string name;
  TenantMode mode = TenantMode::kUnspecified;
  TenantStatus status = TenantStatus::kUnspecified;
  std::optional<absl::Time> created_at;  // absent: tenant "default"
  std::optional<absl::Time> updated_at;  // absent: it never changed

  bool operator==(const Tenant&) const = default;
};

struct CreateTenantParams {
  std::string slug;
  std::string name;  // at most 256 bytes
  TenantMode mode = TenantMode::kUnspecified;
  std::string request_id;

  bool operator==(const CreateTenantParams&) const = default;
};

struct GetTenantParams {
  std::string tenant;  // optional

  bool operator==(const GetTenantParams&) const = default;
};

struct UpdateTenantParams {
  std::string tenant;
  std::string name;  // at most 256 bytes
  std::string request_id;

  bool operator==(const UpdateTenantParams&) const = default;
};

struct SuspendTenantParams {
  std::string tenant;
  std::string request_id;

  bool operator==(const SuspendTenantParams&) const = default;
};

struct ResumeTenantParams {
  std::string tenant;
  std::string request_id;

  bool operator==(const ResumeTenantParams&) const = default;
};

// An API key, without the key itself.
struct ApiKey {
  std::string key_id;  // its public part, 14 characters
  std::string tenant;
  std::string label;
  std::vector<Scope> scopes;
  ApiKeyStatus status = ApiKeyStatus::kUnspecified;
  absl::Time created_at;
  std::optional<absl::Time> expires_at;    // absent: never
  std::optional<absl::Time> revoked_at;    // absent: it was not
  std::optional<absl::Time> last_used_at;  // to within a minute or so; absent: never

  bool operator==(const ApiKey&) const = default;
};

struct CreateApiKeyParams {
  std::string tenant;                    // optional
  std::string label;                     // at most 128 bytes
  std::vector<Scope> scopes;             // 1–4 different ones
  std::optional<absl::Time> expires_at;  // in the future, at most 10 years from now; absent: never
  std::string request_id;

  bool operator==(const CreateApiKeyParams&) const = default;
};

// A key that was made, or by a rotation.
struct NewApiKey {
  ApiKey api_key;
  // The key itself. Empty if `replayed`: the server made the key for an earlier call with this
  // request id, or for an attempt whose answer was lost, and does not have its text. Revoke it, and
  // make another one with another id.
  std::string text;
  std::optional<ApiKey> replaced;  // by a rotation
  bool replayed = false;

  bool operator==(const NewApiKey&) const = default;
};

struct ListApiKeysParams {
  std::string tenant;  // optional

  bool operator==(const ListApiKeysParams&) const = default;
};

struct RevokeApiKeyParams {
  std::string tenant;  // optional
  std::string key_id;
  std::string request_id;

  bool operator==(const RevokeApiKeyParams&) const = default;
};

struct RotateApiKeyParams {
  std::string tenant;  // optional
  std::string key_id;
  // How long the replaced key stays valid: 0 to 30 days. Absent: 24 hours.
  std::optional<absl::Duration> overlap;
  std::string request_id;

  bool operator==(const RotateApiKeyParams&) const = default;
};

}  // namespace owo

#endif  // OWO_CLIENT_CPP_ADMIN_H_
