#include "storage/rocksdb/commit/replay.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "storage/convert.h"
#include "storage/rocksdb/commit/account_cache.h"
#include "storage/rocksdb/commit/journal_applier.h"
#include "storage/rocksdb/commit/staged_batch.h"
#include "storage/rocksdb/format/keys.h"
#include "storage/rocksdb/ids/ids.h"
#include "storage/rocksdb/read/account_snapshots.h"
#include "storage/util/try.h"

namespace owo::storage {
namespace {

constexpr size_t kReplayCachedMax = 200'000;

}  // namespace

absl::Status ForEachEvent(const JournalRecord& record,
                          const std::function<absl::Status(TenantId, const CountedEvent&)>& each) {
  for (const JournalChange& change : record.changes()) {
    const TenantId tenant{change.tenant()};
    OWO_RETURN_IF_ERROR(ReadEvents(change.events(), record.committed_us(),
                                   [&](const CountedEvent& event) { return each(tenant, event); }));
  }
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> ForEachRecord(
    const Database& source, uint64_t first,
    const std::function<absl::Status(uint64_t, const JournalRecord&)>& each) {
  uint64_t last = first - 1;
  const auto it = source.Iterate(ColumnFamily::kJournal);
  for (it->Seek(ToSlice(keys::Journal(first))); it->Valid(); it->Next()) {
    const uint64_t sequence = keys::TrailingNumber(ToView(it->key()));
    if (sequence != last + 1) {
      return absl::DataLossError(absl::StrCat("journal record ", last + 1, " is missing"));
    }
    OWO_TRY(const JournalRecord record, ParseRow<JournalRecord>(ToView(it->value())));
    OWO_RETURN_IF_ERROR(each(sequence, record));
    last = sequence;
  }
  OWO_RETURN_IF_ERROR(FromRocks(it->status()));
  return last;
}

absl::StatusOr<uint64_t> ReplayJournal(const Database& source, Database& target) {
  StagedBatch staged(target);
  AccountSnapshots snapshots;
  AccountCache account_cache(staged, snapshots);
  StoredIds stored_ids(target, /*filter_bytes=*/0);
  Ids ids(target, stored_ids, kReplayCachedMax);
  JournalApplier applier(account_cache, &ids, staged);
  const auto apply_record = [&](uint64_t sequence, const JournalRecord& record) -> absl::Status {
    account_cache.Start(sequence);
    OWO_RETURN_IF_ERROR(applier.Replay(record, JournalApplier::Rows::kWritten).status());
    account_cache.Flush(sequence, sequence);
    OWO_RETURN_IF_ERROR(staged.Write());
    staged.Clear();
    account_cache.Publish(kReplayCachedMax);
    return ids.OnCommit(sequence, /*overdue=*/0).status();
  };
  OWO_TRY(const uint64_t records, ForEachRecord(source, 1, apply_record));
  OWO_RETURN_IF_ERROR(ids.Drain());
  return records;
}

}  // namespace owo::storage
