#include "storage/rocksdb/stored_ids.h"

#include <algorithm>
#include <array>

#include "absl/hash/hash.h"
#include "storage/rocksdb/keys.h"
#include "storage/try.h"
#include "storage/varint.h"

namespace owo::storage {
namespace {

constexpr size_t kFilledAtOnce = 1'000;
// With fewer bits for each, filling the filter is not worth reading them.
constexpr size_t kFilterBitsMin = 4;
// The filter's lines of so many ids are on their way at once.
constexpr size_t kLinesAhead = 8;
// So many are read together.
constexpr size_t kReadAtOnce = 64;

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
  const TenantId tenant = keys::ParseTenant(key).value_or(TenantId{});
  return HashOf(static_cast<uint64_t>(tenant),
                key.substr(std::min(key.size(), keys::Tenant(tenant).size())));
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

StoredIds::StoredIds(Database& database, size_t filter_bytes)
    : database_(database),
      filter_(filter_bytes == 0 ? nullptr : std::make_unique<IdFilter>(filter_bytes)) {
  const auto stored = database.Iterate(Space::kIds);
  stored->SeekToLast();
  if (stored->Valid()) greatest_ = stored->key().ToString();
  opened_ = FromRocks(stored->status());
}

absl::StatusOr<std::optional<IdRow>> StoredIds::Find(TenantId tenant, const EventId& id) const {
  const std::string key = keys::Id(tenant, id);
  {
    const absl::MutexLock lock(&mutex_);
    if (greatest_ < key) return std::optional<IdRow>();
  }
  OWO_TRY(const auto row, database_.Get(Space::kIds, key));
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
    if (greatest < key) continue;  // ids that rise with time
    if (i + kLinesAhead < command.events.size()) {
      Prefetch(command.tenant, command.events[i + kLinesAhead].id);
    }
    if (IsNew(command.tenant, id)) continue;
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
  std::vector<size_t> places;
  ForEachMaybe(command, [&places](size_t place) {
    places.push_back(place);
    return true;
  });
  for (std::span<const size_t> rest = places; !rest.empty();) {
    const auto some = rest.first(std::min(rest.size(), kReadAtOnce));
    if (!FindSome(command, some, found)) found.version.reset();
    rest = rest.subspan(some.size());
  }
  return found;
}

bool StoredIds::FindSome(const TrackCommand& command, std::span<const size_t> places,
                         IdsFound& found) const {
  std::array<std::string, kReadAtOnce> keys;
  std::array<rocksdb::Slice, kReadAtOnce> slices;
  std::array<rocksdb::PinnableSlice, kReadAtOnce> rows;
  std::array<rocksdb::Status, kReadAtOnce> read;
  for (size_t i = 0; i < places.size(); ++i) {
    keys[i] = keys::Id(command.tenant, command.events[places[i]].id);
    slices[i] = ToSlice(keys[i]);
  }
  database_.db().MultiGet(rocksdb::ReadOptions(), database_.handle(Space::kIds), places.size(),
                          slices.data(), rows.data(), read.data());
  bool all_read = true;
  for (size_t i = 0; i < places.size(); ++i) {
    if (read[i].IsNotFound()) continue;
    absl::StatusOr<IdRow> row = absl::UnknownError("not read");
    if (read[i].ok()) row = UnpackIdRow(ToView(rows[i]));
    if (row.ok()) found.stored.emplace_back(places[i], *row);
    all_read = all_read && row.ok();
  }
  return all_read;
}

void StoredIds::Add(TenantId tenant, const EventId& id) {
  if (filter_ != nullptr) filter_->Add(HashOfId(tenant, id));
}

bool StoredIds::IsNew(TenantId tenant, const EventId& id) const {
  return filled() && !filter_->MayHave(HashOfId(tenant, id));
}

void StoredIds::Prefetch(TenantId tenant, const EventId& id) const {
  if (filter_ != nullptr) filter_->Prefetch(HashOfId(tenant, id));
}

absl::Status StoredIds::TakeIn(const rocksdb::ExternalSstFileInfo& run) {
  {
    const absl::MutexLock lock(&mutex_);
    if (greatest_ < run.largest_key) greatest_ = run.largest_key;
  }
  OWO_RETURN_IF_ERROR(database_.TakeIn(Space::kIds, run));
  version_.fetch_add(1, std::memory_order_release);
  return absl::OkStatus();
}

std::unique_ptr<rocksdb::Iterator> StoredIds::ToFill() const {
  if (filter_ == nullptr || filled()) return nullptr;
  if (database_.EstimatedRows(Space::kIds) > filter_->bits() / kFilterBitsMin) return nullptr;
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  auto stored = database_.Iterate(Space::kIds, options);
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
