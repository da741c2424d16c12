// The one thread that writes. It drains the queue, executes the commands in order, writes their
// changes to the journal with one fsync, and then answers them all. The more commands wait, the
// more share a commit. Rows of usage are flushed some commits later.
//
//   Committer committer(database, snapshots, options);
//   OWO_RETURN_IF_ERROR(committer.Start());
//   committer.Submit(std::move(command), [](auto outcomes) {…});
//
// If a write fails, or a row is damaged, all commands of that commit are answered UNAVAILABLE
// (their outcome is unknown), and no more writes are accepted.
//
// If the write failed because the disk is full, writes are refused while it is full, but duplicates
// are still answered. Once there is room, the state in memory is dropped and recovered from the
// journal, and writes are accepted again.

#ifndef OWO_STORAGE_ROCKSDB_COMMIT_COMMITTER_H_
#define OWO_STORAGE_ROCKSDB_COMMIT_COMMITTER_H_

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "storage/rocksdb/commit/account_cache.h"
#include "storage/rocksdb/commit/acknowledged_ids.h"
#include "storage/rocksdb/commit/execute.h"
#include "storage/rocksdb/commit/journal_applier.h"
#include "storage/rocksdb/commit/outage_reports.h"
#include "storage/rocksdb/commit/staged_batch.h"
#include "storage/rocksdb/format/journal.h"
#include "storage/rocksdb/ids/ids.h"
#include "storage/store.h"
#include "storage/util/executor.h"
#include "storage/util/thread.h"

namespace owo::storage {

// Flushes an account: its rows and chunks are written with the commit.
struct FlushCommand {
  AccountKey account;
};

// Thread-safe.
class Committer {
 public:
  // `database` and `snapshots` must outlive the committer.
  Committer(Database& database, AccountSnapshots& snapshots, const OpenOptions& options);
  // Replays the part of the journal that rows lack, then starts to accept commands. If the disk is
  // full, it starts by refusing them.
  absl::Status Start();
  // Finishes all accepted commands, and flushes all rows, so that opening needs no replay.
  ~Committer();

  // Submits a command. Does not block: ids that may be stored are looked up on other threads.
  void Submit(TrackCommand command, Store::TrackDone done);
  void Submit(Mutation mutation, Store::MutationDone done);
  // OK while writes are accepted, DiskFull while the disk is full, UNAVAILABLE after another
  // failure.
  absl::Status Writable() const { return failure(); }
  // Flushes the account's rows and chunks, and blocks until that is durable. Must not be called
  // from a `done` callback. The status of Writable() while writes are not accepted,
  // RESOURCE_EXHAUSTED if too many writes wait, UNAVAILABLE if the commit fails.
  absl::Status FlushAccount(const AccountKey& account);
  // How many events Start() replayed. Constant after Start().
  uint64_t recovered_events() const { return recovered_events_; }
  // The journal sequence of the newest commit that readers see.
  uint64_t committed_sequence() const { return committed_sequence_; }

 private:
  template <typename Command, typename Outcome>
  struct Queued {
    Command command;
    absl::AnyInvocable<void(absl::StatusOr<Outcome>)> done;
    std::optional<Outcome> outcome;
  };
  using QueuedTrack = Queued<TrackWork, std::vector<TrackOutcome>>;
  using QueuedMutation = Queued<Mutation, MutationResult>;
  using QueuedFlush = Queued<FlushCommand, std::monostate>;
  using Work = std::variant<QueuedTrack, QueuedMutation, QueuedFlush>;

  // The writing thread's state in memory. Dropped when it may no longer match the rows.
  struct WriterState {
    WriterState(Database& database, AccountSnapshots& snapshots, StoredIds& stored_ids,
                uint64_t unflushed_events_max);

    StagedBatch staged;
    AccountCache account_cache;
    Ids ids;
    JournalApplier applier;
    JournalBuilder journal;
    uint64_t sequence = 0;          // of the newest journal record
    uint64_t ids_replay_start = 1;  // the first sequence whose ids the stored runs may lack
    uint64_t replay_start = 0;      // the value of its row, with this commit; 0: not known
    // Sequences of the newest commits, each with the cost of replaying all commits up to it.
    std::deque<std::pair<uint64_t, uint64_t>> recent;
    uint64_t replay_cost = 0;
    // Changes of commits up to this sequence are to be flushed, which bounds the replay on opening.
    uint64_t overdue = 0;
    bool format_written = false;
  };

  // Reserves room for a command in the queue. RESOURCE_EXHAUSTED if there is none; the failure if
  // writes are not accepted. While the disk is full, track commands are admitted: they may be
  // duplicates.
  template <typename Command>
  absl::Status Admit(const Command& command) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void EnqueueAdmitted(Work work);
  // Admits and enqueues atomically: when a write fails, everything queued is answered before the
  // database is reopened. A reader must not be between the two steps: it blocks the reopening, and
  // would wait for the writing thread meanwhile.
  template <typename Command, typename Outcome>
  absl::Status Enqueue(Queued<Command, Outcome>& queued);
  // Whether the committer is stopping and has answered all admitted commands.
  bool Done() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return stopping_ && unanswered_events_ == 0;
  }
  void Run();
  absl::Status Recover();
  // Used while the disk is full: opens the database for reading, and brings its rows up to the
  // journal's end in memory.
  absl::Status RecoverForReading();
  // How long the writing thread waits for commands, and what it does if none arrived.
  absl::Duration IdleTimeout();
  void OnIdle();
  // Tries to resume writing after the disk was full.
  absl::Status TryAgain();
  // Replays the journal into the database that was reopened.
  absl::Status ReplayAgain();
  // Commits as many commands from the front of `work` as fit one commit.
  void CommitSome(std::deque<Work>& work);
  // Answers all commands with the failure that prevents writes. If that is a full disk, commands
  // whose events are all duplicates get their outcomes instead.
  void Refuse(std::vector<Work> group, const absl::Status& failure, bool more);
  // Drops state_, but keeps the ids that answer duplicates.
  void KeepAcknowledgedIds();
  absl::Status ExecuteAll(std::vector<Work>& group);
  absl::Status Write(size_t events);
  // Brings all rows up to the journal's end.
  absl::Status FlushAll();
  void PutFormat();
  // Stages the replay start: no row lacks the changes of records before `first`.
  void PutReplayStart(uint64_t first);
  // Call when the commit is durable: makes it visible to readers, and lets flushed accounts be
  // dropped from memory.
  absl::Status PublishCommit();
  // Returns the sequence up to which accounts are flushed with this commit: see
  // AccountCache::Flush.
  uint64_t FlushUpTo();
  absl::Status failure() const;
  // Answers many commands on another thread, in parallel with the next commit, if there is `more`
  // to commit or the queue is not empty. Otherwise answers on this thread, without a context
  // switch.
  void Answer(std::vector<Work> group, const absl::Status& status, bool more);
  void AnswerNow(std::vector<Work>& group, const absl::Status& status);
  void Fail(const absl::Status& status);

  // Constant after construction.
  Database& database_;
  AccountSnapshots& snapshots_;
  const size_t queue_max_;
  const size_t queue_events_max_;
  const size_t cached_max_;
  const uint64_t unflushed_events_max_;
  const std::function<void(const absl::Status&)> on_failure_;
  const std::function<void(const CommitReport&)> on_commit_;

  StoredIds stored_ids_;

  uint64_t recovered_events_ = 0;  // constant after Start()

  // Used by the writing thread only. Null while the disk is full.
  std::unique_ptr<WriterState> state_;
  uint64_t replayed_events_ = 0;  // used by the writing thread only: by the last Recover()
  // Used by the writing thread only, while the disk is full.
  std::unique_ptr<const AcknowledgedIds> acknowledged_ids_;
  absl::Time retry_at_;
  OutageReports outages_;
  SubscribedPlans subscribed_;

  std::atomic<uint64_t> committed_sequence_ = 0;

  mutable absl::Mutex mutex_;
  std::deque<Work> queue_ ABSL_GUARDED_BY(mutex_);
  // Events of admitted commands that are not answered yet. Each command counts as at least one.
  size_t unanswered_events_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);

  Executor lookups_{"lookups", 2, 0};
  Executor answers_{"answers", 1, 0};
  std::unique_ptr<Thread> thread_;  // last: runs while everything above lives
};

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_COMMIT_COMMITTER_H_
