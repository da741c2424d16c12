#include "storage/rocksdb/commit/books.h"

#include <algorithm>
#include <string>

#include "storage/convert.h"
#include "storage/rocksdb/format/keys.h"
#include "storage/util/prefetch.h"
#include "storage/util/try.h"

namespace owo::storage {
namespace {

// As the sequence since when an account waits: to be put whatever else waits.
constexpr uint64_t kSoon = 1;

absl::Status NotListed() {
  return absl::DataLossError("an account does not list the counters that are open");
}

}  // namespace

absl::StatusOr<Books::TenantState*> Books::LoadTenant(TenantId tenant) {
  const auto found = tenants_.find(tenant);
  if (found != tenants_.end()) return &found->second;
  OWO_TRY(auto row, pending_.GetRecord<TenantRecord>(Space::kMeta, keys::Tenant(tenant)));
  return &tenants_.try_emplace(tenant, TenantState{std::move(row).value_or(TenantRecord())})
              .first->second;
}

absl::StatusOr<const TenantRecord*> Books::Tenant(TenantId tenant) {
  OWO_TRY(const TenantState* const state, LoadTenant(tenant));
  return &state->record;
}

absl::StatusOr<TenantRecord*> Books::ChangeTenant(TenantId tenant) {
  OWO_TRY(TenantState* const state, LoadTenant(tenant));
  state->dirty = true;
  return &state->record;
}

absl::StatusOr<AccountState*> Books::Account(TenantId tenant, CustomerNo customer) {
  const AccountKey key{tenant, customer};
  if (latest_ != nullptr && latest_->key_ == key) return latest_;
  const auto found = accounts_.find(key);
  if (found != accounts_.end()) return latest_ = &found->second;
  AccountState account;
  account.key_ = key;
  OWO_RETURN_IF_ERROR(Load(account));
  return latest_ = &accounts_.try_emplace(key, std::move(account)).first->second;
}

std::vector<Books::Place> Books::LookAhead(TenantId tenant, std::span<const TrackEvent> events) {
  std::vector<Place> places(events.size());
  for (const TrackEvent& event : events) {
    if (event.target != nullptr) PrefetchAll(*event.target);
  }
  for (size_t i = 0; i < events.size(); ++i) {
    if (events[i].target == nullptr) continue;
    const auto found = accounts_.find({tenant, events[i].target->counter.customer});
    if (found == accounts_.end()) continue;
    places[i].account = &found->second;
    Prefetch(&found->second.slots_);
  }
  for (const Place& place : places) {
    if (place.account != nullptr) place.account->slots_.PrefetchKeys();
  }
  for (size_t i = 0; i < events.size(); ++i) {
    Place& place = places[i];
    if (place.account == nullptr) continue;
    place.slot = place.account->slots_.PlaceOf(events[i].target->counter);
  }
  for (const Place& place : places) {
    if (place.account != nullptr) place.account->slots_.PrefetchEvents(place.slot);
  }
  return places;
}

void Books::Expect(const Place& place) {
  if (place.account == nullptr) return;
  latest_ = place.account;
  latest_->slots_.Expect(place.slot);
}

absl::Status Books::Load(AccountState& account) {
  const auto [tenant, customer] = account.key_;
  OWO_TRY(const auto contract,
          pending_.GetRecord<ContractRecord>(Space::kCustomers, keys::Contract(tenant, customer)));
  if (contract.has_value()) account.generation = contract->generation();
  OWO_TRY(const auto row,
          pending_.GetRecord<AccountRecord>(Space::kUsage, keys::Account(tenant, customer)));
  if (row.has_value()) {
    account.usage_version = row->usage_version();
    account.cut_version = row->cut_version();
    account.position = row->position();
    if (row->latest_event_us() != INT64_MIN) account.latest_event = row->latest_event_us();
    OWO_RETURN_IF_ERROR(LoadOpen(account, *row));
  }
  account.loaded_ = true;
  return absl::OkStatus();
}

absl::Status Books::LoadOpen(AccountState& account, const AccountRecord& row) {
  for (const CounterKeyRecord& open : row.open()) {
    CounterKey key = FromRecord(open);
    key.customer = account.key_.second;
    OWO_TRY(const CounterSlot* const slot, FindSlot(account, key));
    if (slot == nullptr || !slot->counter.open) {
      return absl::DataLossError("an open counter is missing");
    }
  }
  const auto open = std::count_if(account.slots_.begin(), account.slots_.end(),
                                  [](const auto& slot) { return slot.counter.open; });
  return open == row.open_size() ? absl::OkStatus() : NotListed();
}

absl::StatusOr<AccountState*> Books::ChangeAccount(TenantId tenant, CustomerNo customer) {
  OWO_TRY(AccountState* const account, Account(tenant, customer));
  if (account->changed_ == sequence_) return account;
  account->changed_ = sequence_;
  changed_.push_back(account);
  if (account->dirty_since_ == 0) {
    account->dirty_since_ = sequence_;
    account->waits_ = behind_.insert(behind_.end(), account);
  }
  return account;
}

CounterSlot& Books::AddSlot(AccountState& account, Counter counter) {
  account.reshaped_ = true;
  ++counters_;
  return account.slots_.Insert(std::move(counter));
}

absl::Status Books::ReadSlot(AccountState& account, const CounterKey& key) {
  OWO_TRY(const auto row,
          pending_.GetRecord<CounterRecord>(Space::kUsage, keys::Counter(account.key_.first, key)));
  if (!row.has_value()) return absl::OkStatus();
  OWO_TRY(Counter counter, FromRecord(key, *row));
  if (account.loaded_ && counter.open) return NotListed();
  AddSlot(account, std::move(counter));
  return absl::OkStatus();
}

// Null when there is none.
absl::StatusOr<CounterSlot*> Books::FindSlot(AccountState& account, const CounterKey& key) {
  if (CounterSlot* const known = account.slots_.Find(key)) return known;
  // With the earlier segments of its group: readers rate them together.
  CounterKey each = key;
  for (each.segment = 0; each.segment <= key.segment; ++each.segment) {
    if (account.slots_.Find(each) == nullptr) OWO_RETURN_IF_ERROR(ReadSlot(account, each));
  }
  return account.slots_.Find(key);
}

absl::StatusOr<const Counter*> Books::FindCounter(AccountState& account, const CounterKey& key) {
  OWO_TRY(const CounterSlot* const slot, FindSlot(account, key));
  return slot == nullptr ? nullptr : &slot->counter;
}

absl::StatusOr<CounterSlot*> Books::ChangeSlot(AccountState& account, const CounterKey& key,
                                               const std::optional<CounterTerms>& terms) {
  OWO_TRY(CounterSlot * slot, FindSlot(account, key));
  if (slot == nullptr) {
    if (!terms.has_value()) return absl::DataLossError("a counter is missing");
    slot = &AddSlot(account, {.key = key, .terms = *terms});
  } else if (slot->changed != sequence_) {
    account.touched_.push_back(account.slots_.IndexOf(*slot));
    slot->cover_changed = false;
  }
  slot->changed = sequence_;
  slot->dirty = true;
  return slot;
}

absl::StatusOr<Counter*> Books::ChangeCounter(AccountState& account, const CounterKey& key) {
  OWO_TRY(CounterSlot* const slot, ChangeSlot(account, key, std::nullopt));
  slot->cover_changed = true;
  return &slot->counter;
}

absl::StatusOr<Counter*> Books::AddEvent(AccountState& account, const CounterKey& key,
                                         const std::optional<CounterTerms>& terms,
                                         EventLocation location, Micros time) {
  OWO_TRY(CounterSlot* const slot, ChangeSlot(account, key, terms));
  ++slot->counter.events;
  slot->events.Add(location, time);
  if (slot->events.size() == kChunkEventsMax) PutChunk(account.key_.first, *slot);
  return &slot->counter;
}

// A full chunk goes ahead of its counter's row, in the commit that fills it. So it is there
// whenever a replay that begins at the row fills it again.
void Books::PutChunk(TenantId tenant, CounterSlot& slot) {
  pending_.PutBlind(Space::kUsageEvents,
                    keys::EventChunk(tenant, slot.counter.key, slot.counter.events),
                    slot.events.Take());
}

void Books::PutRows(AccountState& account, uint64_t reflected) {
  const auto [tenant, customer] = account.key_;
  AccountRecord record;
  record.set_usage_version(account.usage_version);
  record.set_cut_version(account.cut_version);
  record.set_latest_event_us(account.latest_event.value_or(INT64_MIN));
  record.set_position(reflected);
  for (CounterSlot& slot : account.slots_) {
    if (slot.counter.open) {
      CounterKeyRecord& open = *record.add_open() = ToRecord(slot.counter.key);
      open.clear_customer();
    }
    if (!slot.events.empty()) PutChunk(tenant, slot);
    if (!slot.dirty) continue;
    pending_.PutBlind(Space::kUsage, keys::Counter(tenant, slot.counter.key),
                      ToRecord(slot.counter).SerializeAsString());
    slot.dirty = false;
  }
  pending_.PutBlind(Space::kUsage, keys::Account(tenant, customer), record.SerializeAsString());
  account.position = reflected;
  account.dirty_since_ = 0;
  behind_.erase(account.waits_);
}

void Books::FlushSoon(const AccountKey& account) {
  const auto found = accounts_.find(account);
  if (found == accounts_.end() || found->second.dirty_since_ == 0) return;
  found->second.dirty_since_ = kSoon;
  behind_.splice(behind_.begin(), behind_, found->second.waits_);
}

uint64_t Books::Flush(uint64_t behind, uint64_t reflected) {
  for (auto& [tenant, state] : tenants_) {
    if (!state.dirty) continue;
    pending_.PutBlind(Space::kMeta, keys::Tenant(tenant), state.record.SerializeAsString());
    state.dirty = false;
  }
  while (!behind_.empty() && behind_.front()->dirty_since_ <= std::max(behind, kSoon)) {
    PutRows(*behind_.front(), reflected);
  }
  return behind_.empty() ? reflected + 1 : behind_.front()->dirty_since_;
}

void Books::Clear() {
  tenants_.clear();
  latest_ = nullptr;
  accounts_.clear();
  counters_ = 0;
  changed_.clear();
  behind_.clear();
}

// ---- Publishing, and what is forgotten then.

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
