// What every part of the ledger works with.

#ifndef OWO_SERVICE_LEDGER_CONTEXT_H_
#define OWO_SERVICE_LEDGER_CONTEXT_H_

#include <functional>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "service/ledger/clock.h"
#include "service/ledger/directory.h"
#include "service/ledger/ids.h"
#include "service/rating/currency.h"
#include "storage/store.h"
#include "storage/util/executor.h"

namespace owo::ledger {

struct Options {
  storage::Micros event_age_max = storage::Micros{35} * 24 * 3600 * 1'000'000;  // 0: no bound
  bool allow_negative_quantities = false;
  std::string default_currency = "USD";
};

inline constexpr storage::Micros kEventAheadMax = storage::Micros{5} * 60 * 1'000'000;

// Refers to what outlives it.
struct Context {
  storage::Store& store;
  Directory& directory;
  Executor& executor;
  IdSource& ids;
  Clock clock;
  Options options;
};

// Called exactly once, on any thread; must not block.
template <typename Answer>
using Done = absl::AnyInvocable<void(absl::StatusOr<Answer>)>;

// The id that a caller gave a request, so that it may be repeated; "" for none.
struct RequestRef {
  std::string id;
  std::string fingerprint;  // of its content
};

// The answer of a call that may be a repeat.
template <typename Value>
struct Answered {
  Value value;
  bool replayed = false;
};

}  // namespace owo::ledger

#endif  // OWO_SERVICE_LEDGER_CONTEXT_H_
