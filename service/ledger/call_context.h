// The context of one call: who makes it, for which tenant, by which clock, and until when. The
// adapter (service/rpc) makes it, and every function of the ledger that serves a call takes it
// first. It has no state of its own: the ledger never changes it, and copies it to where a call
// goes on.
//
//   const Principal anonymous{.name = "anonymous", .scopes = Scopes::All()};
//   const Clock clock = SystemTime;
//   const CallContext context{.principal = &anonymous, .tenant = tenant, .clock = &clock};
//   OWO_TRY(const UsageAnswer usage, billing.Usage(context, read, "user_123"));

#ifndef OWO_SERVICE_LEDGER_CALL_CONTEXT_H_
#define OWO_SERVICE_LEDGER_CALL_CONTEXT_H_

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>

#include "absl/status/status.h"
#include "service/ledger/clock.h"
#include "storage/types.h"

namespace owo::ledger {

// What a principal may do. The numbers are stored: never renumber.
enum class Scope : uint8_t {
  // Report usage, and check whether it is allowed.
  kTrack,
  // Read everything of its tenant.
  kRead,
  // Change what is billed: customers, subscriptions, invoices.
  kBilling,
  // Change the catalog, and make and revoke the tenant's API keys, of any scope.
  kAdmin,
  // Manage tenants and the API keys of any tenant, and the server. No API key has this scope, only
  // the operator.
  kOperator
};

// A set of scopes. A value as small as an int.
class Scopes {
 public:
  constexpr Scopes() = default;
  constexpr Scopes(std::initializer_list<Scope> scopes) {
    for (const Scope scope : scopes) bits_ |= BitOf(scope);
  }
  // Every scope that an API key may have.
  static constexpr Scopes All() {
    return {Scope::kTrack, Scope::kRead, Scope::kBilling, Scope::kAdmin};
  }

  // Whether the set has this very scope: none of them implies another.
  constexpr bool Has(Scope scope) const { return (bits_ & BitOf(scope)) != 0; }
  constexpr bool HasAnyOf(Scopes scopes) const { return (bits_ & scopes.bits_) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr void Add(Scope scope) { bits_ |= BitOf(scope); }
  // As numbers that are stored: bit 0 is kTrack, and so on. Never renumber scopes.
  constexpr uint32_t bits() const { return bits_; }
  static constexpr Scopes FromBits(uint32_t bits) {
    Scopes scopes;
    scopes.bits_ = bits;
    return scopes;
  }
  constexpr bool operator==(const Scopes&) const = default;

 private:
  static constexpr uint32_t BitOf(Scope scope) { return 1U << static_cast<unsigned>(scope); }

  uint32_t bits_ = 0;
};

// Who makes calls: a name for logs, and what it may do.
struct Principal {
  // For logs and audits, not unique by itself.
  std::string name;
  Scopes scopes;
};

// The names that callers give to a call. They are for logs and traces, and decide nothing: a caller
// may give any. They are read only if something asks for them, which spares most calls the cost.
// Texts are valid until the call is answered.
class CallNames {
 public:
  virtual ~CallNames() = default;
  // `x-request-id`, to find the call in the logs of several services; "" if the caller sent none.
  // Not a request_id, which makes a request repeatable.
  virtual std::string_view correlation_id() const = 0;
  // `traceparent` of W3C Trace Context; "" if the caller sent none.
  virtual std::string_view traceparent() const = 0;
};

// Small, and copied without allocating: a call that goes on later, on another thread, keeps a copy.
// REQUIRES: what it refers to outlives the answer of the call.
struct CallContext {
  // Who makes the call.
  const Principal* principal = nullptr;
  // The owner of everything that the call reads or changes.
  storage::TenantId tenant{};
  // The tenant's clock. Never null.
  const Clock* clock = nullptr;
  // In microseconds of the system clock. After it, the caller no longer waits for the answer.
  storage::Micros deadline = storage::kForever;
  // What the caller calls the call, in logs and traces. Null: the call has no names.
  const CallNames* names = nullptr;

  // The time by the tenant's clock, in microseconds since 1970. Each call may return a later time:
  // read it once for what must agree.
  storage::Micros now() const { return (*clock)(); }
  // Checked just before a commit, so that a call is either committed and answered, or dropped.
  bool IsPastDeadline() const { return deadline != storage::kForever && deadline <= SystemTime(); }
  // As CallNames; "" if the call has no names.
  std::string_view correlation_id() const {
    return names == nullptr ? std::string_view() : names->correlation_id();
  }
  std::string_view traceparent() const {
    return names == nullptr ? std::string_view() : names->traceparent();
  }
};

static_assert(std::is_trivially_copyable_v<CallContext> && sizeof(CallContext) <= 64);

// DEADLINE_EXCEEDED: the call was dropped, and this attempt of it has committed nothing.
inline absl::Status PastDeadline() {
  return absl::DeadlineExceededError("the deadline of the call is past");
}

}  // namespace owo::ledger

#endif  // OWO_SERVICE_LEDGER_CALL_CONTEXT_H_
