// The subscriptions in a customer's contract: finding one, ending it, and letting it go on.
//
//   if (SubscriptionRecord* current = InForceAt(contract, now)) current->set_end_us(now);

#ifndef OWO_SERVICE_LEDGER_SUBSCRIPTION_LIST_H_
#define OWO_SERVICE_LEDGER_SUBSCRIPTION_LIST_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "storage/records.pb.h"
#include "storage/types.h"

namespace owo::ledger {

// A canceled subscription holds at no time: its end is not after its start. It stays in the list.
inline bool IsCanceled(const storage::SubscriptionRecord& subscription) {
  return subscription.end_us() <= subscription.start_us();
}

// Of each, null if there is none. At most one subscription is in force at a time.
storage::SubscriptionRecord* InForceAt(storage::ContractRecord& contract, storage::Micros time);
// The first to start after `time` that is not canceled.
storage::SubscriptionRecord* ScheduledAfter(storage::ContractRecord& contract,
                                            storage::Micros time);
const storage::SubscriptionRecord* FindSubscription(const storage::ContractRecord& contract,
                                                    uint32_t number);

// What a change did to a list of subscriptions.
struct ListChange {
  uint32_t subscription = 0;       // the one that the change is about
  std::vector<uint32_t> canceled;  // by start
  // The earliest time at which another subscription, or none, is in force now; absent if nothing
  // was changed.
  std::optional<storage::Micros> from;
  bool goes_on = false;  // the subscription has a later end than before
};

// Nothing is in force from `end` on: the last subscription to start before it ends there, earlier
// or later than it would have, and those that start then or later are canceled. Concerns `first`
// and the ones after it. If `first_is_in_force` it ends also where it starts at `end`; else it is
// scheduled.
// REQUIRES: `first` is in `contract` and not canceled; end >= its start if it is in force.
ListChange EndAt(storage::ContractRecord& contract, const storage::SubscriptionRecord& first,
                 bool first_is_in_force, storage::Micros end);

// The answer to a repeated EndAt, for a contract in which nothing is in force or scheduled: the
// subscription that ended at `end`, or else the first one that was canceled instead of starting
// then or later. Absent if there is neither.
std::optional<ListChange> EndedAt(const storage::ContractRecord& contract, storage::Micros end);

// Adds a subscription, in order of start, and returns its number.
uint32_t AddSubscription(storage::ContractRecord& contract,
                         storage::SubscriptionRecord subscription);

}  // namespace owo::ledger

#endif  // OWO_SERVICE_LEDGER_SUBSCRIPTION_LIST_H_
