// Compares the lists of events with what was tracked: each invoice lists its own events, and every
// event of a customer is listed once.
//
//   ExpectExplained(real, counted);
#ifndef OWO_TESTS_MODEL_EXPLANATION_H_
#define OWO_TESTS_MODEL_EXPLANATION_H_

#include <vector>

#include "tests/model/plain_ledger.h"
#include "tests/support/ledger.h"

namespace owo::model {

// `counted` are all counted events, in order of arrival.
void ExpectExplained(ledger::TestLedger& real, const PlainLedger& plain,
                     const std::vector<PlainEvent>& counted);

}  // namespace owo::model

#endif  // OWO_TESTS_MODEL_EXPLANATION_H_
