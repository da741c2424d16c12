// Holds the lists of events against what was tracked: every invoice explains itself, and all events
// of a customer are listed once.
//
//   ExpectExplained(real, counted);
#ifndef OWO_TESTS_MODEL_EXPLANATION_H_
#define OWO_TESTS_MODEL_EXPLANATION_H_

#include <vector>

#include "tests/model/plain_ledger.h"
#include "tests/support/ledger.h"

namespace owo::model {

// `counted`: every event that was counted, in order of arrival.
void ExpectExplained(ledger::TestLedger& real, const PlainLedger& plain,
                     const std::vector<PlainEvent>& counted);

}  // namespace owo::model

#endif  // OWO_TESTS_MODEL_EXPLANATION_H_
