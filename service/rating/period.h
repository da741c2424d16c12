// Period: a billing or reset period, found from a customer's time zones, an interval and a time.
//
//   absl::StatusOr<absl::TimeZone> lagos = LoadZone("Africa/Lagos");
//   Zones zones(*lagos);
//   Period month = PeriodAt(zones, Interval::kMonth, event_time);
//   month.Label(*lagos);  // "2026-11"
#ifndef OWO_SERVICE_RATING_PERIOD_H_
#define OWO_SERVICE_RATING_PERIOD_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace owo::rating {

// What a period lasts. Weeks begin on Monday (ISO 8601). kNever is one period for the life of a
// subscription, whose instants the subscription knows, not this file.
enum class Interval { kHour, kDay, kWeek, kMonth, kQuarter, kYear, kNever };

// Half-open [start, end), never empty. The periods of one customer and interval follow each other
// without gap or overlap, with rising ordinals.
struct Period {
  Interval interval = Interval::kMonth;

  // With `interval`, identifies the period among those of the customer. kHour: the Unix second of
  // its start. Others: the local date it begins on, in days since 1970-01-01.
  int64_t ordinal = 0;

  absl::Time start;
  absl::Time end;

  // "2026", "2026-Q4", "2026-11", "2026-W47", "2026-11-22", or for an hour its start with offset,
  // "2026-11-22T13:00+01:00". Only hours need the zone. REQUIRES: interval is not kNever.
  std::string Label(absl::TimeZone zone) const;

  friend bool operator==(const Period&, const Period&) = default;
};

// The zone of an IANA name such as "Africa/Lagos" or "UTC". INVALID_ARGUMENT for what is no such
// name (paths, fixed offsets, "localtime") and for names the machine's tz database does not have.
absl::StatusOr<absl::TimeZone> LoadZone(std::string_view name);

// The time zones a customer has had. A change counts from the next period on: the period in force
// at that moment keeps its end, and the following one starts exactly there.
class Zones {
 public:
  struct Change {
    absl::Time since;  // absl::InfinitePast() for the first
    absl::TimeZone zone;
  };

  Zones() : Zones(absl::UTCTimeZone()) {}
  explicit Zones(absl::TimeZone zone) : history_{{absl::InfinitePast(), zone}} {}

  // REQUIRES: `since` is finite and not before the change before; the last of several at the same
  // instant counts.
  void ChangeTo(absl::TimeZone zone, absl::Time since);

  // Never empty, in the order of time.
  std::span<const Change> history() const { return history_; }

  // The last zone changed to.
  absl::TimeZone current() const { return history_.back().zone; }

 private:
  std::vector<Change> history_;
};

// The period that `time` lies in. A period starts at the first instant that belongs to its local
// date, also where midnight is skipped or happens twice; a local date that has no instant at all
// has no period. An hour is the part of a local hour between changes of the offset from UTC.
//
// Takes microseconds, more the longer the history of zones: keep the answer, which holds until
// `end`. REQUIRES: interval is not kNever; time is in the years 1 to 9999.
Period PeriodAt(const Zones& zones, Interval interval, absl::Time time);

}  // namespace owo::rating

#endif  // OWO_SERVICE_RATING_PERIOD_H_
