#include "storage/rocksdb/commit/committer.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "storage/disk_full.h"
#include "storage/rocksdb/commit/ids_ignoring_case.h"
#include "storage/rocksdb/commit/replay.h"
#include "storage/rocksdb/format/keys.h"
#include "storage/util/try.h"

namespace owo::storage {
namespace {

// A commit takes no more commands once it has this many events, so that waiting calls are answered.
constexpr size_t kCommitEventsMax = 32'768;

// With at least this many answers, it pays to give them on another thread.
constexpr size_t kAsyncAnswersMin = 16;

size_t Events(const TrackWork& work) { return std::max<size_t>(work.command.events.size(), 1); }
size_t Events(const Mutation& /*mutation*/) { return 1; }
size_t Events(const FlushCommand& /*account*/) { return 1; }
constexpr auto kEventsOf = [](const auto& queued) { return Events(queued.command); };

absl::StatusOr<std::monostate> Execute(CommitContext& commit, const FlushCommand& write) {
  commit.account_cache.FlushSoon(write.account);
  return std::monostate();
}

absl::Status Unknown(const absl::Status& cause) {
  return absl::UnavailableError(
      absl::StrCat("the write failed, its outcome is unknown: ", cause.message()));
}

// Time between two tries to resume writing after the disk was full.
constexpr absl::Duration kFullPause = absl::Milliseconds(500);
// Idle time after which the watermark is synced. Until then, a power loss could lose acknowledged
// records unnoticed.
constexpr absl::Duration kIdlePause = absl::Milliseconds(500);

}  // namespace

Committer::Committer(Database& database, AccountSnapshots& snapshots, const OpenOptions& options)
    : database_(database),
      snapshots_(snapshots),
      queue_max_(options.queue_max),
      queue_events_max_(options.queue_events_max),
      cached_max_(options.cached_max),
      unflushed_events_max_(options.unflushed_events_max),
      on_failure_(options.on_failure),
      on_commit_(options.on_commit),
      stored_ids_(database, options.id_filter_bytes),
      outages_(options.outage) {}

Committer::~Committer() {
  {
    const absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  const bool started = thread_ != nullptr;
  thread_.reset();
  // Do not flush a state that Recover restored only in part.
  if (!started || !failure().ok() || state_ == nullptr) return;
  // Nothing is lost if these fail: the journal has it all, and opening replays what rows lack.
  FlushAll().IgnoreError();
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
  recovered_events_ = replayed_events_;
  thread_ = std::make_unique<Thread>("committer", [this] { Run(); });
  return absl::OkStatus();
}

void Committer::Submit(TrackCommand command, Store::TrackDone done) {
  QueuedTrack queued{.command = {.command = std::move(command)}, .done = std::move(done)};
  absl::Status refused;
  {
    const absl::MutexLock lock(&mutex_);
    refused = Admit(queued.command);
  }
  if (!refused.ok()) return queued.done(refused);
  if (auto ids = stored_ids_.FindInMemory(queued.command.command); ids.has_value()) {
    queued.command.ids = *std::move(ids);
    return EnqueueAdmitted(std::move(queued));
  }
  lookups_.Continue([this, queued = std::move(queued)]() mutable {
    {
      const absl::ReaderMutexLock lock(&database_.in_use());
      if (database_.is_open()) {
        queued.command.ids = stored_ids_.FindAll(queued.command.command);
      }
    }
    EnqueueAdmitted(std::move(queued));
  });
}

void Committer::Submit(Mutation mutation, Store::MutationDone done) {
  QueuedMutation queued{.command = std::move(mutation), .done = std::move(done)};
  if (const absl::Status refused = Enqueue(queued); !refused.ok()) queued.done(refused);
}

absl::Status Committer::FlushAccount(const AccountKey& account) {
  absl::Notification done;
  absl::Status status;
  QueuedFlush queued{.command = {account}, .done = [&](const auto& written) {
                       status = written.status();
                       done.Notify();
                     }};
  OWO_RETURN_IF_ERROR(Enqueue(queued));
  done.WaitForNotification();
  return status;
}

template <typename Command>
absl::Status Committer::Admit(const Command& command) {
  constexpr bool kMayBeDuplicate = std::is_same_v<Command, TrackWork>;
  if (!kMayBeDuplicate || !absl::IsResourceExhausted(failure_)) {
    OWO_RETURN_IF_ERROR(failure_);
  }
  if (queue_.size() >= queue_max_ || unanswered_events_ >= queue_events_max_) {
    return absl::ResourceExhaustedError("too many writes are waiting");
  }
  unanswered_events_ += Events(command);
  return absl::OkStatus();
}

template <typename Command, typename Outcome>
absl::Status Committer::Enqueue(Queued<Command, Outcome>& queued) {
  const absl::MutexLock lock(&mutex_);
  OWO_RETURN_IF_ERROR(Admit(queued.command));
  queue_.push_back(std::move(queued));
  return absl::OkStatus();
}

void Committer::EnqueueAdmitted(Work work) {
  const absl::MutexLock lock(&mutex_);
  queue_.push_back(std::move(work));
}

void Committer::Run() {
  std::deque<Work> work;
  for (;;) {
    // What is in the queue by now may wait while a reader keeps the database from being opened
    // again; what comes later does not.
    const bool was_full = absl::IsResourceExhausted(failure());
    const absl::Duration timeout = IdleTimeout();
    {
      const absl::MutexLock lock(&mutex_);
      const auto wake = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
        return !queue_.empty() || Done();
      };
      mutex_.AwaitWithTimeout(absl::Condition(&wake), timeout);
      if (Done()) return;
      work.swap(queue_);
    }
    const bool is_idle = work.empty();
    while (!work.empty()) CommitSome(work);
    if (is_idle || (was_full && absl::Now() >= retry_at_)) OnIdle();
  }
}

void Committer::CommitSome(std::deque<Work>& work) {
  std::vector<Work> group;
  size_t events = 0;
  while (!work.empty() && events < kCommitEventsMax) {
    events += std::visit(kEventsOf, work.front());
    group.push_back(std::move(work.front()));
    work.pop_front();
  }
  absl::Status status = failure();
  if (!status.ok()) return Refuse(std::move(group), status, !work.empty());
  status = ExecuteAll(group);
  if (status.ok()) status = Write(events);
  state_->staged.Clear();
  if (status.ok()) status = PublishCommit();
  if (!status.ok()) {
    Fail(status);
    status = Unknown(status);
  }
  Answer(std::move(group), status, !work.empty());
}

absl::Status Committer::ExecuteAll(std::vector<Work>& group) {
  state_->journal.Start(state_->sequence + 1, absl::ToUnixMicros(absl::Now()));
  state_->account_cache.Start(state_->sequence + 1);
  CommitContext commit{state_->staged,  state_->account_cache, state_->ids,
                       state_->applier, state_->journal,       subscribed_};
  for (Work& work : group) {
    OWO_RETURN_IF_ERROR(std::visit(
        [&commit](auto& queued) -> absl::Status {
          OWO_TRY(queued.outcome, Execute(commit, std::move(queued.command)));
          return absl::OkStatus();
        },
        work));
  }
  return absl::OkStatus();
}

// Written with the first row: from then on the database may have rows that an older version cannot
// read.
void Committer::PutFormat() {
  if (state_->format_written || (state_->journal.empty() && state_->staged.empty())) return;
  state_->staged.PutBlind(ColumnFamily::kMeta, keys::kFormat, kFormatVersion);
  state_->format_written = true;
}

absl::Status Committer::Write(size_t events) {
  const uint64_t last = state_->journal.last_sequence();
  const uint64_t rows_replay_start = state_->account_cache.Flush(FlushUpTo(), last);
  PutFormat();
  if (!state_->journal.empty()) {
    PutReplayStart(std::min(rows_replay_start, state_->ids_replay_start));
    uint64_t sequence = state_->sequence;
    for (const std::string& record : state_->journal.Finish()) {
      state_->staged.PutBlind(ColumnFamily::kJournal, keys::Journal(++sequence), record);
    }
  }
  // Nothing was counted or changed, no request is to be recorded, and no rows are to be flushed.
  if (state_->staged.empty()) return absl::OkStatus();
  const absl::Time start = on_commit_ ? absl::Now() : absl::InfinitePast();
  OWO_RETURN_IF_ERROR(state_->staged.Write());
  if (on_commit_) on_commit_({events, state_->staged.bytes(), absl::Now() - start});
  OWO_RETURN_IF_ERROR(database_.Acknowledge(last));
  state_->sequence = last;
  return absl::OkStatus();
}

absl::Status Committer::PublishCommit() {
  state_->account_cache.Publish(cached_max_);
  OWO_TRY(state_->ids_replay_start, state_->ids.OnCommit(state_->sequence, state_->overdue));
  committed_sequence_ = state_->sequence;
  return absl::OkStatus();
}

uint64_t Committer::FlushUpTo() {
  if (state_->journal.empty()) return 0;
  const uint64_t last = state_->journal.last_sequence();
  state_->replay_cost += state_->journal.replay_cost();
  state_->recent.emplace_back(last, state_->replay_cost);
  while (state_->recent.front().second + unflushed_events_max_ < state_->replay_cost) {
    state_->overdue = state_->recent.front().first;
    state_->recent.pop_front();
  }
  if (state_->account_cache.size() > cached_max_) return last;  // flushed accounts can be dropped
  return state_->overdue;
}

void Committer::Answer(std::vector<Work> group, const absl::Status& status, bool more) {
  if (group.size() < kAsyncAnswersMin) return AnswerNow(group, status);
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
        [&status](auto& queued) {
          if (!status.ok()) return queued.done(status);
          queued.done(*std::move(queued.outcome));
        },
        work);
  }
  const absl::MutexLock lock(&mutex_);
  unanswered_events_ -= events;
}

absl::Status Committer::failure() const {
  const absl::MutexLock lock(&mutex_);
  return failure_;
}

// ---- Recovery, and resuming after the disk was full.

Committer::WriterState::WriterState(Database& database, AccountSnapshots& snapshots,
                                    StoredIds& stored_ids, uint64_t unflushed_events_max)
    : staged(database),
      account_cache(staged, snapshots),
      ids(database, stored_ids, unflushed_events_max),
      applier(account_cache, &ids, staged) {}

absl::Status Committer::FlushAll() {
  state_->account_cache.Flush(state_->sequence, state_->sequence);
  OWO_RETURN_IF_ERROR(state_->ids.Drain());
  PutFormat();  // ahead of the replay start, which the former version reads too
  PutReplayStart(state_->sequence + 1);
  return state_->staged.Write();
}

void Committer::PutReplayStart(uint64_t first) {
  if (first == state_->replay_start) return;
  ReplayStartRecord replay_start;
  replay_start.set_first_sequence(first);
  state_->staged.PutBlind(ColumnFamily::kMeta, keys::kReplayStart,
                          replay_start.SerializeAsString());
  state_->replay_start = first;
}

absl::Status Committer::Recover() {
  // Open for reading, no commit looks for ids.
  if (database_.full().ok()) OWO_RETURN_IF_ERROR(PutIdsIgnoringCase(database_));
  state_ = std::make_unique<WriterState>(database_, snapshots_, stored_ids_, unflushed_events_max_);
  WriterState& state = *state_;
  replayed_events_ = 0;
  OWO_TRY(const auto replay_start,
          state.staged.GetRecord<ReplayStartRecord>(ColumnFamily::kMeta, keys::kReplayStart));
  const uint64_t first = replay_start.has_value() ? replay_start->first_sequence() : 1;
  OWO_TRY(state.sequence,
          ForEachRecord(database_, first,
                        [this, &state](uint64_t sequence, const JournalRecord& record) {
                          state.sequence = sequence;
                          state.account_cache.Start(sequence);
                          OWO_TRY(const JournalApplier::Replayed replayed,
                                  state.applier.Replay(record, JournalApplier::Rows::kPresent));
                          replayed_events_ += replayed.events;
                          state.replay_cost += replayed.cost;
                          state.recent.emplace_back(sequence, state.replay_cost);
                          state.staged.Clear();
                          return PublishCommit();
                        }));
  // A failed commit subscribed no customer. An earlier commit may have: its sequence, which the
  // failed one replaced, is this one or less.
  for (auto& [plan, sequence] : subscribed_) sequence = std::min(sequence, state.sequence);
  OWO_RETURN_IF_ERROR(PublishCommit());  // also where there was nothing to replay
  state.ids.FillFilter();
  // All records of the logs are durable in tables now, whether they were answered or not.
  return database_.Acknowledge(state.sequence);
}

absl::Status Committer::RecoverForReading() {
  state_.reset();
  if (database_.full().ok()) OWO_RETURN_IF_ERROR(database_.OpenForReading(failure()));
  OWO_RETURN_IF_ERROR(Recover());
  // Flush now: listing events asks the writing thread to flush, which it cannot do later.
  OWO_RETURN_IF_ERROR(FlushAll());
  state_.reset();
  database_.RefuseWrites();
  return absl::OkStatus();
}

void Committer::KeepAcknowledgedIds() {
  if (state_ == nullptr) return;
  acknowledged_ids_ =
      std::make_unique<const AcknowledgedIds>(state_->ids.Release(), state_->sequence);
  state_.reset();
}

absl::Status Committer::TryAgain() {
  KeepAcknowledgedIds();
  return database_.Resume([this] { return ReplayAgain(); });
}

absl::Status Committer::ReplayAgain() {
  // Opened for reading again: what an earlier replay wrote to memory is gone.
  if (!database_.full().ok()) return RecoverForReading();
  acknowledged_ids_.reset();  // the replay restores them
  OWO_RETURN_IF_ERROR(Recover());
  // Accounts that the replay did not load are fully flushed. Drop their snapshots, since nothing
  // else would.
  snapshots_.Keep([this](const AccountKey& key) { return state_->account_cache.Knows(key); });
  return absl::OkStatus();
}

absl::Duration Committer::IdleTimeout() {
  const absl::Status status = failure();
  if (absl::IsResourceExhausted(status)) return kFullPause;
  return status.ok() && !database_.watermark_synced() ? kIdlePause : absl::InfiniteDuration();
}

void Committer::OnIdle() {
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
  outages_.Resumed({.records = state_->recent.size()}, absl::Now());
}

void Committer::Refuse(std::vector<Work> group, const absl::Status& failure, bool more) {
  std::vector<Work> duplicates;
  if (absl::IsResourceExhausted(failure) && database_.is_open()) {
    KeepAcknowledgedIds();
    std::vector<Work> refused;
    for (Work& work : group) {
      auto* const queued = std::get_if<QueuedTrack>(&work);
      if (queued != nullptr) {
        auto outcomes = AnswerDuplicates(acknowledged_ids_.get(), queued->command, stored_ids_,
                                         database_, snapshots_);
        if (outcomes.ok()) queued->outcome = *std::move(outcomes);
      }
      const bool is_duplicate = queued != nullptr && queued->outcome.has_value();
      (is_duplicate ? duplicates : refused).push_back(std::move(work));
    }
    group = std::move(refused);
  }
  Answer(std::move(duplicates), absl::OkStatus(), more);
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
