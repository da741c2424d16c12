// Random terms of a plan: every usage model, rating model, overage policy and reset interval.
#ifndef OWO_TESTS_MODEL_RANDOM_TERMS_H_
#define OWO_TESTS_MODEL_RANDOM_TERMS_H_

#include <string>

#include "tests/model/plain_ledger.h"
#include "tests/support/catalog.h"
#include "tests/support/random.h"

namespace owo::model {

inline constexpr const char* kFeatures[] = {"bytes", "calls", "disk", "seats"};

// Returns terms for some of kFeatures, usually for all.
PlainFeatures RandomFeatures(Random& random);

// Converts to the specification of a plan.
ledger::PlanSpec PlanOf(const std::string& plan, const PlainFeatures& features);

}  // namespace owo::model

#endif  // OWO_TESTS_MODEL_RANDOM_TERMS_H_
