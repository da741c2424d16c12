// Sums and differences of coverage: the part of a counter that invoice lines cover.
//
//   OWO_RETURN_IF_ERROR(AddCoverage(counter.covered, line.covers, counter.events));   // invoice
//   OWO_RETURN_IF_ERROR(RemoveCoverage(counter.covered, line.covers));                // void
//
// Each event is covered by at most one line of a non-void invoice. These functions hold that: the
// events of a line are either all added or all removed. If they fail, `sum` is unchanged. All are
// thread-safe.

#ifndef OWO_STORAGE_COVERAGE_H_
#define OWO_STORAGE_COVERAGE_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "storage/types.h"

namespace owo::storage {

// Adds a line's coverage. DATA_LOSS if some of its events are covered already, or have ordinals not
// below `events`.
absl::Status AddCoverage(Coverage& sum, const Coverage& line, uint64_t events);

// Subtracts a line's coverage. DATA_LOSS if some of its events are not covered.
absl::Status RemoveCoverage(Coverage& sum, const Coverage& line);

// The ordinals below `events` that are not covered. `covered`: disjoint and ascending, as is the
// result.
std::vector<OrdinalRange> Uncovered(const std::vector<OrdinalRange>& covered, uint64_t events);

// a - b, tier by tier; tiers whose difference is zero are omitted.
std::vector<TierUse> Difference(const std::vector<TierUse>& a, const std::vector<TierUse>& b);

}  // namespace owo::storage

#endif  // OWO_STORAGE_COVERAGE_H_
