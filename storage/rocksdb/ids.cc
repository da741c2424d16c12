#include "storage/rocksdb/ids.h"

#include <rocksdb/sst_file_writer.h>

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "storage/rocksdb/keys.h"
#include "storage/try.h"
#include "storage/varint.h"

namespace owo::storage {
namespace {

constexpr size_t kIdsAhead = 8;
constexpr size_t kFilledAtOnce = 10'000;
// With fewer bits for each, filling the filter is not worth reading them.
constexpr size_t kFilterBitsMin = 4;

uint64_t BigEndian(std::string_view bytes) {
  uint64_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<uint8_t>(byte);
  return value;
}

uint64_t Mix(uint64_t x) {  // the finaliser of SplitMix64: on disk, never change
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

uint64_t HashOf(uint64_t tenant, std::string_view id) {
  return absl::HashOf(tenant, absl::string_view(id.data(), id.size()));
}
uint64_t HashOfId(TenantId tenant, const EventId& id) {
  return HashOf(static_cast<uint64_t>(tenant), id.bytes());
}
// REQUIRES: a key of Space::kIds.
uint64_t HashOfKey(std::string_view key) {
  constexpr size_t kTenantSize = 4;
  return HashOf(BigEndian(key.substr(0, kTenantSize)),
                key.substr(std::min(key.size(), kTenantSize)));
}

// From the first on; null when no filter is to have them.
std::unique_ptr<rocksdb::Iterator> StoredIds(const Database& database, const IdFilter* filter) {
  if (filter == nullptr) return nullptr;
  if (database.EstimatedRows(Space::kIds) > filter->bits() / kFilterBitsMin) return nullptr;
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  auto stored = database.Iterate(Space::kIds, options);
  stored->SeekToFirst();
  return stored;
}

}  // namespace

std::string PackIdRow(const IdRow& row) {
  const uint64_t fingerprint = row.fingerprint;
  std::string bytes(reinterpret_cast<const char*>(&fingerprint), sizeof fingerprint);
  bytes.push_back(static_cast<char>(row.over));
  AppendVarint64(bytes, row.sequence);
  return bytes;
}

absl::StatusOr<IdRow> UnpackIdRow(std::string_view bytes) {
  ByteReader in(bytes);
  IdRow row;
  const std::string_view fingerprint = in.Take(sizeof row.fingerprint);
  if (in.ok()) fingerprint.copy(reinterpret_cast<char*>(&row.fingerprint), fingerprint.size());
  row.over = in.Byte() & 1;
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

Ids::Ids(Database& database, size_t run_size, size_t filter_bytes)
    : database_(database),
      run_size_(run_size),
      filter_(filter_bytes == 0 ? nullptr : std::make_unique<IdFilter>(filter_bytes)),
      to_fill_(StoredIds(database, filter_.get())),
      thread_("ids", [this] { Run(); }) {
  fresh_.reserve(run_size);
  const auto stored = database.Iterate(Space::kIds);
  stored->SeekToLast();
  if (stored->Valid()) greatest_ = stored->key().ToString();
  const absl::MutexLock lock(&mutex_);
  failure_ = FromRocks(stored->status());  // without the greatest, all would be taken for new
}

Ids::~Ids() {
  const absl::MutexLock lock(&mutex_);
  stopping_ = true;
}

absl::StatusOr<std::optional<IdRow>> Ids::Find(TenantId tenant, const EventId& id) {
  const Key key{tenant, id};
  if (filled_.load(std::memory_order_acquire) && !filter_->MayHave(HashOfId(tenant, id))) {
    return std::optional<IdRow>();
  }
  if (const auto found = fresh_.find(key); found != fresh_.end()) return found->second;
  if (sealed_ != nullptr) {
    if (const auto found = sealed_->find(key); found != sealed_->end()) return found->second;
  }
  const std::string row_key = keys::Id(tenant, id);
  if (row_key > greatest_) return std::optional<IdRow>();  // ids that rise with time
  OWO_TRY(const auto row, database_.Get(Space::kIds, row_key));
  if (!row.has_value()) return std::optional<IdRow>();
  return UnpackIdRow(*row);
}

void Ids::Prefetch(TenantId tenant, const EventId& id) const {
  const Key key{tenant, id};
  fresh_.prefetch(key);
  if (filter_ != nullptr) filter_->Prefetch(HashOfId(tenant, id));
  if (filled_.load(std::memory_order_relaxed)) return;
  if (sealed_ != nullptr) sealed_->prefetch(key);
}

void Ids::Put(TenantId tenant, const EventId& id, const IdRow& row) {
  if (fresh_.empty()) fresh_since_ = row.sequence;
  const Key key{tenant, id};
  if (filter_ != nullptr) filter_->Add(HashOfId(tenant, id));
  fresh_.insert_or_assign(key, row);
}

absl::StatusOr<uint64_t> Ids::Settle(uint64_t sequence) {
  const absl::MutexLock lock(&mutex_);
  // Twice a run in memory is the bound: then the writer waits for the disk.
  if (fresh_.size() >= 2 * run_size_) mutex_.Await(absl::Condition(this, &Ids::Idle));
  OWO_RETURN_IF_ERROR(failure_);
  if (!writing_) {
    sealed_ = nullptr;  // it is stored
    if (fresh_.size() >= run_size_) Seal();
  }
  if (sealed_ != nullptr) return sealed_since_;
  return fresh_.empty() ? sequence + 1 : fresh_since_;
}

void Ids::Seal() {
  sealed_ = std::make_shared<const Map>(std::move(fresh_));
  sealed_since_ = fresh_since_;
  fresh_ = Map();
  fresh_.reserve(run_size_);
  for (const auto& [key, row] : *sealed_) {
    std::string stored = keys::Id(key.tenant, key.id);
    if (greatest_ < stored) greatest_ = std::move(stored);
  }
  writing_ = true;
}

absl::Status Ids::Drain() {
  const absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(this, &Ids::Idle));
  if (failure_.ok() && !fresh_.empty()) {
    Seal();
    mutex_.Await(absl::Condition(this, &Ids::Idle));
  }
  return failure_;
}

void Ids::Run() {
  for (;;) {
    uint64_t number = 0;
    {
      const absl::MutexLock lock(&mutex_);
      if (to_fill_ == nullptr) mutex_.Await(absl::Condition(this, &Ids::Work));
      if (stopping_) return;
      if (writing_) number = ++runs_;
    }
    if (number == 0) {
      if (!FillFilter()) to_fill_ = nullptr;
      continue;
    }
    const absl::Status status = WriteRun(*sealed_, number);
    const absl::MutexLock lock(&mutex_);
    failure_ = status;
    writing_ = false;
  }
}

bool Ids::FillFilter() {
  for (size_t i = 0; i < kFilledAtOnce && to_fill_->Valid(); ++i, to_fill_->Next()) {
    filter_->Add(HashOfKey(ToView(to_fill_->key())));
  }
  if (to_fill_->Valid()) return true;
  if (to_fill_->status().ok()) filled_.store(true, std::memory_order_release);
  return false;
}

std::vector<Ids::Sortable> Ids::Sorted(const Map& ids) {
  std::vector<Sortable> sorted;
  sorted.reserve(ids.size());
  for (const auto& entry : ids) {
    const std::string_view bytes = entry.first.id.bytes();
    sorted.push_back({entry.first.tenant, BigEndian(bytes.substr(0, 8)), &entry});
  }
  std::sort(sorted.begin(), sorted.end(), [](const Sortable& a, const Sortable& b) {
    if (a.tenant != b.tenant) return a.tenant < b.tenant;
    if (a.prefix != b.prefix) return a.prefix < b.prefix;
    return a.entry->first.id.bytes() < b.entry->first.id.bytes();
  });
  return sorted;
}

absl::Status Ids::WriteRun(const Map& ids, uint64_t number) {
  const std::vector<Sortable> sorted = Sorted(ids);
  const std::string path = database_.RunPath(number);
  OWO_TRY(const auto writer, database_.NewRun(Space::kIds, path));
  for (size_t i = 0; i < sorted.size(); ++i) {
    // They lie in the map in no order: the next ones are on their way meanwhile.
    if (i + kIdsAhead < sorted.size()) __builtin_prefetch(sorted[i + kIdsAhead].entry);
    const auto& [of, row] = *sorted[i].entry;
    OWO_RETURN_IF_ERROR(
        FromRocks(writer->Put(ToSlice(keys::Id(of.tenant, of.id)), ToSlice(PackIdRow(row)))));
  }
  OWO_RETURN_IF_ERROR(FromRocks(writer->Finish()));
  return database_.TakeIn(Space::kIds, path);
}

}  // namespace owo::storage
