// What the writing thread knows beyond the rows: how it is written behind, and brought back.

#include <algorithm>

#include "storage/rocksdb/committer.h"
#include "storage/rocksdb/keys.h"
#include "storage/rocksdb/replay.h"
#include "storage/try.h"

namespace owo::storage {

Committer::Memory::Memory(Database& database, Published& published, StoredIds& stored_ids,
                          uint64_t behind_max)
    : pending(database),
      books(pending, published),
      ids(database, stored_ids, behind_max),
      fold(books, &ids, pending) {}

absl::Status Committer::WriteBehind() {
  memory_->books.Flush(memory_->sequence, memory_->sequence);
  OWO_RETURN_IF_ERROR(memory_->ids.Drain());
  PutBehind(memory_->sequence + 1);
  return memory_->pending.Write();
}

void Committer::PutBehind(uint64_t first) {
  if (first == memory_->behind) return;
  BehindRecord behind;
  behind.set_first_sequence(first);
  memory_->pending.PutBlind(Space::kMeta, keys::kBehind, behind.SerializeAsString());
  memory_->behind = first;
}

absl::Status Committer::Recover() {
  memory_ = std::make_unique<Memory>(database_, published_, stored_ids_, behind_max_);
  Memory& memory = *memory_;
  OWO_TRY(const auto behind, memory.pending.GetRecord<BehindRecord>(Space::kMeta, keys::kBehind));
  const uint64_t first = behind.has_value() ? behind->first_sequence() : 1;
  OWO_TRY(memory.sequence,
          ForEachRecord(database_, first,
                        [this, &memory](uint64_t sequence, const JournalRecord& record) {
                          memory.sequence = sequence;
                          memory.books.Start(sequence);
                          OWO_TRY(const uint64_t events, memory.fold.Replay(record));
                          memory.events += events;
                          memory.recent.emplace_back(sequence, memory.events);
                          // Rows other than of usage were written with their commit.
                          memory.pending.Clear();
                          return Settle();
                        }));
  OWO_RETURN_IF_ERROR(Settle());  // also where there was nothing to replay
  memory.ids.FillFilter();
  // What a log held stands in tables now, durably, whether it was ever answered or not.
  return database_.Acknowledge(memory.sequence);
}

absl::Status Committer::TryAgain() {
  memory_.reset();
  OWO_RETURN_IF_ERROR(database_.Resume());
  OWO_RETURN_IF_ERROR(Recover());
  // Of the others the rows lack nothing, and nobody would ever forget them.
  published_.Keep([this](const AccountKey& key) { return memory_->books.Knows(key); });
  return absl::OkStatus();
}

}  // namespace owo::storage
