#include "storage/rocksdb/commit/committer.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "storage/disk_full.h"
#include "storage/rocksdb/commit/replay.h"
#include "storage/rocksdb/format/keys.h"
#include "storage/util/try.h"

namespace owo::storage {
namespace {

// Beyond this many events a commit is large enough: waiting calls should not wait for more.
constexpr size_t kCommitEventsMax = 32'768;

// From so many answers on it pays to have another thread give them.
constexpr size_t kAnswersBeside = 16;

size_t Events(const TrackWork& work) { return std::max<size_t>(work.command.events.size(), 1); }
size_t Events(const Mutation& /*mutation*/) { return 1; }
size_t Events(const WriteRows& /*account*/) { return 1; }
constexpr auto kEventsOf = [](const auto& waiting) { return Events(waiting.command); };

absl::StatusOr<std::monostate> Judge(Build& build, const WriteRows& write) {
  build.books.FlushSoon(write.account);
  return std::monostate();
}

absl::Status Unknown(const absl::Status& cause) {
  return absl::UnavailableError(
      absl::StrCat("the write failed, its outcome is unknown: ", cause.message()));
}

// The disk was full: how long until that is looked at again.
constexpr absl::Duration kFullPause = absl::Milliseconds(500);
// Nothing came for so long: what a power loss could leave unnoticed is made safe.
constexpr absl::Duration kIdlePause = absl::Milliseconds(500);

}  // namespace

Committer::Committer(Database& database, Published& published, const OpenOptions& options)
    : database_(database),
      published_(published),
      queue_max_(options.queue_max),
      queue_events_max_(options.queue_events_max),
      cached_max_(options.cached_max),
      behind_max_(options.behind_max),
      on_failure_(options.on_failure),
      stored_ids_(database, options.id_filter_bytes),
      outages_(options.outage) {}

Committer::~Committer() {
  {
    const absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  const bool started = thread_ != nullptr;
  thread_.reset();
  // What Recover brought back in part only must not be taken for the whole.
  if (!started || !failure().ok() || memory_ == nullptr) return;
  // Nothing is lost if these fail: the journal has it all, and opening replays what rows lack.
  WriteBehind().IgnoreError();
  database_.SyncWatermark().IgnoreError();
}

absl::Status Committer::Start() {
  absl::Status status = database_.full();
  if (status.ok()) status = Recover();
  if (IsDiskFull(status)) {
    {
      const absl::MutexLock lock(&mutex_);
      failure_ = status;
    }
    outages_.Full(status, absl::Now());
    status = RecoverForReading();
  }
  OWO_RETURN_IF_ERROR(status);
  thread_ = std::make_unique<Thread>("committer", [this] { Run(); });
  return absl::OkStatus();
}

void Committer::Submit(TrackCommand command, Store::TrackDone done) {
  Tracking tracking{.command = {.command = std::move(command)}, .done = std::move(done)};
  absl::Status refused;
  {
    const absl::MutexLock lock(&mutex_);
    refused = Admit(tracking.command);
  }
  if (!refused.ok()) return tracking.done(refused);
  if (auto ids = stored_ids_.FindInMemory(tracking.command.command); ids.has_value()) {
    tracking.command.ids = *std::move(ids);
    return Enqueue(std::move(tracking));
  }
  lookups_.Continue([this, tracking = std::move(tracking)]() mutable {
    {
      const absl::ReaderMutexLock lock(&database_.in_use());
      if (database_.is_open()) {
        tracking.command.ids = stored_ids_.FindAll(tracking.command.command);
      }
    }
    Enqueue(std::move(tracking));
  });
}

void Committer::Submit(Mutation mutation, Store::MutationDone done) {
  Mutating mutating{.command = std::move(mutation), .done = std::move(done)};
  if (const absl::Status refused = Take(mutating); !refused.ok()) mutating.done(refused);
}

absl::Status Committer::WriteAccount(const AccountKey& account) {
  absl::Notification done;
  absl::Status status;
  Asking asking{.command = {account}, .done = [&](const auto& written) {
                  status = written.status();
                  done.Notify();
                }};
  OWO_RETURN_IF_ERROR(Take(asking));
  done.WaitForNotification();
  return status;
}

template <typename Command>
absl::Status Committer::Admit(const Command& command) {
  constexpr bool kMayRepeat = std::is_same_v<Command, TrackWork>;
  if (!kMayRepeat || !absl::IsResourceExhausted(failure_)) {
    OWO_RETURN_IF_ERROR(failure_);
  }
  if (queue_.size() >= queue_max_ || waiting_events_ >= queue_events_max_) {
    return absl::ResourceExhaustedError("too many writes are waiting");
  }
  waiting_events_ += Events(command);
  return absl::OkStatus();
}

template <typename Command, typename Outcome>
absl::Status Committer::Take(Waiting<Command, Outcome>& waiting) {
  const absl::MutexLock lock(&mutex_);
  OWO_RETURN_IF_ERROR(Admit(waiting.command));
  queue_.push_back(std::move(waiting));
  return absl::OkStatus();
}

void Committer::Enqueue(Work work) {
  const absl::MutexLock lock(&mutex_);
  queue_.push_back(std::move(work));
}

void Committer::Run() {
  std::deque<Work> work;
  for (;;) {
    // What is in the queue by now may wait while a reader keeps the database from being opened
    // again; what comes later does not.
    const bool was_full = absl::IsResourceExhausted(failure());
    const absl::Duration patience = Patience();
    {
      const absl::MutexLock lock(&mutex_);
      const auto wake = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
        return !queue_.empty() || Done();
      };
      mutex_.AwaitWithTimeout(absl::Condition(&wake), patience);
      if (Done()) return;
      work.swap(queue_);
    }
    const bool is_idle = work.empty();
    while (!work.empty()) CommitSome(work);
    if (is_idle || (was_full && absl::Now() >= retry_at_)) Tend();
  }
}

void Committer::CommitSome(std::deque<Work>& work) {
  std::vector<Work> group;
  for (size_t events = 0; !work.empty() && events < kCommitEventsMax;) {
    events += std::visit(kEventsOf, work.front());
    group.push_back(std::move(work.front()));
    work.pop_front();
  }
  absl::Status status = failure();
  if (!status.ok()) return Refuse(std::move(group), status, !work.empty());
  status = JudgeAll(group);
  if (status.ok()) status = Write();
  memory_->pending.Clear();
  if (status.ok()) status = Settle();
  if (!status.ok()) {
    Fail(status);
    status = Unknown(status);
  }
  Answer(std::move(group), status, !work.empty());
}

absl::Status Committer::JudgeAll(std::vector<Work>& group) {
  memory_->journal.Start(memory_->sequence + 1, absl::ToUnixMicros(absl::Now()));
  memory_->books.Start(memory_->sequence + 1);
  Build build{memory_->pending, memory_->books,   memory_->ids,
              memory_->fold,    memory_->journal, subscribed_};
  for (Work& work : group) {
    OWO_RETURN_IF_ERROR(std::visit(
        [&build](auto& waiting) -> absl::Status {
          OWO_TRY(waiting.outcome, Judge(build, std::move(waiting.command)));
          return absl::OkStatus();
        },
        work));
  }
  return absl::OkStatus();
}

// From the first row that is written on there are rows that a former version does not know.
void Committer::PutFormat() {
  if (memory_->format_written || (memory_->journal.empty() && memory_->pending.empty())) return;
  memory_->pending.PutBlind(Space::kMeta, keys::kFormat, kFormatVersion);
  memory_->format_written = true;
}

absl::Status Committer::Write() {
  const uint64_t last = memory_->journal.last_sequence();
  const uint64_t rows_behind = memory_->books.Flush(FlushUpTo(), last);
  PutFormat();
  if (!memory_->journal.empty()) {
    PutBehind(std::min(rows_behind, memory_->ids_behind));
    uint64_t sequence = memory_->sequence;
    for (const std::string& record : memory_->journal.Finish()) {
      memory_->pending.PutBlind(Space::kJournal, keys::Journal(++sequence), record);
    }
  }
  // Nothing was counted or changed, and no request is to be remembered, no row to be written.
  if (memory_->pending.empty()) return absl::OkStatus();
  OWO_RETURN_IF_ERROR(memory_->pending.Write());
  OWO_RETURN_IF_ERROR(database_.Acknowledge(last));
  memory_->sequence = last;
  return absl::OkStatus();
}

absl::Status Committer::Settle() {
  memory_->books.Publish(cached_max_);
  OWO_TRY(memory_->ids_behind, memory_->ids.Settle(memory_->sequence, memory_->stale));
  position_ = memory_->sequence;
  return absl::OkStatus();
}

uint64_t Committer::FlushUpTo() {
  if (memory_->journal.empty()) return 0;
  const uint64_t last = memory_->journal.last_sequence();
  memory_->replay_cost += memory_->journal.replay_cost();
  memory_->recent.emplace_back(last, memory_->replay_cost);
  while (memory_->recent.front().second + behind_max_ < memory_->replay_cost) {
    memory_->stale = memory_->recent.front().first;
    memory_->recent.pop_front();
  }
  if (memory_->books.size() > cached_max_) return last;  // what is written can be forgotten
  return memory_->stale;
}

void Committer::Answer(std::vector<Work> group, const absl::Status& status, bool more) {
  if (group.size() < kAnswersBeside) return AnswerNow(group, status);
  if (!more) {
    const absl::MutexLock lock(&mutex_);
    more = !queue_.empty();
  }
  if (!more) return AnswerNow(group, status);
  answers_.Continue(
      [this, group = std::move(group), status]() mutable { AnswerNow(group, status); });
}

void Committer::AnswerNow(std::vector<Work>& group, const absl::Status& status) {
  size_t events = 0;
  for (Work& work : group) {
    events += std::visit(kEventsOf, work);
    std::visit(
        [&status](auto& waiting) {
          if (!status.ok()) return waiting.done(status);
          waiting.done(*std::move(waiting.outcome));
        },
        work);
  }
  const absl::MutexLock lock(&mutex_);
  waiting_events_ -= events;
}

absl::Status Committer::failure() const {
  const absl::MutexLock lock(&mutex_);
  return failure_;
}

// ---- Recovering, and going on after the disk was full.

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
