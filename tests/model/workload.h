// Random operations on a ledger and on the plain one, compared after each.
//
//   Random random;
//   Workload workload(random);
//   for (int i = 0; i < 2000 && !workload.failed(); ++i) workload.Step();
#ifndef OWO_TESTS_MODEL_WORKLOAD_H_
#define OWO_TESTS_MODEL_WORKLOAD_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/model/comparison.h"
#include "tests/model/plain_ledger.h"
#include "tests/support/ledger.h"
#include "tests/support/random.h"

namespace owo::model {

class Workload {
 public:
  // Whether events of invoiced usage are dropped each time the store is reopened.
  enum class Events { kKept, kDropped };

  // `ledgers`: over the one store. Each operation is done on any of them, and so is each
  // comparison.
  explicit Workload(Random& random, Events events = Events::kKept, size_t ledgers = 1);

  void Step();
  // From now on no operation uses this customer.
  void Retire(const std::string& customer);
  // Reopens the store after a clean stop or, if `crash`, after a power failure. Compares every
  // customer first.
  void BeginLife(bool crash);
  // Returns one line for each operation and its result. The same seed gives the same trace.
  const std::vector<std::string>& trace() const { return trace_; }
  ledger::TestLedger& real() { return real_; }
  const PlainLedger& plain() const { return plain_; }
  // Compares everything, including invoices and laws.
  void ExpectSame();

 private:
  using Operation = void (Workload::*)();
  struct Weighted {
    int weight;
    Operation run;
  };
  static const std::vector<Weighted>& Operations();

  void TrackOne();
  void TrackBatch();
  void TrackAgain();
  void TrackOtherUnderAKnownId();
  void Invoice();
  void Draft();
  void Finalize();
  void Pay();
  void Void();
  void ChangePlan();
  void Subscribe();
  void Cancel();
  void Resume();
  void SetCap();
  void Restart();
  void MoveClock();
  void MoveClockToPeriodEnd();

  PlainEvent NewEvent();
  ledger::UsageEvent ToReal(const PlainEvent& event) const;
  void Track(const std::vector<PlainEvent>& events);
  void MakeInvoice(bool draft);
  // Picks an invoice, most often the newest; nullopt if there is none.
  std::optional<size_t> PickInvoice();
  void Sync(const std::string& plan, bool at_once, bool allow_removal);
  std::string PickCustomer();
  std::string PickPlan();
  void SetNow(storage::Micros now);
  void GoToAnyLedger();
  void Compare(const std::string& what, const absl::Status& real, std::optional<Reason> plain);
  void Note(const std::string& line) { trace_.push_back(line); }

  const Events events_;
  const size_t ledgers_;
  Random& random_;
  ledger::TestLedger real_;
  PlainLedger plain_;
  InvoiceIds invoices_;
  std::vector<std::string> active_ = {"ada", "bob", "cleo"};
  std::vector<PlainEvent> counted_;
  int next_event_ = 0;
  int steps_ = 0;
  std::string touched_;  // the customer of the last operation
  std::vector<std::string> trace_;
};

}  // namespace owo::model

#endif  // OWO_TESTS_MODEL_WORKLOAD_H_
