#include "service/access/key_ring.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "service/rating/check.h"
#include "storage/util/try.h"

namespace owo::access {

using storage::Micros;
using storage::TenantId;
using storage::TenantProfileRecord;

namespace {

TenantProfileRecord DefaultProfile() {
  TenantProfileRecord profile;
  profile.set_number(static_cast<uint32_t>(storage::kDefaultTenant));
  profile.set_slug("default");
  return profile;
}

}  // namespace

Key::Key(storage::ApiKeyRecord of, const TenantState& owner)
    : record(std::move(of)),
      principal{.name = absl::StrCat("key ", record.id()),
                .scopes = ledger::Scopes::FromBits(record.scopes())},
      tenant(owner) {}

KeyRing::KeyId::KeyId(std::string_view id) {
  rating::Check(id.size() == text.size(), "an API key's id has another length");
  std::ranges::copy(id, text.begin());
}

KeyRing::KeyRing() {
  const absl::MutexLock lock(&mutex_);
  PutTenant(DefaultProfile());
  default_tenant_ = &StateOf(storage::kDefaultTenant);
}

absl::Status KeyRing::Load(const storage::Store& store) {
  OWO_TRY(const storage::AccessRecord access, store.ReadAccess(storage::kReadAll));
  for (const storage::ApiKeyRecord& key : access.keys()) {
    if (!IsKeyId(key.id())) return absl::DataLossError("an API key's id does not parse");
  }
  const absl::MutexLock lock(&mutex_);
  if (access.generation() < generation_) return absl::OkStatus();  // Apply() was faster
  generation_ = access.generation();
  for (const TenantProfileRecord& profile : access.tenants()) PutTenant(profile);
  std::set<std::string, std::less<>> ids;
  for (const storage::ApiKeyRecord& key : access.keys()) ids.insert(key.id());
  const std::set<InOrder> before = order_;
  for (const auto& [tenant, created, id] : before) {
    if (!ids.contains(id)) DropKey(id);
  }
  for (const storage::ApiKeyRecord& key : access.keys()) PutKey(key);
  for (const storage::ApiKeyUseRecord& use : access.uses()) {
    if (!ids.contains(use.id())) continue;
    const KeyId id(use.id());
    const std::shared_ptr<const Key>& key = keys_.at(id);
    if (key->used.load(std::memory_order_relaxed) >= use.used_us()) continue;
    key->used.store(use.used_us(), std::memory_order_relaxed);
    taken_[id] = use.used_us();
  }
  return absl::OkStatus();
}

absl::Status KeyRing::Refresh(const storage::Store& store) {
  OWO_TRY(const uint64_t newest, store.AccessGeneration(storage::kReadAll));
  return newest > generation() ? Load(store) : absl::OkStatus();
}

void KeyRing::Apply(const storage::AccessChangeRecord& changes) {
  const absl::MutexLock lock(&mutex_);
  if (changes.generation() != generation_ + 1) return;
  generation_ = changes.generation();
  for (const TenantProfileRecord& profile : changes.tenants()) PutTenant(profile);
  for (const storage::ApiKeyNameRecord& key : changes.forgotten_keys()) DropKey(key.id());
  for (const storage::ApiKeyRecord& key : changes.keys()) PutKey(key);
}

TenantState& KeyRing::StateOf(TenantId tenant) {
  std::unique_ptr<TenantState>& state = tenants_[tenant];
  if (state == nullptr) state = std::make_unique<TenantState>(tenant);
  return *state;
}

void KeyRing::PutTenant(const TenantProfileRecord& profile) {
  TenantState& state = StateOf(TenantId{profile.number()});
  state.profile = profile;
  state.suspended.store(profile.suspended(), std::memory_order_relaxed);
  slugs_[profile.slug()] = state.id;
}

void KeyRing::PutKey(const storage::ApiKeyRecord& record) {
  const TenantId tenant{record.tenant()};
  auto key = std::make_shared<Key>(record, StateOf(tenant));
  std::shared_ptr<const Key>& entry = keys_[KeyId(record.id())];
  if (entry != nullptr) key->used.store(entry->used.load(std::memory_order_relaxed));
  entry = std::move(key);
  order_.emplace(tenant, record.created_us(), record.id());
}

void KeyRing::DropKey(std::string_view id) {
  const auto found = keys_.find(KeyId(id));
  if (found == keys_.end()) return;
  const storage::ApiKeyRecord& record = found->second->record;
  order_.erase({TenantId{record.tenant()}, record.created_us(), record.id()});
  keys_.erase(found);
  taken_.erase(KeyId(id));
}

std::shared_ptr<const Key> KeyRing::Find(std::string_view id) const {
  const KeyId key(id);
  const absl::ReaderMutexLock lock(&mutex_);
  const auto found = keys_.find(key);
  return found == keys_.end() ? nullptr : found->second;
}

uint64_t KeyRing::generation() const {
  const absl::ReaderMutexLock lock(&mutex_);
  return generation_;
}

std::optional<TenantProfileRecord> KeyRing::FindTenant(std::string_view slug) const {
  const absl::ReaderMutexLock lock(&mutex_);
  const auto found = slugs_.find(slug);
  if (found == slugs_.end()) return std::nullopt;
  return tenants_.at(found->second)->profile;
}

TenantProfileRecord KeyRing::Profile(TenantId tenant) const {
  const absl::ReaderMutexLock lock(&mutex_);
  const auto found = tenants_.find(tenant);
  return found == tenants_.end() ? TenantProfileRecord() : found->second->profile;
}

std::vector<TenantProfileRecord> KeyRing::ListTenants(std::string_view after, size_t limit) const {
  const absl::ReaderMutexLock lock(&mutex_);
  std::vector<TenantProfileRecord> listed;
  for (auto at = slugs_.upper_bound(after); at != slugs_.end() && listed.size() < limit; ++at) {
    listed.push_back(tenants_.at(at->second)->profile);
  }
  return listed;
}

size_t KeyRing::tenants() const {
  const absl::ReaderMutexLock lock(&mutex_);
  return tenants_.size();
}

uint32_t KeyRing::last_tenant() const {
  const absl::ReaderMutexLock lock(&mutex_);
  return static_cast<uint32_t>(tenants_.rbegin()->first);
}

std::vector<std::shared_ptr<const Key>> KeyRing::ListKeys(TenantId tenant, const Place& after,
                                                          size_t limit) const {
  const absl::ReaderMutexLock lock(&mutex_);
  std::vector<std::shared_ptr<const Key>> listed;
  for (auto at = order_.upper_bound({tenant, after.created, after.id});
       at != order_.end() && std::get<TenantId>(*at) == tenant && listed.size() < limit; ++at) {
    listed.push_back(keys_.at(KeyId(std::get<std::string>(*at))));
  }
  return listed;
}

size_t KeyRing::keys() const {
  const absl::ReaderMutexLock lock(&mutex_);
  return keys_.size();
}

std::vector<storage::ApiKeyUseRecord> KeyRing::TakeUses() {
  const absl::MutexLock lock(&mutex_);
  std::vector<storage::ApiKeyUseRecord> uses;
  for (const auto& [id, key] : keys_) {
    const Micros used = key->used.load(std::memory_order_relaxed);
    if (used == 0) continue;
    Micros& taken = taken_[id];
    if (used <= taken) continue;
    taken = used;
    storage::ApiKeyUseRecord& use = uses.emplace_back();
    use.set_tenant(key->record.tenant());
    use.set_id(key->record.id());
    use.set_used_us(used);
  }
  return uses;
}

void KeyRing::GiveBackUses(const std::vector<storage::ApiKeyUseRecord>& uses) {
  const absl::MutexLock lock(&mutex_);
  for (const storage::ApiKeyUseRecord& use : uses) {
    const auto taken = taken_.find(KeyId(use.id()));
    if (taken != taken_.end()) taken->second = std::min(taken->second, use.used_us() - 1);
  }
}

}  // namespace owo::access
