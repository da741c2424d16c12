// The clock that the ledger reads: the system clock, or one that a test controls.

#ifndef OWO_SERVICE_LEDGER_CLOCK_H_
#define OWO_SERVICE_LEDGER_CLOCK_H_

#include <functional>

#include "storage/types.h"

namespace owo::ledger {

// Returns the current time. Thread-safe.
using Clock = std::function<storage::Micros()>;

}  // namespace owo::ledger

#endif  // OWO_SERVICE_LEDGER_CLOCK_H_
