// Hears what a store_driver asks for and what it is answered, and holds the store that it leaves
// against that.
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
  // A line of the driver's output.
  void Hear(const std::string& line);
  // How many lines said that something was acknowledged.
  size_t acknowledgements() const { return acknowledgements_; }

  // All that was acknowledged is there once; what was not answered resolves when it is asked for
  // again. Invoices have no gap and cover what the counter says.
  void ExpectNothingLost(Store& store);
  // The same of the events, but gives how many acknowledged ones were lost.
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
  Ids invoices_;  // acknowledged since the last look
};

// Every row is what the journal replays to.
void ExpectSound(const std::string& data_dir);

}  // namespace owo::storage

#endif  // OWO_TESTS_CRASH_WITNESS_H_
