// Terms of a plan, drawn at random: every usage model, rating model, overage and reset.
#ifndef OWO_TESTS_MODEL_RANDOM_TERMS_H_
#define OWO_TESTS_MODEL_RANDOM_TERMS_H_

#include <string>

#include "tests/model/plain_ledger.h"
#include "tests/support/catalog.h"
#include "tests/support/random.h"

namespace owo::model {

inline constexpr const char* kFeatures[] = {"bytes", "calls", "disk", "seats"};

// Of some of kFeatures; most often of all.
PlainFeatures RandomFeatures(Random& random);

// The same, as a catalog has it.
ledger::PlanSpec PlanOf(const std::string& plan, const PlainFeatures& features);

}  // namespace owo::model

#endif  // OWO_TESTS_MODEL_RANDOM_TERMS_H_
