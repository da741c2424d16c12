// Decides who makes a call, for which tenant, and whether it may: from the key that comes with the
// call, and from what the RPC needs. Nothing else in the service does.
//
//   const Authenticator authenticator({.ring = ring, .require_keys = true}, ledger::SystemTime);
//   Caller caller;
//   OWO_RETURN_IF_ERROR(authenticator.Authenticate("Bearer owo_sk_live_…", needs, caller));
//   const ledger::CallContext context = authenticator.ContextOf(caller, deadline, names);
//
// It runs before the request is looked at. What a refusal tells depends on what the caller knows:
//
//   no key, and keys are required                           KEY_MISSING
//   not the form of a key, or another checksum              KEY_MALFORMED
//   another key than all that there are, its id aside       KEY_UNKNOWN
//   a whole key that was revoked or has expired             KEY_REVOKED, KEY_EXPIRED
//   a valid key without the scope                           SCOPE_MISSING
//   a valid key of a suspended tenant, for a change         TENANT_SUSPENDED
//
// docs/decisions/0014-who-may-call.md says why.

#ifndef OWO_SERVICE_RPC_AUTHENTICATOR_H_
#define OWO_SERVICE_RPC_AUTHENTICATOR_H_

#include <memory>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "service/access/key_ring.h"
#include "service/access/operator_key.h"
#include "service/ledger/call_context.h"

namespace owo::rpc {

// What an RPC needs of its caller.
struct RpcAccess {
  // Any of these is enough. Empty: nobody may call it.
  ledger::Scopes any_of;
  // A suspended tenant may call it.
  bool read_only = false;
};

// Who makes a call. Holds the key that it was made with until the call is answered.
struct Caller {
  const ledger::Principal* principal = nullptr;
  const access::TenantState* tenant = nullptr;  // null: the operator, who belongs to none
  std::shared_ptr<const access::Key> key;       // null: no API key
};

struct AuthenticatorOptions {
  const access::KeyRing& ring;
  // Null: there is no operator.
  const access::OperatorKey* operator_key = nullptr;
  // False: a call without a key is made by "anonymous", who may do what any API key of the default
  // tenant may.
  bool require_keys = false;
};

// Thread-safe. Must outlive the contexts that it makes.
class Authenticator {
 public:
  // `clock`: of the tenants.
  Authenticator(const AuthenticatorOptions& options, ledger::Clock clock)
      : options_(options), clock_(std::move(clock)) {}

  // Sets `caller`, or returns why the call is refused. `authorization`: the value of that metadata,
  // "" if the call has none.
  absl::Status Authenticate(std::string_view authorization, const RpcAccess& needs,
                            Caller& caller) const;
  // Whether the caller may call RPCs that have no descriptor, such as reflection: any valid key
  // will do.
  absl::Status Admit(std::string_view authorization) const;

  // The context of a call. `deadline` and `names` as in CallContext.
  ledger::CallContext ContextOf(const Caller& caller, storage::Micros deadline,
                                const ledger::CallNames& names) const {
    return {.principal = caller.principal,
            .tenant = caller.tenant == nullptr ? storage::kNoTenant : caller.tenant->id,
            .clock = &clock_,
            .deadline = deadline,
            .names = &names};
  }

 private:
  // Finds out who calls, whatever that may do.
  absl::Status Identify(std::string_view authorization, Caller& caller) const;
  absl::Status IdentifyByKey(std::string_view text, Caller& caller) const;

  const AuthenticatorOptions options_;
  const ledger::Clock clock_;
  const ledger::Principal anonymous_{.name = "anonymous", .scopes = ledger::Scopes::All()};
  const ledger::Principal operator_{.name = "operator", .scopes = {ledger::Scope::kOperator}};
};

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_AUTHENTICATOR_H_
