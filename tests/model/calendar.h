// Local days and months, for zones without daylight saving time.
#ifndef OWO_TESTS_MODEL_CALENDAR_H_
#define OWO_TESTS_MODEL_CALENDAR_H_

#include <cstdint>

#include "absl/time/civil_time.h"
#include "storage/types.h"

namespace owo::model {

inline constexpr storage::Micros kHour = int64_t{3600} * 1'000'000;
inline constexpr storage::Micros kDay = 24 * kHour;

// Returns the days since 1970-01-01, for times after it.
inline int64_t LocalDay(storage::Micros time, int64_t hours_ahead) {
  return (time + hours_ahead * kHour) / kDay;
}

inline storage::Micros StartOfDay(int64_t day, int64_t hours_ahead) {
  return day * kDay - hours_ahead * kHour;
}

// Returns the first local day of the month that contains `time`, or of a later month.
inline int64_t FirstOfMonth(storage::Micros time, int64_t hours_ahead, int months_later = 0) {
  const absl::CivilDay epoch(1970, 1, 1);
  const absl::CivilMonth month(epoch + LocalDay(time, hours_ahead));
  return absl::CivilDay(month + months_later) - epoch;
}

}  // namespace owo::model

#endif  // OWO_TESTS_MODEL_CALENDAR_H_
