// The subscriptions in a customer's contract: find, end, extend and add.
//
//   if (SubscriptionRecord* current = InForceAt(contract, now)) current->set_end_us(now);
//
// Subscriptions are in order of start, and those that are not canceled do not overlap. The
// functions change only the contract that they are given, and are thread-safe. Times are
// microseconds since 1970; ends are exclusive.

#ifndef OWO_SERVICE_LEDGER_SUBSCRIPTION_LIST_H_
#define OWO_SERVICE_LEDGER_SUBSCRIPTION_LIST_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "storage/records.pb.h"
#include "storage/types.h"

namespace owo::ledger {

// A canceled subscription is never in force: its end is not after its start. It stays in the list.
inline bool IsCanceled(const storage::SubscriptionRecord& subscription) {
  return subscription.end_us() <= subscription.start_us();
}

// The three look-ups return null if there is no such subscription.

// The subscription in force at `time`. There is at most one.
storage::SubscriptionRecord* InForceAt(storage::ContractRecord& contract, storage::Micros time);
// The first subscription that starts after `time` and is not canceled.
storage::SubscriptionRecord* ScheduledAfter(storage::ContractRecord& contract,
                                            storage::Micros time);
const storage::SubscriptionRecord* FindSubscription(const storage::ContractRecord& contract,
                                                    uint32_t number);

// What a change did to a list of subscriptions.
struct ListChange {
  uint32_t subscription = 0;       // the one that ends, else the first canceled one
  std::vector<uint32_t> canceled;  // by start
  // The earliest time at which the subscription in force is another one than before, or none.
  // Absent if nothing was changed.
  std::optional<storage::Micros> from;
  bool goes_on = false;  // whether the subscription ends later than before
};

// Changes `first` and the subscriptions after it so that none of them is in force from `end` on.
// The last one that starts before `end` ends at `end`, which may be earlier or later than its
// previous end. Those that start at `end` or later are canceled. `first_is_in_force`: whether
// `first` is in force rather than scheduled; then it ends at `end` even if it starts there.
// REQUIRES: `first` is in `contract` and not canceled; end >= its start if it is in force.
ListChange EndAt(storage::ContractRecord& contract, const storage::SubscriptionRecord& first,
                 bool first_is_in_force, storage::Micros end);

// What EndAt() did earlier, to answer a repeated call. For a contract in which nothing is in force
// or scheduled. Finds the subscription that ended at `end`, even at its own start, or else the
// first canceled one that would have started at `end` or later. Absent if there is neither.
std::optional<ListChange> EndedAt(const storage::ContractRecord& contract, storage::Micros end);

// Inserts a subscription in order of start, and returns its new number.
uint32_t AddSubscription(storage::ContractRecord& contract,
                         storage::SubscriptionRecord subscription);

}  // namespace owo::ledger

#endif  // OWO_SERVICE_LEDGER_SUBSCRIPTION_LIST_H_
