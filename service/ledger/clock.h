// The clock that is passed in: the real one, or one that a test moves.

#ifndef OWO_SERVICE_LEDGER_CLOCK_H_
#define OWO_SERVICE_LEDGER_CLOCK_H_

#include <functional>

#include "storage/types.h"

namespace owo::ledger {

// The time now. Thread-safe.
using Clock = std::function<storage::Micros()>;

}  // namespace owo::ledger

#endif  // OWO_SERVICE_LEDGER_CLOCK_H_
