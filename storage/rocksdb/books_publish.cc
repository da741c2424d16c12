// Books::Publish: what readers are shown, and what is forgotten then.

#include "storage/rocksdb/books.h"

namespace owo::storage {

// Most commits change a few numbers of an account: those are copied. False when what is shown is
// newer: a replay must not take readers back.
bool Books::Show(const AccountState& account, PublishedAccount& shown) {
  if (account.usage_version < shown.usage_version || account.cut_version < shown.cut_version) {
    return false;
  }
  shown.usage_version = account.usage_version;
  shown.cut_version = account.cut_version;
  shown.latest_event = account.latest_event;
  if (account.reshaped_ || shown.counters.size() != account.slots_.size()) {
    shown.counters.clear();
    for (const CounterSlot& slot : account.slots_) shown.counters.push_back(slot.counter);
    return true;
  }
  for (const size_t place : account.touched_) {
    const CounterSlot& slot = account.slots_[place];
    Counter& counter = shown.counters[place];
    counter.total = slot.counter.total;
    counter.events = slot.counter.events;
    counter.open = slot.counter.open;
    if (slot.cover_changed) counter.covered = slot.counter.covered;
  }
  return true;
}

void Books::Publish(size_t cached_max) {
  for (AccountState* const account : changed_) {
    bool is_shown = false;
    published_.Put(account->key_,
                   [&](PublishedAccount& shown) { is_shown = Show(*account, shown); });
    account->touched_.clear();
    account->reshaped_ = !is_shown;
  }
  changed_.clear();
  if (counters_ + accounts_.size() > cached_max) Forget(cached_max);
}

// Half of what may be kept stays, so that this is rare.
void Books::Forget(size_t cached_max) {
  latest_ = nullptr;
  for (auto at = accounts_.begin();
       at != accounts_.end() && counters_ + accounts_.size() > cached_max / 2;) {
    const auto account = at++;
    if (account->second.dirty_since_ != 0) continue;
    counters_ -= account->second.slots_.size();
    published_.Remove(account->first);
    accounts_.erase(account);
  }
}

}  // namespace owo::storage
