// Period: a billing or reset period. Computed from a customer's time zones, an interval and a time.
//
//   absl::StatusOr<absl::TimeZone> lagos = LoadZone("Africa/Lagos");
//   Zones zones(*lagos);
//   Period month = PeriodAt(zones, Interval::kMonth, event_time);
//   month.Label(*lagos);  // "2026-11"
#ifndef OWO_SERVICE_RATING_PERIOD_H_
#define OWO_SERVICE_RATING_PERIOD_H_

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "service/rating/zone.h"

namespace owo::rating {

// The length of a period. Weeks begin on Monday (ISO 8601). kNever is one period for the life of a
// subscription: its start and end are those of the subscription, and are not computed here.
enum class Interval { kHour, kDay, kWeek, kMonth, kQuarter, kYear, kNever };

// Half-open [start, end), never empty. The periods of one customer and interval are contiguous,
// do not overlap, and have ascending ordinals.
struct Period {
  Interval interval = Interval::kMonth;

  // With `interval`, identifies the period among those of the customer. kHour: the Unix second of
  // its start. Others: the local date on which it begins, in days since 1970-01-01. If a change of
  // zone moves the start away from local midnight, the ordinal is still the next calendar date.
  int64_t ordinal = 0;

  absl::Time start;  // inclusive
  absl::Time end;    // exclusive

  // "2026", "2026-Q4", "2026-11", "2026-W47", "2026-11-22", or for an hour its start with offset,
  // "2026-11-22T13:00+01:00". Only hours need the zone. REQUIRES: interval is not kNever.
  std::string Label(absl::TimeZone zone) const;

  friend bool operator==(const Period&, const Period&) = default;
};

// The period that contains `time`. A period starts at the first instant of its local date, even if
// midnight is skipped or happens twice. A local date without any instant has no period. An hour is
// the part of a local hour between two transitions of the zone.
//
// Takes microseconds, and longer with more zone changes: cache the result, which is valid until
// `end`. REQUIRES: interval is not kNever; time is in the years 1 to 9999.
Period PeriodAt(const Zones& zones, Interval interval, absl::Time time);

}  // namespace owo::rating

#endif  // OWO_SERVICE_RATING_PERIOD_H_
