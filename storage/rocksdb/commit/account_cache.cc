#include "storage/rocksdb/commit/account_cache.h"

#include <algorithm>
#include <string>

#include "storage/convert.h"
#include "storage/rocksdb/format/keys.h"
#include "storage/rocksdb/read/customer_rows.h"
#include "storage/util/prefetch.h"
#include "storage/util/try.h"

namespace owo::storage {
namespace {

// A value of dirty_since_ that makes the next Flush write the account.
constexpr uint64_t kSoon = 1;

absl::Status NotListed() {
  return absl::DataLossError("an account does not list the counters that are open");
}

}  // namespace

absl::StatusOr<AccountCache::TenantState*> AccountCache::LoadTenant(TenantId tenant) {
  const auto found = tenants_.find(tenant);
  if (found != tenants_.end()) return &found->second;
  OWO_TRY(auto row, staged_.GetRecord<TenantRecord>(ColumnFamily::kMeta, keys::Tenant(tenant)));
  return &tenants_.try_emplace(tenant, TenantState{std::move(row).value_or(TenantRecord())})
              .first->second;
}

absl::StatusOr<const TenantRecord*> AccountCache::Tenant(TenantId tenant) {
  OWO_TRY(const TenantState* const state, LoadTenant(tenant));
  return &state->record;
}

absl::StatusOr<TenantRecord*> AccountCache::ChangeTenant(TenantId tenant) {
  OWO_TRY(TenantState* const state, LoadTenant(tenant));
  state->dirty = true;
  return &state->record;
}

absl::StatusOr<AccountState*> AccountCache::Account(TenantId tenant, CustomerNo customer) {
  const AccountKey key{tenant, customer};
  if (latest_ != nullptr && latest_->key_ == key) return latest_;
  const auto found = accounts_.find(key);
  if (found != accounts_.end()) return latest_ = &found->second;
  AccountState account;
  account.key_ = key;
  OWO_RETURN_IF_ERROR(Load(account));
  return latest_ = &accounts_.try_emplace(key, std::move(account)).first->second;
}

std::vector<AccountCache::CounterHint> AccountCache::PrefetchCounters(
    TenantId tenant, std::span<const TrackEvent> events) {
  std::vector<CounterHint> hints(events.size());
  for (const TrackEvent& event : events) {
    if (event.target != nullptr) PrefetchAll(*event.target);
  }
  for (size_t i = 0; i < events.size(); ++i) {
    const auto found = accounts_.find({tenant, events[i].customer});
    if (found == accounts_.end()) continue;
    hints[i].account = &found->second;
    Prefetch(&found->second.slots_);
  }
  const auto has_counter = [&](size_t i) {
    return hints[i].account != nullptr && events[i].target != nullptr;
  };
  for (size_t i = 0; i < events.size(); ++i) {
    if (has_counter(i)) hints[i].account->slots_.PrefetchKeys();
  }
  for (size_t i = 0; i < events.size(); ++i) {
    CounterHint& hint = hints[i];
    if (has_counter(i)) hint.slot = hint.account->slots_.IndexHint(events[i].target->counter);
  }
  for (size_t i = 0; i < events.size(); ++i) {
    if (has_counter(i)) hints[i].account->slots_.PrefetchEvents(hints[i].slot);
  }
  return hints;
}

void AccountCache::UseHint(const CounterHint& hint) {
  if (hint.account == nullptr) return;
  latest_ = hint.account;
  latest_->slots_.UseHint(hint.slot);
}

absl::StatusOr<uint64_t> AccountCache::Generation(TenantId tenant, CustomerNo customer) {
  const AccountKey key{tenant, customer};
  if (latest_ != nullptr && latest_->key_ == key) return latest_->generation;
  const auto found = accounts_.find(key);
  return found == accounts_.end() ? ReadGeneration(key) : found->second.generation;
}

absl::StatusOr<uint64_t> AccountCache::ReadGeneration(const AccountKey& key) const {
  OWO_TRY(const auto row,
          staged_.Get(ColumnFamily::kCustomers, keys::Contract(key.first, key.second)));
  return row.has_value() ? GenerationOf(*row) : uint64_t{0};
}

absl::Status AccountCache::Load(AccountState& account) {
  const auto [tenant, customer] = account.key_;
  OWO_TRY(account.generation, ReadGeneration(account.key_));
  OWO_TRY(const auto row,
          staged_.GetRecord<AccountRecord>(ColumnFamily::kUsage, keys::Account(tenant, customer)));
  if (row.has_value()) {
    account.usage_version = row->usage_version();
    account.invoice_version = row->invoice_version();
    account.flushed_sequence = row->flushed_sequence();
    if (row->latest_event_us() != INT64_MIN) account.latest_event = row->latest_event_us();
    OWO_RETURN_IF_ERROR(LoadOpen(account, *row));
  }
  account.loaded_ = true;
  return absl::OkStatus();
}

absl::Status AccountCache::LoadOpen(AccountState& account, const AccountRecord& row) {
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

absl::StatusOr<AccountState*> AccountCache::ChangeAccount(TenantId tenant, CustomerNo customer) {
  OWO_TRY(AccountState* const account, Account(tenant, customer));
  if (account->changed_ == sequence_) return account;
  account->changed_ = sequence_;
  changed_.push_back(account);
  if (account->dirty_since_ == 0) {
    account->dirty_since_ = sequence_;
    account->unflushed_entry_ = unflushed_.insert(unflushed_.end(), account);
  }
  return account;
}

void AccountCache::SetGeneration(AccountState& account, uint64_t generation) {
  // In a replay, the generation that was loaded may be that of a later change.
  account.generation = std::max(account.generation, generation);
  changed_generations_.push_back(&account);
}

CounterSlot& AccountCache::AddSlot(AccountState& account, Counter counter) {
  account.reshaped_ = true;
  ++counters_;
  return account.slots_.Insert(std::move(counter));
}

absl::Status AccountCache::ReadSlot(AccountState& account, const CounterKey& key) {
  OWO_TRY(const auto row, staged_.GetRecord<CounterRecord>(ColumnFamily::kUsage,
                                                           keys::Counter(account.key_.first, key)));
  if (!row.has_value()) return absl::OkStatus();
  OWO_TRY(Counter counter, FromRecord(key, *row));
  if (account.loaded_ && counter.open) return NotListed();
  AddSlot(account, std::move(counter));
  return absl::OkStatus();
}

// Null if there is no such counter.
absl::StatusOr<CounterSlot*> AccountCache::FindSlot(AccountState& account, const CounterKey& key) {
  if (CounterSlot* const known = account.slots_.Find(key)) return known;
  // Load the earlier segments of its group too: readers rate them together.
  CounterKey each = key;
  for (each.segment = 0; each.segment <= key.segment; ++each.segment) {
    if (account.slots_.Find(each) == nullptr) OWO_RETURN_IF_ERROR(ReadSlot(account, each));
  }
  return account.slots_.Find(key);
}

absl::StatusOr<const Counter*> AccountCache::FindCounter(AccountState& account,
                                                         const CounterKey& key) {
  OWO_TRY(const CounterSlot* const slot, FindSlot(account, key));
  return slot == nullptr ? nullptr : &slot->counter;
}

absl::StatusOr<CounterSlot*> AccountCache::ChangeSlot(AccountState& account, const CounterKey& key,
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

absl::StatusOr<Counter*> AccountCache::ChangeCounter(AccountState& account, const CounterKey& key) {
  OWO_TRY(CounterSlot* const slot, ChangeSlot(account, key, std::nullopt));
  slot->cover_changed = true;
  return &slot->counter;
}

absl::StatusOr<Counter*> AccountCache::AddEvent(AccountState& account, const CounterKey& key,
                                                const std::optional<CounterTerms>& terms,
                                                EventLocation location, Micros time) {
  OWO_TRY(CounterSlot* const slot, ChangeSlot(account, key, terms));
  ++slot->counter.events;
  slot->events.Add(location, time);
  if (slot->events.size() == kChunkEventsMax) PutChunk(account.key_.first, *slot);
  return &slot->counter;
}

// A full chunk is written before its counter's row, in the commit that fills it. So it is stored
// when a replay that begins at the row fills it again.
void AccountCache::PutChunk(TenantId tenant, CounterSlot& slot) {
  staged_.PutBlind(ColumnFamily::kUsageEvents,
                   keys::EventChunk(tenant, slot.counter.key, slot.counter.events),
                   slot.events.Finish());
}

void AccountCache::PutRows(AccountState& account, uint64_t flushed_sequence) {
  const auto [tenant, customer] = account.key_;
  AccountRecord record;
  record.set_usage_version(account.usage_version);
  record.set_invoice_version(account.invoice_version);
  record.set_latest_event_us(account.latest_event.value_or(INT64_MIN));
  record.set_flushed_sequence(flushed_sequence);
  for (CounterSlot& slot : account.slots_) {
    if (slot.counter.open) {
      CounterKeyRecord& open = *record.add_open() = ToRecord(slot.counter.key);
      open.clear_customer();
    }
    if (!slot.events.empty()) PutChunk(tenant, slot);
    if (!slot.dirty) continue;
    staged_.PutBlind(ColumnFamily::kUsage, keys::Counter(tenant, slot.counter.key),
                     ToRecord(slot.counter).SerializeAsString());
    slot.dirty = false;
  }
  staged_.PutBlind(ColumnFamily::kUsage, keys::Account(tenant, customer),
                   record.SerializeAsString());
  account.flushed_sequence = flushed_sequence;
  account.dirty_since_ = 0;
  unflushed_.erase(account.unflushed_entry_);
}

void AccountCache::FlushSoon(const AccountKey& account) {
  const auto found = accounts_.find(account);
  if (found == accounts_.end() || found->second.dirty_since_ == 0) return;
  found->second.dirty_since_ = kSoon;
  unflushed_.splice(unflushed_.begin(), unflushed_, found->second.unflushed_entry_);
}

uint64_t AccountCache::Flush(uint64_t up_to, uint64_t flushed_sequence) {
  for (auto& [tenant, state] : tenants_) {
    if (!state.dirty) continue;
    staged_.PutBlind(ColumnFamily::kMeta, keys::Tenant(tenant), state.record.SerializeAsString());
    state.dirty = false;
  }
  while (!unflushed_.empty() && unflushed_.front()->dirty_since_ <= std::max(up_to, kSoon)) {
    PutRows(*unflushed_.front(), flushed_sequence);
  }
  return unflushed_.empty() ? flushed_sequence + 1 : unflushed_.front()->dirty_since_;
}

void AccountCache::Clear() {
  tenants_.clear();
  latest_ = nullptr;
  accounts_.clear();
  counters_ = 0;
  changed_.clear();
  changed_generations_.clear();
  unflushed_.clear();
}

// ---- Publishing, and dropping accounts from memory.

// Copies only the changed numbers if it can, since most commits change few. Returns false if the
// snapshot is newer: a replay must not show readers an older state.
bool AccountCache::CopyTo(const AccountState& account, AccountSnapshot& snapshot) {
  snapshot.customer_generation = std::max(snapshot.customer_generation, account.generation);
  if (account.usage_version < snapshot.usage_version ||
      account.invoice_version < snapshot.invoice_version) {
    return false;
  }
  snapshot.usage_version = account.usage_version;
  snapshot.invoice_version = account.invoice_version;
  snapshot.latest_event = account.latest_event;
  if (account.reshaped_ || snapshot.counters.size() != account.slots_.size()) {
    snapshot.counters.clear();
    for (const CounterSlot& slot : account.slots_) snapshot.counters.push_back(slot.counter);
    return true;
  }
  for (const size_t index : account.touched_) {
    const CounterSlot& slot = account.slots_[index];
    Counter& counter = snapshot.counters[index];
    counter.total = slot.counter.total;
    counter.events = slot.counter.events;
    counter.open = slot.counter.open;
    if (slot.cover_changed) counter.covered = slot.counter.covered;
  }
  return true;
}

void AccountCache::Publish(size_t cached_max) {
  // First: a reader who sees a counter must not see an older catalog than it was opened at.
  for (auto& [tenant, state] : tenants_) {
    if (state.published == state.record.catalog_generation()) continue;
    state.published = state.record.catalog_generation();
    snapshots_.SetCatalogGeneration(tenant, *state.published);
  }
  for (const AccountState* const account : changed_generations_) {
    snapshots_.Update(account->key_, [account](AccountSnapshot& snapshot) {
      snapshot.customer_generation = std::max(snapshot.customer_generation, account->generation);
    });
  }
  changed_generations_.clear();
  for (AccountState* const account : changed_) {
    bool is_copied = false;
    snapshots_.Put(account->key_,
                   [&](AccountSnapshot& snapshot) { is_copied = CopyTo(*account, snapshot); });
    account->touched_.clear();
    account->reshaped_ = !is_copied;
  }
  changed_.clear();
  if (counters_ + accounts_.size() > cached_max) Forget(cached_max);
}

// Drops accounts until half of `cached_max` is left, so that this is rare.
void AccountCache::Forget(size_t cached_max) {
  latest_ = nullptr;
  for (auto at = accounts_.begin();
       at != accounts_.end() && counters_ + accounts_.size() > cached_max / 2;) {
    const auto account = at++;
    if (account->second.dirty_since_ != 0) continue;
    counters_ -= account->second.slots_.size();
    snapshots_.Remove(account->first);
    accounts_.erase(account);
  }
}

}  // namespace owo::storage
