#include "storage/rocksdb/retention/sealer.h"

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

// Events of a step; one record may have more. What is folded waits for nobody, what is dropped goes
// into the log that commits write.
constexpr size_t kFoldedEventsMax = 8192;
constexpr size_t kDroppedEventsMax = 1024;
constexpr size_t kRecordsMax = 1024;
constexpr int kRowsMax = 256;  // of a write
// Counters of which something is known.
constexpr size_t kKnownMax = 100'000;
constexpr absl::Duration kMoment = absl::Seconds(5);
// What was not dropped at first is looked at again.
constexpr Micros kRound = Micros{24} * 3600 * 1'000'000;
// After so many dropped records the disk gets its room back at once.
constexpr uint64_t kCompactMin = 256;

std::unique_ptr<rocksdb::Iterator> JournalFrom(const Database& database, uint64_t first) {
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  auto it = database.Iterate(Space::kJournal, options);
  it->Seek(ToSlice(keys::Journal(first)));
  return it;
}

}  // namespace

Sealer::Sealer(Database& database, const Reader& reader, const OpenOptions& options)
    : database_(database),
      reader_(reader),
      data_dir_(options.data_dir),
      env_(options.env),
      options_(options.retain) {}

absl::StatusOr<bool> Sealer::Step() {
  absl::StatusOr<bool> more = TryStep();
  if (!more.ok()) fold_.reset();  // what it has in memory may not be what it has on disk
  return more;
}

absl::StatusOr<bool> Sealer::TryStep() {
  if (fold_ == nullptr) OWO_RETURN_IF_ERROR(Open());
  cutoff_ = (options_.clock ? options_.clock() : absl::ToUnixMicros(absl::Now())) - options_.age;
  const absl::Time now = absl::Now();
  if (found_.size() > kKnownMax || now - found_since_ > kMoment) {
    found_.clear();
    found_since_ = now;
  }
  if (put_.size() > kKnownMax) put_.clear();
  if (reaches_.size() > kKnownMax) reaches_.clear();
  OWO_TRY(const bool folded, FoldSome());
  return folded ? true : DropSome();
}

absl::Status Sealer::Open() {
  OWO_TRY(const auto row, reader_.Find<SealedRecord>(kReadAll, Space::kMeta, keys::kSealed));
  dropped_to_ = row.has_value() ? row->first_sequence() : 1;
  next_ = dropped_to_;
  put_.clear();
  OWO_TRY(fold_, SealedFold::Open(data_dir_, env_));
  if (fold_->first_sequence() >= dropped_to_) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat("the sealed fold ends before record ",
                                          fold_->first_sequence(), ", records before ", dropped_to_,
                                          " were dropped"));
}

absl::StatusOr<uint64_t> Sealer::SealableEnd() const {
  OWO_TRY(const auto behind, reader_.Find<BehindRecord>(kReadAll, Space::kMeta, keys::kBehind));
  if (!behind.has_value()) return 0;
  const auto journal = database_.Iterate(Space::kJournal);
  journal->SeekToLast();
  OWO_RETURN_IF_ERROR(FromRocks(journal->status()));
  if (!journal->Valid()) return 0;
  // The newest says how far the journal goes.
  return std::min(behind->first_sequence(), keys::TrailingNumber(ToView(journal->key())));
}

absl::StatusOr<Sealer::Standing> Sealer::Find(const CounterId& id) {
  const auto known = found_.find(id);
  if (known != found_.end()) return known->second;
  const auto& [tenant, key] = id;
  OWO_TRY(const Account account,
          reader_.ReadAccount(kReadAll, tenant, key.customer, std::span(&key, 1)));
  if (!account.asked.front().has_value()) {
    return absl::DataLossError("the journal has an event of a counter that is missing");
  }
  const Counter& counter = *account.asked.front();
  return found_.try_emplace(id, Standing{counter.terms.period_end, counter.open}).first->second;
}

absl::StatusOr<bool> Sealer::MayBeSealed(const JournalRecord& record) {
  if (record.committed_us() >= cutoff_) return false;
  bool may = true;
  OWO_RETURN_IF_ERROR(
      ForEachEvent(record, [&](TenantId tenant, const CountedEvent& event) -> absl::Status {
        OWO_TRY(const Standing counter, Find({tenant, event.counter}));
        may = may && (IsOld(counter) || counter.period_end == kForever);
        return absl::OkStatus();
      }));
  return may;
}

absl::StatusOr<bool> Sealer::FoldSome() {
  OWO_TRY(const uint64_t end, SealableEnd());
  const uint64_t first = fold_->first_sequence();
  const uint64_t events = fold_->sealed().events();
  if (first >= end) return false;
  const auto it = JournalFrom(database_, first);
  for (; it->Valid() && fold_->next() < end; it->Next()) {
    const uint64_t sequence = keys::TrailingNumber(ToView(it->key()));
    if (sequence != fold_->next()) {
      return absl::DataLossError(absl::StrCat("journal record ", fold_->next(), " is missing"));
    }
    OWO_TRY(const JournalRecord record, ParseRow<JournalRecord>(ToView(it->value())));
    OWO_TRY(const bool may, MayBeSealed(record));
    if (!may) break;
    OWO_RETURN_IF_ERROR(fold_->Take(sequence, record));
    if (fold_->events() - events >= kFoldedEventsMax || fold_->next() - first >= kRecordsMax) break;
  }
  OWO_RETURN_IF_ERROR(FromRocks(it->status()));
  if (fold_->next() == first) return false;
  put_.clear();
  // Nothing may be sealed that could still be lost.
  OWO_RETURN_IF_ERROR(database_.SyncLog());
  OWO_RETURN_IF_ERROR(fold_->Write());
  return true;
}

absl::StatusOr<bool> Sealer::DropSome() {
  const uint64_t sealed_end = fold_->first_sequence();
  const Micros now = cutoff_ + options_.age;
  if (next_ >= sealed_end) {
    if (dropped_ >= kCompactMin) {
      OWO_RETURN_IF_ERROR(GiveRoomBack());
    }
    dropped_ = 0;
    if (now < next_round_) return false;
    next_round_ = now + kRound;
    next_ = 1;
  }
  OWO_TRY(const Slice slice, Choose(next_, sealed_end));
  OWO_RETURN_IF_ERROR(PutSeals(slice));
  OWO_RETURN_IF_ERROR(Drop(slice));
  next_ = slice.end;
  dropped_to_ = LookedAtTo(slice);
  dropped_ += slice.dropped.size();
  return true;
}

absl::Status Sealer::GiveRoomBack() {
  const absl::Status status =
      database_.Compact(Space::kJournal, keys::Journal(fold_->first_sequence()), cancelled_);
  return cancelled_ ? absl::OkStatus() : status;
}

absl::StatusOr<Sealer::Slice> Sealer::Choose(uint64_t first, uint64_t end) {
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
    bool sealed = true;
    std::vector<CounterId> counters;
    OWO_RETURN_IF_ERROR(
        ForEachEvent(record, [&](TenantId tenant, const CountedEvent& event) -> absl::Status {
          OWO_TRY(const Standing counter, Find({tenant, event.counter}));
          sealed = sealed && IsOld(counter) && !counter.open;
          counters.emplace_back(tenant, event.counter);
          return absl::OkStatus();
        }));
    events += counters.size();
    if (!sealed) continue;
    slice.dropped.push_back(sequence);
    slice.counters.insert(counters.begin(), counters.end());
  }
  OWO_RETURN_IF_ERROR(FromRocks(it->status()));
  return slice;
}

absl::Status Sealer::PutSeals(const Slice& slice) {
  rocksdb::WriteBatch batch;
  const auto write = [&]() -> absl::Status {
    if (batch.Count() == 0) return absl::OkStatus();
    OWO_RETURN_IF_ERROR(database_.Write(batch));
    batch.Clear();
    return absl::OkStatus();
  };
  for (const CounterId& counter : slice.counters) {
    if (!put_.insert(counter).second) continue;
    OWO_TRY(const auto seal, fold_->Seal(counter.first, counter.second));
    if (!seal.has_value()) return absl::DataLossError("a counter is not in the sealed fold");
    const std::string key = keys::Seal(counter.first, counter.second);
    const std::string value = seal->SerializeAsString();
    OWO_TRY(const auto stored, database_.Get(Space::kUsage, key));
    if (stored == value) continue;
    batch.Put(database_.handle(Space::kUsage), ToSlice(key), ToSlice(value));
    if (batch.Count() >= kRowsMax) OWO_RETURN_IF_ERROR(write());
  }
  return write();
}

absl::Status Sealer::Drop(const Slice& slice) {
  if (slice.dropped.empty() && slice.end <= dropped_to_) return absl::OkStatus();
  rocksdb::WriteBatch batch;
  for (const uint64_t sequence : slice.dropped) {
    batch.Delete(database_.handle(Space::kJournal), ToSlice(keys::Journal(sequence)));
  }
  for (const CounterId& counter : slice.counters) {
    OWO_RETURN_IF_ERROR(DropChunks(slice, counter, batch));
  }
  SealedRecord sealed;
  sealed.set_first_sequence(LookedAtTo(slice));
  batch.Put(ToSlice(keys::kSealed), ToSlice(sealed.SerializeAsString()));
  batch.Put(ToSlice(keys::kFormat), ToSlice(kFormatVersion));
  return database_.Write(batch);
}

// Chunks all whose records are gone, from the first on.
absl::Status Sealer::DropChunks(const Slice& slice, const CounterId& counter,
                                rocksdb::WriteBatch& batch) {
  const auto reaches = reaches_.find(counter);
  if (reaches != reaches_.end() && reaches->second >= LookedAtTo(slice)) return absl::OkStatus();
  const std::string lower = keys::EventChunks(counter.first, counter.second);
  const std::string upper = keys::EndOf(lower);
  const rocksdb::Slice upper_bound = ToSlice(upper);
  rocksdb::ReadOptions options;
  options.iterate_upper_bound = &upper_bound;
  options.fill_cache = false;
  const auto it = database_.Iterate(Space::kUsageEvents, options);
  for (it->Seek(ToSlice(lower)); it->Valid(); it->Next()) {
    uint64_t last = 0;
    OWO_TRY(const bool gone, IsGone(slice, ToView(it->value()), last));
    reaches_[counter] = last;
    if (!gone) break;
    batch.Delete(database_.handle(Space::kUsageEvents), it->key());
  }
  return FromRocks(it->status());
}

absl::StatusOr<bool> Sealer::IsGone(const Slice& slice, std::string_view chunk,
                                    uint64_t& last) const {
  OWO_TRY(const auto locations, ReadChunk(chunk, 0, kChunkEventsMax));
  last = locations.back().sequence;  // a chunk is never empty
  uint64_t known = 0;
  // The last ones are the likeliest to be there.
  for (auto at = locations.rbegin(); at != locations.rend(); ++at) {
    const uint64_t sequence = at->sequence;
    if (sequence >= LookedAtTo(slice)) return false;
    if (sequence == known ||
        std::binary_search(slice.dropped.begin(), slice.dropped.end(), sequence)) {
      continue;
    }
    OWO_TRY(const auto record, database_.Get(Space::kJournal, keys::Journal(sequence)));
    if (record.has_value()) return false;
    known = sequence;
  }
  return true;
}

}  // namespace owo::storage
