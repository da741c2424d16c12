#include "storage/rocksdb/retention/archive_db.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/convert.h"
#include "storage/rocksdb/engine/replace_file.h"
#include "storage/rocksdb/format/keys.h"
#include "storage/rocksdb/retention/event_digest.h"
#include "storage/util/try.h"

namespace owo::storage {
namespace {

constexpr size_t kArchiveCachedMax = 20'000;  // accounts and counters
constexpr size_t kMemtableBytes = 8 << 20;
constexpr size_t kCacheBytes = 8 << 20;

std::string Directory(const std::string& data_dir) { return absl::StrCat(data_dir, "/sealed"); }

}  // namespace

absl::StatusOr<bool> ArchiveDb::Exists(const std::string& data_dir, rocksdb::Env* env) {
  return HasFile(env != nullptr ? *env : *rocksdb::Env::Default(),
                 absl::StrCat(Directory(data_dir), "/WATERMARK"));
}

absl::StatusOr<std::unique_ptr<ArchiveDb>> ArchiveDb::Open(const std::string& data_dir,
                                                           rocksdb::Env* env) {
  OWO_TRY(auto database, Database::Open({.data_dir = Directory(data_dir),
                                         .memtable_bytes = kMemtableBytes,
                                         .cache_bytes = kCacheBytes,
                                         .env = env}));
  auto archive = std::unique_ptr<ArchiveDb>(new ArchiveDb(std::move(database)));
  OWO_RETURN_IF_ERROR(archive->Load());
  return archive;
}

ArchiveDb::ArchiveDb(std::unique_ptr<Database> database)
    : database_(std::move(database)),
      staged_(*database_, /*left_out=*/ColumnFamily::kUsageEvents),
      account_cache_(staged_, snapshots_),
      applier_(account_cache_, /*ids=*/nullptr, staged_) {}

absl::Status ArchiveDb::Load() {
  OWO_TRY(const auto state,
          staged_.GetRecord<ArchiveStateRecord>(ColumnFamily::kMeta, keys::kArchiveState));
  state_.set_first_sequence(1);
  if (state.has_value()) state_ = *state;
  next_ = state_.first_sequence();
  events_ = state_.events();
  ids_sum_ = state_.ids_sum();
  account_cache_.Start(next_);
  return absl::OkStatus();
}

absl::Status ArchiveDb::Apply(uint64_t sequence, const JournalRecord& record) {
  EventLocation location{.sequence = sequence};
  for (const JournalChange& change : record.changes()) {
    const TenantId tenant{change.tenant()};
    if (change.change_case() != JournalChange::kEvents) {
      OWO_RETURN_IF_ERROR(applier_.Apply(tenant, change));
      continue;
    }
    OWO_RETURN_IF_ERROR(
        ReadEvents(change.events(), record.committed_us(), [&](const CountedEvent& event) {
          OWO_RETURN_IF_ERROR(Count(tenant, event, location));
          ++location.index;
          return absl::OkStatus();
        }));
  }
  next_ = sequence + 1;
  return absl::OkStatus();
}

absl::Status ArchiveDb::Count(TenantId tenant, const CountedEvent& event, EventLocation location) {
  const auto [digest, is_new] = digests_.try_emplace(keys::Digest(tenant, event.counter));
  if (is_new) {
    OWO_TRY(auto row, database_->Get(ColumnFamily::kUsage, digest->first));
    digest->second = row.has_value() ? *std::move(row) : EmptyDigest();
  }
  digest->second = AddToDigest(digest->second, event);
  ++events_;
  ids_sum_ += IdSum(tenant, event.id, IdRowOf(event, location.sequence));
  return applier_.Count(tenant, event, location).status();
}

absl::Status ArchiveDb::Write() {
  account_cache_.Flush(next_, next_ - 1);
  for (const auto& [key, digest] : digests_) staged_.PutBlind(ColumnFamily::kUsage, key, digest);
  ArchiveStateRecord state;
  state.set_first_sequence(next_);
  state.set_events(events_);
  state.set_ids_sum(ids_sum_);
  staged_.PutBlind(ColumnFamily::kMeta, keys::kArchiveState, state.SerializeAsString());
  staged_.PutBlind(ColumnFamily::kMeta, keys::kFormat, kFormatVersion);  // an earlier one is read
  OWO_RETURN_IF_ERROR(staged_.Write());
  staged_.Clear();
  digests_.clear();
  account_cache_.Publish(kArchiveCachedMax);
  state_ = std::move(state);
  account_cache_.Start(next_);
  return absl::OkStatus();
}

absl::StatusOr<std::optional<ArchivedCounterRecord>> ArchiveDb::FindCounter(
    TenantId tenant, const CounterKey& counter) const {
  OWO_TRY(const auto row, database_->Get(ColumnFamily::kUsage, keys::Counter(tenant, counter)));
  OWO_TRY(auto digest, database_->Get(ColumnFamily::kUsage, keys::Digest(tenant, counter)));
  if (!row.has_value() || !digest.has_value()) return std::optional<ArchivedCounterRecord>();
  ArchivedCounterRecord archived;
  OWO_TRY(*archived.mutable_counter(), ParseRow<CounterRecord>(*row));
  archived.set_digest(*std::move(digest));
  return std::optional<ArchivedCounterRecord>(std::move(archived));
}

}  // namespace owo::storage
