// Zones: the time zones a customer has had, by which its periods are found (period.h).
//
//   absl::StatusOr<absl::TimeZone> lagos = LoadZone("Africa/Lagos");
//   Zones zones(*lagos);
//   zones.ChangeTo(tokyo, now);
#ifndef OWO_SERVICE_RATING_ZONE_H_
#define OWO_SERVICE_RATING_ZONE_H_

#include <span>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace owo::rating {

// The zone of an IANA name such as "Africa/Lagos" or "UTC". INVALID_ARGUMENT for what is no such
// name (paths, fixed offsets, "localtime") and for names the machine's tz database does not have.
absl::StatusOr<absl::TimeZone> LoadZone(std::string_view name);

// FAILED_PRECONDITION, and what to do, where the machine has no database of time zones: then only
// "UTC" would be known.
absl::Status CheckZoneDatabase();

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

}  // namespace owo::rating

#endif  // OWO_SERVICE_RATING_ZONE_H_
