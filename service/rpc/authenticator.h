// Decides who makes a call: its principal, its tenant, and the tenant's clock. Nothing else in the
// service does.
//
//   const Authenticator authenticator(ledger::SystemTime);
//   const ledger::CallContext context = authenticator.ContextOf(deadline, names);

#ifndef OWO_SERVICE_RPC_AUTHENTICATOR_H_
#define OWO_SERVICE_RPC_AUTHENTICATOR_H_

#include <utility>

#include "service/ledger/call_context.h"

namespace owo::rpc {

// Without keys, every caller is "anonymous", who may do everything for the default tenant.
// Thread-safe. Must outlive the contexts that it makes.
class Authenticator {
 public:
  // `clock`: of the tenant.
  explicit Authenticator(ledger::Clock clock) : clock_(std::move(clock)) {}

  // The context of a call. `deadline` and `names` as in CallContext.
  ledger::CallContext ContextOf(storage::Micros deadline, const ledger::CallNames& names) const {
    return {.principal = &anonymous_,
            .tenant = storage::kDefaultTenant,
            .clock = &clock_,
            .deadline = deadline,
            .names = &names};
  }

 private:
  const ledger::Principal anonymous_{.name = "anonymous", .scopes = ledger::Scopes::All()};
  const ledger::Clock clock_;
};

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_AUTHENTICATOR_H_
