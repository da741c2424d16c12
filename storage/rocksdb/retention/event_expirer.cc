#include "storage/rocksdb/retention/event_expirer.h"

#include <algorithm>
#include <span>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "storage/convert.h"
#include "storage/rocksdb/commit/replay.h"
#include "storage/rocksdb/format/event_chunk.h"
#include "storage/rocksdb/format/journal.h"
#include "storage/rocksdb/format/keys.h"
#include "storage/util/try.h"

namespace owo::storage {
namespace {

// Events per step; one record may have more. Steps that delete are smaller, since they write to the
// write-ahead log that commits use. The archive has a log of its own.
constexpr size_t kArchivedEventsMax = 8192;
constexpr size_t kDroppedEventsMax = 1024;
constexpr size_t kRecordsMax = 1024;
constexpr int kRowsMax = 256;  // per write
// Counters per cache.
constexpr size_t kKnownMax = 100'000;
// How long the state of a counter is cached.
constexpr absl::Duration kMoment = absl::Seconds(5);
// How often archived records that were not deleted are examined again: once a day.
constexpr Micros kPass = Micros{24} * 3600 * 1'000'000;
// If a pass deletes at least this many records, the journal is compacted after it, which frees
// their disk space at once.
constexpr uint64_t kCompactMin = 256;

std::unique_ptr<rocksdb::Iterator> JournalFrom(const Database& database, uint64_t first) {
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  auto it = database.Iterate(ColumnFamily::kJournal, options);
  it->Seek(ToSlice(keys::Journal(first)));
  return it;
}

}  // namespace

EventExpirer::EventExpirer(Database& database, const Reader& reader, const OpenOptions& options)
    : database_(database),
      reader_(reader),
      data_dir_(options.data_dir),
      env_(options.env),
      options_(options.retain) {}

absl::StatusOr<bool> EventExpirer::Step() {
  absl::StatusOr<bool> more = TryStep();
  if (!more.ok()) archive_.reset();  // its memory may differ from the disk
  return more;
}

absl::StatusOr<bool> EventExpirer::TryStep() {
  if (archive_ == nullptr) OWO_RETURN_IF_ERROR(Open());
  cutoff_ = (options_.clock ? options_.clock() : absl::ToUnixMicros(absl::Now())) - options_.age;
  const absl::Time now = absl::Now();
  if (found_.size() > kKnownMax || now - found_since_ > kMoment) {
    found_.clear();
    found_since_ = now;
  }
  if (put_.size() > kKnownMax) put_.clear();
  if (reaches_.size() > kKnownMax) reaches_.clear();
  OWO_TRY(const bool archived, ArchiveSome());
  return archived ? true : DropSome();
}

absl::Status EventExpirer::Open() {
  OWO_TRY(const auto row,
          reader_.Find<ArchiveStateRecord>(kReadAll, ColumnFamily::kMeta, keys::kArchiveState));
  dropped_to_ = row.has_value() ? row->first_sequence() : 1;
  next_ = dropped_to_;
  put_.clear();
  // An earlier version does not read the archive of this one, so it must not open the store either.
  OWO_RETURN_IF_ERROR(PutFormat());
  OWO_TRY(archive_, ArchiveDb::Open(data_dir_, env_));
  if (archive_->first_sequence() >= dropped_to_) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat("the archive ends before record ",
                                          archive_->first_sequence(), ", records before ",
                                          dropped_to_, " were dropped"));
}

absl::StatusOr<const ArchiveDb*> EventExpirer::Archive() {
  if (archive_ != nullptr) return archive_.get();
  OWO_TRY(const bool exists, ArchiveDb::Exists(data_dir_, env_));
  if (!exists) return nullptr;
  OWO_RETURN_IF_ERROR(Open());
  return archive_.get();
}

absl::Status EventExpirer::PutFormat() {
  OWO_TRY(const auto format, database_.Get(ColumnFamily::kMeta, keys::kFormat));
  if (format == kFormatVersion) return absl::OkStatus();
  rocksdb::WriteBatch batch;
  batch.Put(ToSlice(keys::kFormat), ToSlice(kFormatVersion));
  return database_.Write(batch);
}

absl::StatusOr<uint64_t> EventExpirer::ArchivableEnd() const {
  OWO_TRY(const auto replay_start,
          reader_.Find<ReplayStartRecord>(kReadAll, ColumnFamily::kMeta, keys::kReplayStart));
  if (!replay_start.has_value()) return 0;
  const auto journal = database_.Iterate(ColumnFamily::kJournal);
  journal->SeekToLast();
  OWO_RETURN_IF_ERROR(FromRocks(journal->status()));
  if (!journal->Valid()) return 0;
  // Keep the newest record: it marks the journal's end.
  return std::min(replay_start->first_sequence(), keys::TrailingNumber(ToView(journal->key())));
}

absl::StatusOr<EventExpirer::CounterState> EventExpirer::Find(const CounterId& id) {
  const auto known = found_.find(id);
  if (known != found_.end()) return known->second;
  const auto& [tenant, key] = id;
  OWO_TRY(const Account account,
          reader_.ReadAccount(kReadAll, tenant, key.customer, std::span(&key, 1)));
  if (!account.asked.front().has_value()) {
    return absl::DataLossError("the journal has an event of a counter that is missing");
  }
  const Counter& counter = *account.asked.front();
  return found_.try_emplace(id, CounterState{counter.terms.period_end, counter.open}).first->second;
}

absl::StatusOr<bool> EventExpirer::MayBeArchived(const JournalRecord& record) {
  if (record.committed_us() >= cutoff_) return false;
  bool may = true;
  OWO_RETURN_IF_ERROR(
      ForEachEvent(record, [&](TenantId tenant, const CountedEvent& event) -> absl::Status {
        OWO_TRY(const CounterState counter, Find({tenant, event.counter}));
        may = may && (IsOld(counter) || counter.period_end == kForever);
        return absl::OkStatus();
      }));
  return may;
}

absl::StatusOr<bool> EventExpirer::ArchiveSome() {
  OWO_TRY(const uint64_t end, ArchivableEnd());
  const uint64_t first = archive_->first_sequence();
  const uint64_t events = archive_->state().events();
  if (first >= end) return false;
  const auto it = JournalFrom(database_, first);
  for (; it->Valid() && archive_->next() < end; it->Next()) {
    const uint64_t sequence = keys::TrailingNumber(ToView(it->key()));
    if (sequence != archive_->next()) {
      return absl::DataLossError(absl::StrCat("journal record ", archive_->next(), " is missing"));
    }
    OWO_TRY(const JournalRecord record, ParseRow<JournalRecord>(ToView(it->value())));
    OWO_TRY(const bool may, MayBeArchived(record));
    if (!may) break;
    OWO_RETURN_IF_ERROR(archive_->Apply(sequence, record));
    if (archive_->events() - events >= kArchivedEventsMax ||
        archive_->next() - first >= kRecordsMax) {
      break;
    }
  }
  OWO_RETURN_IF_ERROR(FromRocks(it->status()));
  if (archive_->next() == first) return false;
  put_.clear();
  // A record that could still be lost must not be archived.
  OWO_RETURN_IF_ERROR(database_.SyncLog());
  OWO_RETURN_IF_ERROR(archive_->Write());
  return true;
}

absl::StatusOr<bool> EventExpirer::DropSome() {
  const uint64_t archive_end = archive_->first_sequence();
  const Micros now = cutoff_ + options_.age;
  if (next_ >= archive_end) {
    if (dropped_ >= kCompactMin) {
      OWO_RETURN_IF_ERROR(ReclaimSpace());
    }
    dropped_ = 0;
    if (now < next_pass_) return false;
    next_pass_ = now + kPass;
    next_ = 1;
  }
  OWO_TRY(const Slice slice, Choose(next_, archive_end));
  OWO_RETURN_IF_ERROR(PutArchivedCounters(slice));
  OWO_RETURN_IF_ERROR(Drop(slice));
  next_ = slice.end;
  dropped_to_ = LookedAtTo(slice);
  dropped_ += slice.dropped.size();
  return true;
}

absl::Status EventExpirer::ReclaimSpace() {
  const absl::Status status = database_.Compact(
      ColumnFamily::kJournal, keys::Journal(archive_->first_sequence()), cancelled_);
  return cancelled_ ? absl::OkStatus() : status;
}

absl::StatusOr<EventExpirer::Slice> EventExpirer::Choose(uint64_t first, uint64_t end) {
  Slice slice{.end = end};
  size_t events = 0;
  size_t records = 0;
  const auto it = JournalFrom(database_, first);
  for (; it->Valid(); it->Next()) {
    const uint64_t sequence = keys::TrailingNumber(ToView(it->key()));
    if (sequence >= end) break;
    if (events >= kDroppedEventsMax || records >= kRecordsMax) {
      slice.end = sequence;
      break;
    }
    OWO_TRY(const JournalRecord record, ParseRow<JournalRecord>(ToView(it->value())));
    ++records;
    bool expired = true;
    std::vector<CounterId> counters;
    OWO_RETURN_IF_ERROR(
        ForEachEvent(record, [&](TenantId tenant, const CountedEvent& event) -> absl::Status {
          OWO_TRY(const CounterState counter, Find({tenant, event.counter}));
          expired = expired && IsOld(counter) && !counter.open;
          counters.emplace_back(tenant, event.counter);
          return absl::OkStatus();
        }));
    events += counters.size();
    if (!expired) continue;
    slice.dropped.push_back(sequence);
    slice.counters.insert(counters.begin(), counters.end());
  }
  OWO_RETURN_IF_ERROR(FromRocks(it->status()));
  return slice;
}

absl::Status EventExpirer::PutArchivedCounters(const Slice& slice) {
  rocksdb::WriteBatch batch;
  const auto write = [&]() -> absl::Status {
    if (batch.Count() == 0) return absl::OkStatus();
    OWO_RETURN_IF_ERROR(database_.Write(batch));
    batch.Clear();
    return absl::OkStatus();
  };
  for (const CounterId& counter : slice.counters) {
    if (!put_.insert(counter).second) continue;
    OWO_TRY(const auto archived, archive_->FindCounter(counter.first, counter.second));
    if (!archived.has_value()) return absl::DataLossError("a counter is not in the archive");
    const std::string key = keys::ArchivedCounter(counter.first, counter.second);
    const std::string value = archived->SerializeAsString();
    OWO_TRY(const auto stored, database_.Get(ColumnFamily::kUsage, key));
    if (stored == value) continue;
    batch.Put(database_.handle(ColumnFamily::kUsage), ToSlice(key), ToSlice(value));
    if (batch.Count() >= kRowsMax) OWO_RETURN_IF_ERROR(write());
  }
  return write();
}

absl::Status EventExpirer::Drop(const Slice& slice) {
  if (slice.dropped.empty() && slice.end <= dropped_to_) return absl::OkStatus();
  rocksdb::WriteBatch batch;
  for (const uint64_t sequence : slice.dropped) {
    batch.Delete(database_.handle(ColumnFamily::kJournal), ToSlice(keys::Journal(sequence)));
  }
  for (const CounterId& counter : slice.counters) {
    OWO_RETURN_IF_ERROR(DropChunks(slice, counter, batch));
  }
  ArchiveStateRecord state;
  state.set_first_sequence(LookedAtTo(slice));
  batch.Put(ToSlice(keys::kArchiveState), ToSlice(state.SerializeAsString()));
  return database_.Write(batch);
}

// Deletes the counter's chunks whose records are all deleted, from the first chunk on.
absl::Status EventExpirer::DropChunks(const Slice& slice, const CounterId& counter,
                                      rocksdb::WriteBatch& batch) {
  const auto reaches = reaches_.find(counter);
  if (reaches != reaches_.end() && reaches->second >= LookedAtTo(slice)) return absl::OkStatus();
  const std::string lower = keys::EventChunks(counter.first, counter.second);
  const std::string upper = keys::EndOf(lower);
  const rocksdb::Slice upper_bound = ToSlice(upper);
  rocksdb::ReadOptions options;
  options.iterate_upper_bound = &upper_bound;
  options.fill_cache = false;
  const auto it = database_.Iterate(ColumnFamily::kUsageEvents, options);
  for (it->Seek(ToSlice(lower)); it->Valid(); it->Next()) {
    uint64_t last = 0;
    OWO_TRY(const bool gone, IsGone(slice, ToView(it->value()), last));
    reaches_[counter] = last;
    if (!gone) break;
    batch.Delete(database_.handle(ColumnFamily::kUsageEvents), it->key());
  }
  return FromRocks(it->status());
}

absl::StatusOr<bool> EventExpirer::IsGone(const Slice& slice, std::string_view chunk,
                                          uint64_t& last) const {
  OWO_TRY(const auto locations, ReadChunk(chunk, 0, kChunkEventsMax));
  last = locations.back().sequence;  // a chunk is never empty
  uint64_t known = 0;
  // Backwards, since the last records are the most likely ones to exist.
  for (auto at = locations.rbegin(); at != locations.rend(); ++at) {
    const uint64_t sequence = at->sequence;
    if (sequence >= LookedAtTo(slice)) return false;
    if (sequence == known ||
        std::binary_search(slice.dropped.begin(), slice.dropped.end(), sequence)) {
      continue;
    }
    OWO_TRY(const auto record, database_.Get(ColumnFamily::kJournal, keys::Journal(sequence)));
    if (record.has_value()) return false;
    known = sequence;
  }
  return true;
}

}  // namespace owo::storage
