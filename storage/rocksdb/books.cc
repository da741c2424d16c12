#include "storage/rocksdb/books.h"

#include <algorithm>
#include <string>

#include "storage/convert.h"
#include "storage/rocksdb/keys.h"
#include "storage/try.h"
#include "storage/varint.h"

namespace owo::storage {
namespace {

uint64_t Mix(uint64_t x) {  // the finaliser of SplitMix64: on disk, never change
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

AccountState FromRecord(CustomerNo customer, const AccountRecord& record) {
  AccountState account{.usage_version = record.usage_version(),
                       .cut_version = record.cut_version()};
  if (record.latest_event_us() != INT64_MIN) account.latest_event = record.latest_event_us();
  for (const CounterKeyRecord& key : record.open()) {
    account.open.push_back(FromRecord(key));
    account.open.back().customer = customer;
  }
  return account;
}

AccountRecord ToRecord(const AccountState& account) {
  AccountRecord record;
  record.set_usage_version(account.usage_version);
  record.set_cut_version(account.cut_version);
  record.set_latest_event_us(account.latest_event.value_or(INT64_MIN));
  for (const CounterKey& key : account.open) {
    CounterKeyRecord& open = *record.add_open() = ToRecord(key);
    open.clear_customer();
  }
  return record;
}

}  // namespace

std::string PackIdRow(const IdRow& row) {
  std::string bytes(reinterpret_cast<const char*>(&row.fingerprint), sizeof row.fingerprint);
  bytes.push_back(row.over ? 1 : 0);
  AppendVarint64(bytes, row.sequence);
  return bytes;
}

absl::StatusOr<IdRow> UnpackIdRow(std::string_view bytes) {
  ByteReader in(bytes);
  IdRow row;
  const std::string_view fingerprint = in.Take(sizeof row.fingerprint);
  if (in.ok()) fingerprint.copy(reinterpret_cast<char*>(&row.fingerprint), fingerprint.size());
  row.over = in.Byte() != 0;
  row.sequence = in.Varint64();
  if (!in.AtEnd()) return absl::DataLossError("an id row does not parse");
  return row;
}

uint64_t Fingerprint(CustomerNo customer, FeatureNo feature, Quantity quantity) {
  uint64_t h = Mix(static_cast<uint64_t>(customer) + 0x9e3779b97f4a7c15);
  h = Mix(h ^ static_cast<uint32_t>(feature));
  h = Mix(h ^ absl::Int128Low64(quantity.units));
  return Mix(h ^ static_cast<uint64_t>(absl::Int128High64(quantity.units)));
}

absl::StatusOr<Books::TenantState*> Books::LoadTenant(TenantId tenant) {
  const auto [entry, is_new] = tenants_.try_emplace(tenant);
  if (is_new) {
    auto row = pending_.GetRecord<TenantRecord>(Space::kMeta, keys::Tenant(tenant));
    if (!row.ok()) {
      tenants_.erase(entry);
      return row.status();
    }
    if (row->has_value()) entry->second.record = **std::move(row);
  }
  return &entry->second;
}

absl::StatusOr<TenantRecord*> Books::Tenant(TenantId tenant) {
  OWO_TRY(TenantState* const state, LoadTenant(tenant));
  return &state->record;
}

absl::StatusOr<TenantRecord*> Books::ChangeTenant(TenantId tenant) {
  OWO_TRY(TenantState* const state, LoadTenant(tenant));
  state->dirty = true;
  return &state->record;
}

absl::StatusOr<AccountState*> Books::Account(TenantId tenant, CustomerNo customer) {
  const auto found = accounts_.find({tenant, customer});
  if (found != accounts_.end()) return &found->second;
  OWO_TRY(const auto row,
          pending_.GetRecord<AccountRecord>(Space::kUsage, keys::Account(tenant, customer)));
  OWO_TRY(const auto contract,
          pending_.GetRecord<ContractRecord>(Space::kCustomers, keys::Contract(tenant, customer)));
  AccountState account;
  if (row.has_value()) account = FromRecord(customer, *row);
  if (contract.has_value()) account.generation = contract->generation();
  return &accounts_.insert_or_assign({tenant, customer}, std::move(account)).first->second;
}

absl::StatusOr<AccountState*> Books::ChangeAccount(TenantId tenant, CustomerNo customer) {
  OWO_TRY(AccountState* const account, Account(tenant, customer));
  if (!account->dirty) dirty_accounts_.push_back({{tenant, customer}, account});
  account->dirty = true;
  return account;
}

absl::StatusOr<Books::CounterState*> Books::Load(TenantId tenant, const CounterKey& key) {
  const auto found = counters_.find({tenant, key});
  if (found != counters_.end()) return &found->second;
  OWO_TRY(const auto row,
          pending_.GetRecord<CounterRecord>(Space::kUsage, keys::Counter(tenant, key)));
  CounterState state;
  if (row.has_value()) {
    OWO_TRY(state.counter, FromRecord(key, *row));
    state.exists = true;
  }
  return &counters_.insert_or_assign({tenant, key}, std::move(state)).first->second;
}

absl::StatusOr<const Counter*> Books::FindCounter(TenantId tenant, const CounterKey& key) {
  OWO_TRY(const CounterState* const state, Load(tenant, key));
  return state->exists ? &state->counter : nullptr;
}

absl::StatusOr<Counter*> Books::ChangeCounter(TenantId tenant, const CounterKey& key,
                                              const std::optional<CounterTerms>& terms) {
  OWO_TRY(CounterState* const state, Load(tenant, key));
  if (!state->exists) {
    if (!terms.has_value()) return absl::DataLossError("a counter is missing");
    state->counter = {.key = key, .terms = *terms};
    state->exists = true;
  }
  if (!state->dirty) dirty_counters_.push_back({tenant, state});
  state->dirty = true;
  return &state->counter;
}

absl::StatusOr<std::optional<IdRow>> Books::FindId(TenantId tenant, const EventId& id) {
  const auto found = new_ids_.find({tenant, id});
  if (found != new_ids_.end()) return found->second;
  OWO_TRY(const auto row, pending_.Get(Space::kIds, keys::Id(tenant, id)));
  if (!row.has_value()) return std::optional<IdRow>();
  return UnpackIdRow(*row);
}

void Books::PutId(TenantId tenant, const EventId& id, const IdRow& row) {
  new_ids_.insert_or_assign({tenant, id}, row);
  pending_.PutBlind(Space::kIds, keys::Id(tenant, id), PackIdRow(row));
}

absl::Status Books::SetOpen(AccountState& account, Counter& counter, bool open) {
  if (counter.open == open) return absl::OkStatus();
  const auto at = std::lower_bound(account.open.begin(), account.open.end(), counter.key);
  const bool is_listed = at != account.open.end() && *at == counter.key;
  if (is_listed == open) {
    return absl::DataLossError("an account does not list the counters that are open");
  }
  counter.open = open;
  if (open) {
    account.open.insert(at, counter.key);
  } else {
    account.open.erase(at);
  }
  return absl::OkStatus();
}

void Books::Flush() {
  for (auto& [tenant, state] : tenants_) {
    if (!state.dirty) continue;
    pending_.PutBlind(Space::kMeta, keys::Tenant(tenant), state.record.SerializeAsString());
    state.dirty = false;
  }
  for (auto& [key, account] : dirty_accounts_) {
    pending_.PutBlind(Space::kUsage, keys::Account(key.first, key.second),
                      ToRecord(*account).SerializeAsString());
    account->dirty = false;
  }
  for (auto& [tenant, state] : dirty_counters_) {
    pending_.PutBlind(Space::kUsage, keys::Counter(tenant, state->counter.key),
                      storage::ToRecord(state->counter).SerializeAsString());
    state->dirty = false;
  }
  dirty_accounts_.clear();
  dirty_counters_.clear();
}

void Books::Settle(size_t cached_max) {
  new_ids_.clear();
  if (accounts_.size() + counters_.size() > cached_max) Clear();
}

void Books::Clear() {
  tenants_.clear();
  accounts_.clear();
  counters_.clear();
  new_ids_.clear();
  dirty_accounts_.clear();
  dirty_counters_.clear();
}

}  // namespace owo::storage
