#include "storage/rocksdb/ids/stored_ids.h"

#include <algorithm>
#include <array>

#include "storage/rocksdb/format/keys.h"
#include "storage/util/try.h"

namespace owo::storage {
namespace {

constexpr size_t kFilledAtOnce = 1'000;
// With fewer bits per id, the filter is not worth the reads that fill it.
constexpr size_t kFilterBitsMin = 4;
// The filter is prefetched for this many ids ahead.
constexpr size_t kLinesAhead = 8;
// Ids per MultiGet.
constexpr size_t kReadAtOnce = 64;

// REQUIRES: a key of ColumnFamily::kIds.
uint64_t HashOfKey(std::string_view key) {
  const TenantId tenant = keys::ParseTenant(key).value_or(TenantId{});
  return IdKey::Hash(static_cast<uint64_t>(tenant),
                     key.substr(std::min(key.size(), keys::Tenant(tenant).size())));
}

}  // namespace

StoredIds::StoredIds(Database& database, size_t filter_bytes)
    : database_(database),
      filter_(filter_bytes == 0 ? nullptr : std::make_unique<IdFilter>(filter_bytes)) {
  const auto stored = database.Iterate(ColumnFamily::kIds);
  stored->SeekToLast();
  if (stored->Valid()) greatest_ = stored->key().ToString();
  opened_ = FromRocks(stored->status());
}

absl::StatusOr<std::optional<IdRow>> StoredIds::Find(const IdKey& id) const {
  const std::string key = keys::Id(id.tenant, id.id);
  {
    const absl::MutexLock lock(&mutex_);
    if (greatest_ < key) return std::optional<IdRow>();
  }
  OWO_TRY(const auto row, database_.Get(ColumnFamily::kIds, key));
  if (!row.has_value()) return std::optional<IdRow>();
  return UnpackIdRow(*row);
}

template <typename Each>
void StoredIds::ForEachMaybe(const TrackCommand& command, Each each) const {
  std::string greatest;
  {
    const absl::MutexLock lock(&mutex_);
    greatest = greatest_;
  }
  std::string key = keys::Id(command.tenant, EventId());
  for (size_t i = 0; i < command.events.size(); ++i) {
    const EventId& id = command.events[i].id;
    key.replace(key.size() - id.bytes().size(), std::string::npos, id.bytes());
    if (greatest < key) continue;  // the usual case for ids that rise with time
    if (i + kLinesAhead < command.events.size()) {
      Prefetch(IdKey(command.tenant, command.events[i + kLinesAhead].id));
    }
    if (IsNew(IdKey(command.tenant, id))) continue;
    if (!each(i)) return;
  }
}

std::optional<IdsFound> StoredIds::FindInMemory(const TrackCommand& command) const {
  std::optional<IdsFound> found(IdsFound{.version = version()});
  ForEachMaybe(command, [&found](size_t /*place*/) {
    found.reset();
    return false;
  });
  return found;
}

IdsFound StoredIds::FindAll(const TrackCommand& command) const {
  IdsFound found{.version = version()};
  std::vector<size_t> indexes;
  ForEachMaybe(command, [&indexes](size_t index) {
    indexes.push_back(index);
    return true;
  });
  for (std::span<const size_t> rest = indexes; !rest.empty();) {
    const auto some = rest.first(std::min(rest.size(), kReadAtOnce));
    if (!FindSome(command, some, found)) found.version.reset();
    rest = rest.subspan(some.size());
  }
  return found;
}

bool StoredIds::FindSome(const TrackCommand& command, std::span<const size_t> indexes,
                         IdsFound& found) const {
  std::array<std::string, kReadAtOnce> keys;
  std::array<rocksdb::Slice, kReadAtOnce> slices;
  std::array<rocksdb::PinnableSlice, kReadAtOnce> rows;
  std::array<rocksdb::Status, kReadAtOnce> read;
  for (size_t i = 0; i < indexes.size(); ++i) {
    keys[i] = keys::Id(command.tenant, command.events[indexes[i]].id);
    slices[i] = ToSlice(keys[i]);
  }
  database_.db().MultiGet(rocksdb::ReadOptions(), database_.handle(ColumnFamily::kIds),
                          indexes.size(), slices.data(), rows.data(), read.data());
  bool all_read = true;
  for (size_t i = 0; i < indexes.size(); ++i) {
    if (read[i].IsNotFound()) continue;
    absl::StatusOr<IdRow> row = absl::UnknownError("not read");
    if (read[i].ok()) row = UnpackIdRow(ToView(rows[i]));
    if (row.ok()) found.stored.emplace_back(indexes[i], *row);
    all_read = all_read && row.ok();
  }
  return all_read;
}

void StoredIds::Add(const IdKey& key) {
  if (filter_ != nullptr) filter_->Add(key.hash);
}

bool StoredIds::IsNew(const IdKey& key) const { return filled() && !filter_->MayHave(key.hash); }

void StoredIds::Prefetch(const IdKey& key) const {
  if (filter_ != nullptr) filter_->Prefetch(key.hash);
}

absl::Status StoredIds::Ingest(const rocksdb::ExternalSstFileInfo& run) {
  {
    const absl::MutexLock lock(&mutex_);
    if (greatest_ < run.largest_key) greatest_ = run.largest_key;
  }
  OWO_RETURN_IF_ERROR(database_.Ingest(ColumnFamily::kIds, run));
  version_.fetch_add(1, std::memory_order_release);
  return absl::OkStatus();
}

std::unique_ptr<rocksdb::Iterator> StoredIds::ToFill() const {
  if (filter_ == nullptr || filled()) return nullptr;
  if (database_.EstimatedRows(ColumnFamily::kIds) > filter_->bits() / kFilterBitsMin) {
    return nullptr;
  }
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  auto stored = database_.Iterate(ColumnFamily::kIds, options);
  stored->SeekToFirst();
  return stored;
}

bool StoredIds::Fill(rocksdb::Iterator& rest) {
  std::vector<uint64_t> hashes;
  for (; hashes.size() < kFilledAtOnce && rest.Valid(); rest.Next()) {
    hashes.push_back(HashOfKey(ToView(rest.key())));
    filter_->Prefetch(hashes.back());
  }
  for (const uint64_t hash : hashes) filter_->Add(hash);
  if (rest.Valid()) return true;
  if (rest.status().ok()) filled_.store(true, std::memory_order_release);
  return false;
}

}  // namespace owo::storage
