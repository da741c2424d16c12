// What the writing thread knows beyond the rows: how it is written behind, and brought back; and
// what it does after a failure.

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "storage/rocksdb/committer.h"
#include "storage/rocksdb/keys.h"
#include "storage/rocksdb/replay.h"
#include "storage/try.h"

namespace owo::storage {
namespace {

// The disk was full: how long until that is looked at again.
constexpr absl::Duration kFullPause = absl::Milliseconds(500);
// Nothing came for so long: what a power loss could leave unnoticed is made safe.
constexpr absl::Duration kIdlePause = absl::Milliseconds(500);

}  // namespace

Committer::Memory::Memory(Database& database, Published& published, StoredIds& stored_ids,
                          uint64_t behind_max)
    : pending(database),
      books(pending, published),
      ids(database, stored_ids, behind_max),
      fold(books, &ids, pending) {}

absl::Status Committer::WriteBehind() {
  memory_->books.Flush(memory_->sequence, memory_->sequence);
  OWO_RETURN_IF_ERROR(memory_->ids.Drain());
  PutFormat();
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
          ForEachRecord(
              database_, first, [this, &memory](uint64_t sequence, const JournalRecord& record) {
                memory.sequence = sequence;
                memory.books.Start(sequence);
                OWO_TRY(const uint64_t cost, memory.fold.Replay(record, Fold::Rows::kPresent));
                memory.replay_cost += cost;
                memory.recent.emplace_back(sequence, memory.replay_cost);
                memory.pending.Clear();
                return Settle();
              }));
  // A commit that failed subscribed nobody.
  absl::erase_if(subscribed_, [&](const auto& plan) { return plan.second > memory.sequence; });
  OWO_RETURN_IF_ERROR(Settle());  // also where there was nothing to replay
  memory.ids.FillFilter();
  // What a log held stands in tables now, durably, whether it was ever answered or not.
  return database_.Acknowledge(memory.sequence);
}

absl::Status Committer::RecoverForReading() {
  memory_.reset();
  if (database_.full().ok()) OWO_RETURN_IF_ERROR(database_.OpenForReading(failure()));
  OWO_RETURN_IF_ERROR(Recover());
  // Listing events asks the writing thread for rows that are missing, which it could not write.
  OWO_RETURN_IF_ERROR(WriteBehind());
  memory_.reset();
  database_.RefuseWrites();
  return absl::OkStatus();
}

void Committer::KeepRepeats() {
  if (memory_ == nullptr) return;
  repeats_ = std::make_unique<const Repeats>(memory_->ids.Release(), memory_->sequence);
  memory_.reset();
}

absl::Status Committer::TryAgain() {
  KeepRepeats();
  OWO_RETURN_IF_ERROR(database_.Resume());
  repeats_.reset();  // replaying brings all of that back
  OWO_RETURN_IF_ERROR(Recover());
  // Of the others the rows lack nothing, and nobody would ever forget them.
  published_.Keep([this](const AccountKey& key) { return memory_->books.Knows(key); });
  return absl::OkStatus();
}

absl::Duration Committer::Patience() {
  const absl::Status status = failure();
  if (absl::IsResourceExhausted(status)) return kFullPause;
  return status.ok() && !database_.watermark_synced() ? kIdlePause : absl::InfiniteDuration();
}

void Committer::Tend() {
  const absl::Status former = failure();
  const bool was_full = absl::IsResourceExhausted(former);
  if (!former.ok() && !was_full) return;
  const absl::Status status = was_full ? TryAgain() : database_.SyncWatermark();
  if (!status.ok()) return Fail(status);
  if (!was_full) return;
  {
    const absl::MutexLock lock(&mutex_);
    failure_ = absl::OkStatus();
  }
  outages_.Resumed({.records = memory_->recent.size()}, absl::Now());
}

void Committer::Refuse(std::vector<Work> group, const absl::Status& failure, bool more) {
  std::vector<Work> repeats;
  if (absl::IsResourceExhausted(failure) && database_.is_open()) {
    KeepRepeats();
    std::vector<Work> refused;
    for (Work& work : group) {
      auto* const tracking = std::get_if<Tracking>(&work);
      if (tracking != nullptr) {
        auto outcomes =
            AnswerRepeats(repeats_.get(), tracking->command, stored_ids_, database_, published_);
        if (outcomes.ok()) tracking->outcome = *std::move(outcomes);
      }
      const bool is_repeat = tracking != nullptr && tracking->outcome.has_value();
      (is_repeat ? repeats : refused).push_back(std::move(work));
    }
    group = std::move(refused);
  }
  Answer(std::move(repeats), absl::OkStatus(), more);
  Answer(std::move(group), failure, more);
}

void Committer::Fail(const absl::Status& status) {
  const bool full = absl::IsResourceExhausted(status);
  {
    const absl::MutexLock lock(&mutex_);
    failure_ = full ? status
                    : absl::UnavailableError(
                          absl::StrCat("writing ended after a failure: ", status.message()));
  }
  if (full) {
    retry_at_ = absl::Now() + kFullPause;
    outages_.Full(status, absl::Now());
  } else if (on_failure_) {
    on_failure_(status);
  }
}

}  // namespace owo::storage
