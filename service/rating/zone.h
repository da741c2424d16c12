// Zones: a customer's time zones over time. Periods are computed from them (period.h).
//
//   absl::StatusOr<absl::TimeZone> lagos = LoadZone("Africa/Lagos");
//   Zones zones(*lagos);
//   zones.ChangeTo(tokyo, now);
//   zones.current();  // tokyo; the period that contains `now` still ends by the clocks of Lagos
#ifndef OWO_SERVICE_RATING_ZONE_H_
#define OWO_SERVICE_RATING_ZONE_H_

#include <span>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace owo::rating {

// The zone with an IANA name such as "Africa/Lagos" or "UTC". INVALID_ARGUMENT for other texts
// (paths, fixed offsets, "localtime") and for names that the machine's tz database lacks. The first
// load of a zone reads its file. Thread-safe.
absl::StatusOr<absl::TimeZone> LoadZone(std::string_view name);

// FAILED_PRECONDITION, with instructions in the message, if the machine has no tz database: then
// only "UTC" would be known.
absl::Status CheckZoneDatabase();

// A customer's time zones over time. A change applies from the next period on: the period in which
// it happens keeps its end, and the next period starts exactly there. A value type: thread-safe if
// no thread changes it.
class Zones {
 public:
  // A zone, and when it was set.
  struct Change {
    absl::Time since;  // absl::InfinitePast() for the first
    absl::TimeZone zone;
  };

  Zones() : Zones(absl::UTCTimeZone()) {}
  explicit Zones(absl::TimeZone zone) : history_{{absl::InfinitePast(), zone}} {}

  // Of several changes at the same instant, the last one applies. REQUIRES: `since` is finite and
  // not before the previous change.
  void ChangeTo(absl::TimeZone zone, absl::Time since);

  // All changes, in order of time. Never empty.
  std::span<const Change> history() const { return history_; }

  // The zone of the last change.
  absl::TimeZone current() const { return history_.back().zone; }

 private:
  std::vector<Change> history_;
};

}  // namespace owo::rating

#endif  // OWO_SERVICE_RATING_ZONE_H_
