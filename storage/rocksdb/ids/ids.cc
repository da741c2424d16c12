#include "storage/rocksdb/ids/ids.h"

#include <rocksdb/sst_file_writer.h>

#include <algorithm>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "storage/rocksdb/format/keys.h"
#include "storage/util/prefetch.h"
#include "storage/util/try.h"

namespace owo::storage {
namespace {

constexpr size_t kIdsAhead = 8;

uint64_t BigEndian(std::string_view bytes) {
  uint64_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<uint8_t>(byte);
  return value;
}

// The index of an entry, with the prefix of its id, which nearly always decides the order.
struct Sortable {
  uint64_t prefix = 0;  // the id's first 8 bytes
  TenantId tenant{};
  uint32_t index = 0;
};

std::vector<Sortable> Sorted(std::span<const RecentIds::Entry> ids) {
  std::vector<Sortable> sorted;
  sorted.reserve(ids.size());
  for (const RecentIds::Entry& entry : ids) {
    sorted.push_back({.prefix = BigEndian(entry.id.bytes().substr(0, 8)),
                      .tenant = entry.tenant,
                      .index = static_cast<uint32_t>(sorted.size())});
  }
  const auto before = [&ids](const Sortable& a, const Sortable& b) {
    if (a.tenant != b.tenant) return a.tenant < b.tenant;
    if (a.prefix != b.prefix) return a.prefix < b.prefix;
    return ids[a.index].id.bytes() < ids[b.index].id.bytes();
  };
  // A merge sort is fast here: ids that rise with time arrive in long stretches that are in order.
  std::stable_sort(sorted.begin(), sorted.end(), before);
  return sorted;
}

}  // namespace

Ids::Ids(Database& database, StoredIds& stored, size_t run_size)
    : database_(database),
      stored_(stored),
      run_size_(run_size),
      fresh_(run_size),
      frozen_(run_size),
      thread_("ids", [this] { Run(); }) {
  const absl::MutexLock lock(&mutex_);
  failure_ = stored.status();
}

Ids::~Ids() {
  const absl::MutexLock lock(&mutex_);
  stopping_ = true;
}

absl::StatusOr<std::optional<IdRow>> Ids::Find(const IdKey& key,
                                               std::optional<uint64_t> stored_version) const {
  if (stored_.IsNew(key)) return std::optional<IdRow>();
  for (const RecentIds* const ids : {&fresh_, &frozen_}) {
    if (const IdRow* const row = ids->Find(key)) return *row;
  }
  // An id that was stored since then is found in memory above, unless the version has changed.
  if (stored_version == stored_.version()) return std::optional<IdRow>();
  return stored_.Find(key);
}

void Ids::Prefetch(const IdKey& key) const {
  fresh_.Prefetch(key);
  stored_.Prefetch(key);
  if (!frozen_.empty() && !stored_.filled()) frozen_.Prefetch(key);
}

void Ids::Put(const IdKey& key, const IdRow& row) {
  if (fresh_.empty()) fresh_since_ = row.sequence;
  stored_.Add(key);
  fresh_.Put(key, row);
}

absl::StatusOr<uint64_t> Ids::OnCommit(uint64_t sequence, uint64_t overdue) {
  const absl::MutexLock lock(&mutex_);
  // Bounds the memory: with two runs of fresh ids the writer waits for the disk.
  if (fresh_.size() >= 2 * run_size_) mutex_.Await(absl::Condition(this, &Ids::Idle));
  OWO_RETURN_IF_ERROR(failure_);
  if (!writing_) {
    frozen_.Clear();  // they are stored
    const bool is_overdue = !fresh_.empty() && fresh_since_ <= overdue;
    if (fresh_.size() >= run_size_ || is_overdue) Freeze();
  }
  if (!frozen_.empty()) return frozen_since_;
  return fresh_.empty() ? sequence + 1 : fresh_since_;
}

void Ids::Freeze() {
  frozen_.Clear();  // its ids are stored, even if OnCommit has not cleared it yet
  std::swap(fresh_, frozen_);
  frozen_since_ = fresh_since_;
  writing_ = true;
}

absl::Status Ids::Drain() {
  const absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(this, &Ids::Idle));
  if (failure_.ok() && !fresh_.empty()) {
    Freeze();
    mutex_.Await(absl::Condition(this, &Ids::Idle));
  }
  return failure_;
}

std::pair<RecentIds, RecentIds> Ids::Release() {
  const absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(this, &Ids::Written));
  return {std::move(fresh_), std::move(frozen_)};
}

void Ids::FillFilter() {
  const absl::MutexLock lock(&mutex_);
  filling_ = true;
}

void Ids::Run() {
  std::unique_ptr<rocksdb::Iterator> to_fill;  // what the filter lacks
  for (;;) {
    uint64_t number = 0;
    {
      const absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(this, &Ids::Work));
      if (stopping_) return;
      if (writing_) number = ++runs_;
    }
    if (number == 0) {
      if (to_fill == nullptr) to_fill = stored_.ToFill();
      if (to_fill != nullptr && stored_.Fill(*to_fill)) continue;
      to_fill = nullptr;
      const absl::MutexLock lock(&mutex_);
      filling_ = false;
      continue;
    }
    const absl::Status status = WriteRun(number);
    const absl::MutexLock lock(&mutex_);
    failure_ = status;
    writing_ = false;
  }
}

absl::Status Ids::WriteRun(uint64_t number) {
  const std::span<const RecentIds::Entry> ids = frozen_.entries();
  const std::vector<Sortable> sorted = Sorted(ids);
  const std::string path = database_.RunPath(number);
  OWO_TRY(const auto writer, database_.NewRun(ColumnFamily::kIds, path));
  std::string key;
  for (size_t i = 0; i < sorted.size(); ++i) {
    // Sorted ids may be scattered in memory: prefetch the next ones.
    if (i + kIdsAhead < sorted.size()) PrefetchAll(ids[sorted[i + kIdsAhead].index]);
    const RecentIds::Entry& entry = ids[sorted[i].index];
    // An id that was counted twice is a bug. `verify` reports it; writing the run must not fail.
    if (i + 1 < sorted.size() && entry.IsOf(ids[sorted[i + 1].index])) continue;
    keys::SetId(key, entry.tenant, entry.id);
    const std::string row = PackIdRow(entry.row);
    OWO_RETURN_IF_ERROR(FromRocks(writer->Put(ToSlice(key), ToSlice(row))));
  }
  rocksdb::ExternalSstFileInfo run;
  OWO_RETURN_IF_ERROR(FromRocks(writer->Finish(&run)));
  return stored_.Ingest(run);
}

}  // namespace owo::storage
