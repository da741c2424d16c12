// Changes and lists tenants and API keys: what the Admin service means.
//
//   KeyRing ring;
//   Access access(ledger_parts, ring);
//   access.CreateKey(context, {.tenant = "acme", .scopes = {Scope::kTrack}}, request, done);
//
// Every change is decided on what the ring has, and committed if the store is still at the ring's
// generation. So the ring, which knows all tenants and keys, holds every bound exactly.
//
// A caller with an API key acts for its own tenant: naming another one is TENANT_NOT_FOUND, as if
// it did not exist. The operator names any tenant.

#ifndef OWO_SERVICE_ACCESS_ACCESS_H_
#define OWO_SERVICE_ACCESS_ACCESS_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "service/access/key_ring.h"
#include "service/ledger/call_context.h"
#include "service/ledger/commit.h"
#include "service/ledger/ledger_parts.h"

namespace owo::access {

// Bounds of the whole store. A key takes about 0.5 KiB in memory.
inline constexpr size_t kTenantsMax = 10'000;
inline constexpr size_t kKeysMax = 20'000;
// Of one tenant. Of the keys that have ended, the oldest are forgotten when another one is made.
inline constexpr size_t kValidKeysMax = 100;
inline constexpr size_t kEndedKeysMax = 20;

struct TenantParams {
  std::string slug;
  std::string name;
  bool test = false;
};

struct KeyParams {
  std::string tenant;  // a slug; "": the caller's own
  std::string label;
  ledger::Scopes scopes;
  storage::Micros expires = 0;  // 0: never
};

// Names an API key.
struct KeyRef {
  std::string tenant;  // a slug; "": the caller's own
  std::string id;
};

struct RotateParams {
  KeyRef key;
  storage::Micros overlap = 0;  // how long the key stays valid
};

// A key as it is shown.
struct KeyView {
  storage::ApiKeyRecord record;
  std::string tenant;        // its slug
  storage::Micros used = 0;  // 0: never
  storage::Micros now = 0;   // when it was read, which its status depends on
};

// A key that was made.
struct NewKey {
  KeyView key;
  std::string text;                 // the key itself; "" for a repeat
  std::optional<KeyView> replaced;  // of a rotation, unless it was forgotten
};

struct KeyPage {
  std::vector<KeyView> keys;
  std::string next;  // a cursor; "": there are no more
};

struct TenantPage {
  std::vector<storage::TenantProfileRecord> tenants;
  std::string next;  // a cursor; "": there are no more
};

// Thread-safe. Errors are those that the API states (proto/owo/billing/v1/admin.proto).
class Access {
 public:
  using TenantDone = ledger::Done<ledger::Answered<storage::TenantProfileRecord>>;
  using KeyDone = ledger::Done<ledger::Answered<KeyView>>;
  using NewKeyDone = ledger::Done<ledger::Answered<NewKey>>;

  // Both must outlive this, and all calls.
  Access(ledger::LedgerParts& parts, KeyRing& ring) : parts_(parts), ring_(ring) {}

  void CreateTenant(const ledger::CallContext& context, TenantParams params,
                    ledger::RequestRef request, TenantDone done);
  void RenameTenant(const ledger::CallContext& context, std::string slug, std::string name,
                    ledger::RequestRef request, TenantDone done);
  void SetSuspended(const ledger::CallContext& context, std::string slug, bool suspended,
                    ledger::RequestRef request, TenantDone done);
  // "": the caller's own.
  absl::StatusOr<storage::TenantProfileRecord> GetTenant(const ledger::CallContext& context,
                                                         const std::string& slug) const;
  // Tenants whose slug is greater than `after`.
  absl::StatusOr<TenantPage> ListTenants(const std::string& after, size_t limit) const;

  void CreateKey(const ledger::CallContext& context, KeyParams params, ledger::RequestRef request,
                 NewKeyDone done);
  void RevokeKey(const ledger::CallContext& context, KeyRef key, ledger::RequestRef request,
                 KeyDone done);
  void RotateKey(const ledger::CallContext& context, RotateParams params,
                 ledger::RequestRef request, NewKeyDone done);
  absl::StatusOr<KeyPage> ListKeys(const ledger::CallContext& context, const std::string& tenant,
                                   const std::string& after, size_t limit) const;

 private:
  using ChangeProfile = std::function<bool(storage::TenantProfileRecord&)>;

  // The tenant that the caller names, if it may.
  absl::StatusOr<storage::TenantProfileRecord> NamedTenant(const ledger::CallContext& context,
                                                           const std::string& slug) const;
  // The tenant's key with this id.
  absl::StatusOr<std::shared_ptr<const Key>> NamedKey(const storage::TenantProfileRecord& tenant,
                                                      const std::string& id) const;
  // Changes a tenant's profile, unless `change` returns false.
  void UpdateTenant(const ledger::CallContext& context, std::string method, std::string slug,
                    ChangeProfile change, ledger::RequestRef request, TenantDone done);
  // Adds a new key to `changes`, and what is forgotten for it. Returns its text.
  absl::StatusOr<std::string> AddKey(const storage::TenantProfileRecord& tenant,
                                     storage::ApiKeyRecord record, storage::Micros now,
                                     storage::AccessChangeRecord& changes) const;
  // Makes the decision to commit these changes.
  template <typename Value>
  ledger::Decision<Value> Change(uint64_t generation, storage::AccessChangeRecord changes,
                                 std::string object, Value value);
  // Reads what other processes have committed, if the last attempt met that.
  absl::Status Prepare(const ledger::Attempt& attempt);
  KeyView ViewOf(const Key& key, storage::Micros now) const;

  ledger::LedgerParts& parts_;
  KeyRing& ring_;
};

// Whether `cursor` is one of ListKeys().
bool IsKeyCursor(const std::string& cursor);

}  // namespace owo::access

#endif  // OWO_SERVICE_ACCESS_ACCESS_H_
