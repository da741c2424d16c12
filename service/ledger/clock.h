// The clocks of the service. Each tenant has one, which tells the ledger the time of its calls
// (CallContext::now): the system clock, or one that a test controls. Deadlines of calls are times
// of the system clock, whatever clock the tenant has.
//
//   const Clock clock = SystemTime;
//   Micros time = 1'767'225'600'000'000;            // 2026-01-01, in a test
//   const Clock test_clock = [&time] { return time; };

#ifndef OWO_SERVICE_LEDGER_CLOCK_H_
#define OWO_SERVICE_LEDGER_CLOCK_H_

#include <functional>

#include "absl/time/clock.h"
#include "storage/types.h"

namespace owo::ledger {

// Returns the current time, in microseconds since 1970. Thread-safe. It may go back, as the system
// clock may.
using Clock = std::function<storage::Micros()>;

// The system clock, as a Clock.
inline storage::Micros SystemTime() { return absl::GetCurrentTimeNanos() / 1000; }

}  // namespace owo::ledger

#endif  // OWO_SERVICE_LEDGER_CLOCK_H_
