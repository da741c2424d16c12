#include "storage/rocksdb/ids.h"

#include <rocksdb/sst_file_writer.h>

#include <algorithm>
#include <vector>

#include "storage/prefetch.h"
#include "storage/rocksdb/keys.h"
#include "storage/try.h"

namespace owo::storage {
namespace {

constexpr size_t kIdsAhead = 8;

uint64_t BigEndian(std::string_view bytes) {
  uint64_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<uint8_t>(byte);
  return value;
}

}  // namespace

Ids::Ids(Database& database, StoredIds& stored, size_t run_size)
    : database_(database), stored_(stored), run_size_(run_size), thread_("ids", [this] { Run(); }) {
  fresh_.reserve(run_size);
  const absl::MutexLock lock(&mutex_);
  failure_ = stored.status();
}

Ids::~Ids() {
  const absl::MutexLock lock(&mutex_);
  stopping_ = true;
}

absl::StatusOr<std::optional<IdRow>> Ids::Find(TenantId tenant, const EventId& id,
                                               std::optional<uint64_t> stored_version) const {
  if (stored_.IsNew(tenant, id)) return std::optional<IdRow>();
  const Key key{tenant, id};
  if (const auto found = fresh_.find(key); found != fresh_.end()) return found->second;
  if (sealed_ != nullptr) {
    if (const auto found = sealed_->find(key); found != sealed_->end()) return found->second;
  }
  // What became stored since was in memory above, or the version is another.
  if (stored_version == stored_.version()) return std::optional<IdRow>();
  return stored_.Find(tenant, id);
}

void Ids::Prefetch(TenantId tenant, const EventId& id) const {
  const Key key{tenant, id};
  fresh_.prefetch(key);
  stored_.Prefetch(tenant, id);
  if (sealed_ != nullptr && !stored_.filled()) sealed_->prefetch(key);
}

void Ids::Put(TenantId tenant, const EventId& id, const IdRow& row) {
  if (fresh_.empty()) fresh_since_ = row.sequence;
  stored_.Add(tenant, id);
  fresh_.insert_or_assign(Key{tenant, id}, row);
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
    const absl::Status status = WriteRun(*sealed_, number);
    const absl::MutexLock lock(&mutex_);
    failure_ = status;
    writing_ = false;
  }
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
    if (i + kIdsAhead < sorted.size()) storage::Prefetch(sorted[i + kIdsAhead].entry);
    const auto& [of, row] = *sorted[i].entry;
    OWO_RETURN_IF_ERROR(
        FromRocks(writer->Put(ToSlice(keys::Id(of.tenant, of.id)), ToSlice(PackIdRow(row)))));
  }
  rocksdb::ExternalSstFileInfo run;
  OWO_RETURN_IF_ERROR(FromRocks(writer->Finish(&run)));
  return stored_.TakeIn(run);
}

}  // namespace owo::storage
