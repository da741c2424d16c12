// Random values of the store: of any size, and at their bounds.
#ifndef OWO_TESTS_FUZZ_ANY_VALUES_H_
#define OWO_TESTS_FUZZ_ANY_VALUES_H_

#include <cstdint>

#include "storage/types.h"
#include "storage/util/varint.h"
#include "tests/support/random.h"

namespace owo::storage {

inline int64_t AnyNumber(Random& random) {
  return UnZigZag(random.OneIn(20) ? UINT64_MAX : random.OfAnySize());
}

inline uint32_t AnyShortNumber(Random& random) {
  return static_cast<uint32_t>(random.OfAnySize() >> 32);
}

inline Quantity AnyAmount(Random& random) {
  const absl::int128 any = absl::MakeInt128(AnyNumber(random), random.Word());
  return {any >> static_cast<int>(random.Between(0, 127))};
}

inline CounterKey AnyCounterKey(Random& random) {
  return {.customer = CustomerNo{random.OfAnySize()},
          .feature = FeatureNo{AnyShortNumber(random)},
          .period = {static_cast<IntervalCode>(random.Between(1, 7)), AnyNumber(random)},
          .segment = AnyShortNumber(random)};
}

inline CounterTerms AnyCounterTerms(Random& random) {
  return {.plan = PlanNo{AnyShortNumber(random)},
          .plan_version = AnyShortNumber(random),
          .subscription = AnyShortNumber(random),
          .period_start = AnyNumber(random),
          .period_end = random.OneIn(3) ? kForever : AnyNumber(random)};
}

inline Coverage AnyCover(Random& random) {
  Coverage coverage{.usage = AnyAmount(random),
                    .free = AnyAmount(random),
                    .billable = AnyAmount(random),
                    .amount = AnyNumber(random)};
  for (int64_t i = random.Between(0, 4); i > 0; --i) {
    coverage.ranges.push_back({random.OfAnySize(), random.OfAnySize()});
  }
  for (int64_t i = random.Between(0, 3); i > 0; --i) {
    coverage.tiers.push_back({AnyShortNumber(random), AnyAmount(random), AnyNumber(random)});
  }
  return coverage;
}

}  // namespace owo::storage

#endif  // OWO_TESTS_FUZZ_ANY_VALUES_H_
