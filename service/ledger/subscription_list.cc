#include "service/ledger/subscription_list.h"

#include <algorithm>
#include <utility>

namespace owo::ledger {

using storage::ContractRecord;
using storage::Micros;
using storage::SubscriptionRecord;

namespace {

// The subscriptions that were canceled before their start, which was at `end` or later.
std::vector<uint32_t> CanceledFrom(const ContractRecord& contract, Micros end) {
  std::vector<uint32_t> canceled;
  for (const SubscriptionRecord& s : contract.subscriptions()) {
    const bool never_started = IsCanceled(s) && !s.ended_at_start();
    if (never_started && s.start_us() >= end) canceled.push_back(s.number());
  }
  return canceled;
}

// The subscription that ended at `end`, even at its own start; 0 if there is none.
uint32_t EndingAt(const ContractRecord& contract, Micros end) {
  uint32_t ending = 0;
  for (const SubscriptionRecord& s : contract.subscriptions()) {
    const bool ended = !IsCanceled(s) || s.ended_at_start();
    if (ended && s.end_us() == end) ending = s.number();  // one that never was follows one that was
  }
  return ending;
}

}  // namespace

SubscriptionRecord* InForceAt(ContractRecord& contract, Micros time) {
  for (SubscriptionRecord& s : *contract.mutable_subscriptions()) {
    if (s.start_us() <= time && time < s.end_us()) return &s;
  }
  return nullptr;
}

SubscriptionRecord* ScheduledAfter(ContractRecord& contract, Micros time) {
  for (SubscriptionRecord& s : *contract.mutable_subscriptions()) {
    if (s.start_us() > time && !IsCanceled(s)) return &s;
  }
  return nullptr;
}

const SubscriptionRecord* FindSubscription(const ContractRecord& contract, uint32_t number) {
  for (const SubscriptionRecord& s : contract.subscriptions()) {
    if (s.number() == number) return &s;
  }
  return nullptr;
}

ListChange EndAt(ContractRecord& contract, const SubscriptionRecord& first, bool first_is_in_force,
                 Micros end) {
  ListChange change;
  const auto changes = [&change](Micros time) {
    change.from = std::min(change.from.value_or(time), time);
  };
  const Micros first_start = first.start_us();
  SubscriptionRecord* ended = nullptr;
  for (SubscriptionRecord& s : *contract.mutable_subscriptions()) {
    if (IsCanceled(s) || s.start_us() < first_start) continue;
    if (s.start_us() < end || (first_is_in_force && &s == &first)) {
      ended = &s;
      continue;
    }
    changes(s.start_us());
    change.canceled.push_back(s.number());
    s.set_end_us(s.start_us());
  }
  if (ended != nullptr && ended->end_us() != end) {
    changes(std::min(Micros{ended->end_us()}, end));
    change.goes_on = end > ended->end_us();
    ended->set_end_us(end);
    ended->set_ended_at_start(IsCanceled(*ended));
  }
  change.subscription = EndingAt(contract, end);
  if (change.subscription == 0) change.subscription = change.canceled.front();
  if (!change.from.has_value()) change.canceled = CanceledFrom(contract, end);
  return change;
}

std::optional<ListChange> EndedAt(const ContractRecord& contract, Micros end) {
  ListChange change{.subscription = EndingAt(contract, end),
                    .canceled = CanceledFrom(contract, end)};
  bool held_later = false;
  for (const SubscriptionRecord& s : contract.subscriptions()) {
    held_later |= !IsCanceled(s) && s.end_us() > end;
  }
  if (change.subscription == 0 && !held_later && !change.canceled.empty()) {
    change.subscription = change.canceled.front();
  }
  return change.subscription == 0 ? std::nullopt : std::optional(std::move(change));
}

uint32_t AddSubscription(ContractRecord& contract, SubscriptionRecord subscription) {
  uint32_t last = 0;
  for (const SubscriptionRecord& s : contract.subscriptions()) last = std::max(last, s.number());
  subscription.set_number(last + 1);
  *contract.add_subscriptions() = std::move(subscription);
  std::stable_sort(contract.mutable_subscriptions()->begin(),
                   contract.mutable_subscriptions()->end(),
                   [](const auto& a, const auto& b) { return a.start_us() < b.start_us(); });
  return last + 1;
}

}  // namespace owo::ledger
