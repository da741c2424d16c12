// What all of the ledger shares: the objects that it works on, and its options. What differs from
// call to call is in the CallContext.
//
//   Directory directory(*store);
//   IdSource ids(SystemTime);
//   LedgerParts parts{*store, directory, executor, ids, {.default_currency = "EUR"}};
//   Billing billing(parts);
//   Metering metering(parts);
//
// service/server.cc makes one, and Billing, Catalogs, Customers and Metering refer to it.

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

// Set when the server starts, by flags of the same names.
struct Options {
  // How old an event's time may be when it is reported, in microseconds. 0: unbounded.
  storage::Micros event_age_max = storage::Micros{35} * 24 * 3600 * 1'000'000;
  // Whether an event may take back counted usage. Else it is refused with QUANTITY_OUT_OF_RANGE.
  bool allow_negative_quantities = false;
  // The currency of customers that no plan has given one yet: an ISO 4217 code.
  std::string default_currency = "USD";
};

// How far an event's time may be ahead of the tenant's clock, in microseconds: 5 minutes.
inline constexpr storage::Micros kEventAheadMax = storage::Micros{5} * 60 * 1'000'000;

// All of these are thread-safe. REQUIRES: everything that it refers to outlives it.
struct LedgerParts {
  storage::Store& store;
  // Caches what tracking reads of customers and catalogs.
  Directory& directory;
  // Runs what may block, off the store's threads.
  Executor& executor;
  // Makes the ids of events and invoices.
  IdSource& ids;
  Options options;
};

// Receives the answer of a call. Called exactly once, on any thread, and possibly before the
// function that took it returns. Must not block: it may run on the thread that commits.
template <typename Answer>
using Done = absl::AnyInvocable<void(absl::StatusOr<Answer>)>;

// The idempotency key of a request: a request with the same id and content is replayed, that is,
// answered with the object that the first one made.
struct RequestRef {
  // From the caller, unique among its requests to one method; "": none, so that a repeat is made
  // again.
  std::string id;
  // SHA-256 of the request's content, 32 bytes. The same id with another one is REQUEST_ID_REUSED.
  std::string fingerprint;
};

// An answer, and whether the request was replayed.
template <typename Value>
struct Answered {
  Value value;
  bool replayed = false;
};

}  // namespace owo::ledger

#endif  // OWO_SERVICE_LEDGER_LEDGER_PARTS_H_
