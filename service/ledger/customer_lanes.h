// Queues that serialize calls on the same customer, in order of arrival. Calls that wait for one
// customer only are released together, as a turn.
//
//   CustomerLanes<Call> lanes(4096);
//   CustomerLanes<Call>::Turns ready;
//   if (!lanes.Enter(call, {customer}, /*events=*/1, ready)) return Overloaded();
//   for (auto& turn : ready) Start(std::move(turn));     // runs all of the turn's calls as one
//   …
//   lanes.Leave(turn, ready);                             // at its end: releases the next turns
//
// A call waits in the lane of each of its customers and runs when it is first in all of them. It
// enters all lanes atomically, so two calls have the same order in every lane that they share, and
// cannot deadlock.
//
// Lanes save work, and are not what makes counting right: the store counts an event only if the
// account is as it was when the event was checked. Without lanes, all but one of the calls that
// check the same customer would have to check again. With them, a hundred calls on one customer are
// one read, one check after the other in memory, and one commit.
//
// Calls that need no limit check take no lane, as long as their customers' lanes are empty.

#ifndef OWO_SERVICE_LEDGER_CUSTOMER_LANES_H_
#define OWO_SERVICE_LEDGER_CUSTOMER_LANES_H_

#include <atomic>
#include <cstddef>
#include <deque>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "storage/types.h"

namespace owo::ledger {

// A customer of any tenant.
using LaneKey = std::pair<storage::TenantId, storage::CustomerNo>;

// Thread-safe.
template <typename Call>
class CustomerLanes {
 public:
  // A call in the lanes. Callers use `call`; the other fields are guarded by the lanes' mutex.
  struct Entry {
    std::shared_ptr<Call> call;
    // Whose lanes it is in. Distinct.
    std::vector<LaneKey> customers;
    // Its amount of work.
    size_t events = 0;
    // The number of lanes in which it is first. It runs once that is all of them.
    size_t first_in = 0;
  };
  // Calls that run as one, in order of arrival. They leave the lanes together.
  using Turn = std::vector<std::shared_ptr<Entry>>;
  using Turns = std::vector<Turn>;

  // `calls_max`: the most calls in the lanes, waiting and running.
  explicit CustomerLanes(size_t calls_max) : calls_max_(calls_max) {}

  // Queues a call, and adds it to `ready` if it can run now. Returns false and changes nothing if
  // the lanes are full. `events`: the call's amount of work. Does not block: run what is `ready`
  // after this returns. REQUIRES: `customers` is not empty and has no duplicates.
  [[nodiscard]] bool Enter(std::shared_ptr<Call> call, std::vector<LaneKey> customers,
                           size_t events, Turns& ready) {
    const absl::MutexLock lock(&mutex_);
    if (calls_ == calls_max_) return false;
    ++calls_;
    in_use_.store(true, std::memory_order_relaxed);
    auto entry = std::make_shared<Entry>(Entry{std::move(call), std::move(customers), events});
    for (const LaneKey& customer : entry->customers) {
      std::deque<std::shared_ptr<Entry>>& lane = lanes_[customer];
      lane.push_back(entry);
      if (lane.size() == 1) ++entry->first_in;
    }
    if (entry->first_in == entry->customers.size()) ready.push_back(RunFrom(entry));
    return true;
  }

  // Whether a customer has calls in its lane. AnyBusy(): whether any customer does, of those that
  // `key_of` returns for `items`. Takes no lock while all lanes are empty. Another thread may
  // change the answer at once: a call that goes by it still needs the store's check of versions.
  bool IsBusy(const LaneKey& customer) {
    return AnyBusy(std::span(&customer, 1), [](const LaneKey& key) { return key; });
  }
  template <typename Items, typename KeyOf>
  bool AnyBusy(const Items& items, const KeyOf& key_of) {
    if (!in_use_.load(std::memory_order_relaxed)) return false;
    const absl::MutexLock lock(&mutex_);
    for (const auto& item : items) {
      if (lanes_.contains(key_of(item))) return true;
    }
    return false;
  }

  // To be called once when a turn has ended, however it ended: until then the calls after it wait.
  // Adds to `ready` the turns that can run now.
  void Leave(const Turn& turn, Turns& ready) {
    const absl::MutexLock lock(&mutex_);
    calls_ -= turn.size();
    if (calls_ == 0) in_use_.store(false, std::memory_order_relaxed);
    // All entries of a turn have the same lanes, and are at the front of each.
    for (const LaneKey& customer : turn.front()->customers) {
      const auto found = lanes_.find(customer);
      std::deque<std::shared_ptr<Entry>>& lane = found->second;
      lane.erase(lane.begin(), lane.begin() + static_cast<ptrdiff_t>(turn.size()));
      if (lane.empty()) {
        lanes_.erase(found);
        continue;
      }
      const std::shared_ptr<Entry> next = lane.front();
      if (++next->first_in == next->customers.size()) ready.push_back(RunFrom(next));
    }
  }

 private:
  // The most events in a turn of several calls: bounds how long a call waits for the others.
  static constexpr size_t kTurnEventsMax = 1000;

  // The turn of `entry`: if it has one lane, it is joined by the next calls with only that lane.
  Turn RunFrom(const std::shared_ptr<Entry>& entry) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (entry->customers.size() > 1) return {entry};
    Turn turn;
    size_t events = 0;
    for (const std::shared_ptr<Entry>& next : lanes_.at(entry->customers.front())) {
      events += next->events;
      if (next->customers.size() > 1 || (next != entry && events > kTurnEventsMax)) break;
      turn.push_back(next);
    }
    return turn;
  }

  const size_t calls_max_;
  // Whether any call is in the lanes: read without the lock, so that calls without limit checks pay
  // for one load.
  std::atomic<bool> in_use_ = false;
  absl::Mutex mutex_;
  // Waiting and running.
  size_t calls_ ABSL_GUARDED_BY(mutex_) = 0;
  // By customer, in order of arrival. Lanes without calls are removed.
  absl::flat_hash_map<LaneKey, std::deque<std::shared_ptr<Entry>>> lanes_ ABSL_GUARDED_BY(mutex_);
};

// The lanes of Metering::Track() (tracking.h).
class TrackCall;
using TrackLanes = CustomerLanes<TrackCall>;

}  // namespace owo::ledger

#endif  // OWO_SERVICE_LEDGER_CUSTOMER_LANES_H_
