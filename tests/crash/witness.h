// Records the requests and answers that a store_driver reports, and compares them with the store
// that it leaves.
//
//   Witness witness;
//   Child child({OWO_STORE_DRIVER, dir, "1"});
//   while (const auto line = child.ReadLine()) witness.Hear(*line);
//   witness.ExpectNothingLost(store);

#ifndef OWO_TESTS_CRASH_WITNESS_H_
#define OWO_TESTS_CRASH_WITNESS_H_

#include <set>
#include <string>

#include "storage/store.h"
#include "tests/crash/driver_protocol.h"

namespace owo::storage {

class Witness {
 public:
  // Processes a line of the driver's output.
  void Hear(const std::string& line);
  // Returns how many lines reported an acknowledgement.
  size_t acknowledgements() const { return acknowledgements_; }

  // Expects that everything that was acknowledged is there once, and that requests without an
  // answer get one when they are repeated. Invoice numbers have no gap, and invoices add up to what
  // the counter has covered.
  void ExpectNothingLost(Store& store);
  // Checks the same for events only, and returns how many acknowledged ones were lost.
  size_t CountEventsOnce(Store& store);

 private:
  using Ids = std::set<std::string>;

  size_t AskAgain(Store& store, const Ids& ids) const;
  Counter ReadCounterOf(Store& store) const;
  void ExpectEventsListed(Store& store) const;
  void ExpectInvoicesWhole(Store& store);

  const Subject subject_ = CrashSubject();
  size_t acknowledgements_ = 0;
  Ids acknowledged_;  // events
  Ids unknown_;
  Ids invoices_;  // acknowledged since the last check
};

// Expects every row to be what a replay of the journal makes.
void ExpectSound(const std::string& data_dir);

}  // namespace owo::storage

#endif  // OWO_TESTS_CRASH_WITNESS_H_
