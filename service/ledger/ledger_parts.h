// What all of the ledger shares: the objects that it works on, and its options. What differs from
// call to call is in the CallContext.

#ifndef OWO_SERVICE_LEDGER_LEDGER_PARTS_H_
#define OWO_SERVICE_LEDGER_LEDGER_PARTS_H_

#include <functional>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "service/ledger/call_context.h"
#include "service/ledger/directory.h"
#include "service/ledger/ids.h"
#include "service/rating/currency.h"
#include "storage/store.h"
#include "storage/util/executor.h"

namespace owo::ledger {

struct Options {
  storage::Micros event_age_max = storage::Micros{35} * 24 * 3600 * 1'000'000;  // 0: unbounded
  bool allow_negative_quantities = false;
  std::string default_currency = "USD";
};

// How far an event's time may be ahead of the tenant's clock.
inline constexpr storage::Micros kEventAheadMax = storage::Micros{5} * 60 * 1'000'000;

// REQUIRES: everything that it refers to outlives it.
struct LedgerParts {
  storage::Store& store;
  Directory& directory;
  Executor& executor;
  IdSource& ids;
  Options options;
};

// Called exactly once, on any thread; must not block.
template <typename Answer>
using Done = absl::AnyInvocable<void(absl::StatusOr<Answer>)>;

// The idempotency key of a request: a request with the same id and content is replayed, that is,
// answered with the object that the first one made.
struct RequestRef {
  std::string id;           // from the caller; "": none
  std::string fingerprint;  // of the request's content
};

// An answer, and whether the request was replayed.
template <typename Value>
struct Answered {
  Value value;
  bool replayed = false;
};

}  // namespace owo::ledger

#endif  // OWO_SERVICE_LEDGER_LEDGER_PARTS_H_
