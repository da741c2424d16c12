// The one thread that writes: drains the queue, executes its commands in order, writes what they
// change to the journal with one fsync, then answers them all. The more wait, the more share a
// commit. Rows of usage follow the journal some commits behind.
//
// If a write fails, or a row turns out damaged, every command of that commit is answered
// UNAVAILABLE (its outcome is unknown) and no write is accepted any more. If it failed because the
// disk is full, writes are refused until it is not, but repeats of counted events are answered:
// then what is in memory is dropped and read again from the journal, and writes are accepted again.

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
#include "storage/rocksdb/ids/stored_ids.h"
#include "storage/store.h"
#include "storage/util/executor.h"
#include "storage/util/thread.h"

namespace owo::storage {

// Asks for what the account's rows and chunks lack to be written with the commit.
struct FlushCommand {
  AccountKey account;
};

// Thread-safe.
class Committer {
 public:
  // `database` and `snapshots` outlive the committer.
  Committer(Database& database, AccountSnapshots& snapshots, const OpenOptions& options);
  // Brings back what was not written behind, from the journal's tail, and begins to take commands.
  // Where the disk is full it begins by refusing them.
  absl::Status Start();
  // Finishes everything that was accepted, and leaves rows that need no replay.
  ~Committer();

  // Neither waits: ids that may have been counted long ago are looked for on other threads.
  void Submit(TrackCommand command, Store::TrackDone done);
  void Submit(Mutation mutation, Store::MutationDone done);
  // OK while writes are taken, DiskFull while the disk is full, UNAVAILABLE after another failure.
  absl::Status Writable() const { return failure(); }
  // Writes what the account's rows and chunks lack, and waits for that. Not to be called from an
  // answer. UNAVAILABLE when nothing is written any more.
  absl::Status FlushAccount(const AccountKey& account);
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

  // What the writing thread knows beyond the rows. Dropped when it may no longer fit to them.
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
    uint64_t replay_start = 0;      // as its row has it, this commit's included; 0: not known
    // Sequences of the newest commits, and what replaying all commits up to each costs.
    std::deque<std::pair<uint64_t, uint64_t>> recent;
    uint64_t replay_cost = 0;
    // Opening should not replay commits up to here: what they lack is to be written.
    uint64_t overdue = 0;
    bool format_written = false;
  };

  // Before the command is queued: whether there is room for it.
  template <typename Command>
  absl::Status Admit(const Command& command) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void EnqueueAdmitted(Work work);
  // Both at once. Who reads, and so keeps the database from being opened anew, must not be between
  // them when a write fails: what is queued then is answered first.
  template <typename Command, typename Outcome>
  absl::Status Enqueue(Queued<Command, Outcome>& queued);
  // Told to stop, and all that was admitted is answered.
  bool Done() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return stopping_ && unanswered_events_ == 0;
  }
  void Run();
  absl::Status Recover();
  // From a database that is open for reading: brings its rows up to the journal's end, in memory.
  absl::Status RecoverForReading();
  // How long the writing thread may wait for work, and what it does when none came.
  absl::Duration IdleTimeout();
  void OnIdle();
  // The disk was full: tries whether it still is.
  absl::Status TryAgain();
  // Takes from the front of `work` what fits one commit.
  void CommitSome(std::deque<Work>& work);
  // Answers with the failure, while which nothing is written; repeats of counted events as such, if
  // it is a full disk.
  void Refuse(std::vector<Work> group, const absl::Status& failure, bool more);
  // Of what is in memory, keeps what answers repeats, and drops the rest.
  void KeepAcknowledgedIds();
  absl::Status ExecuteAll(std::vector<Work>& group);
  absl::Status Write();
  // Brings all rows up to the journal's end.
  absl::Status FlushAll();
  // Before this sequence no row lacks anything.
  void PutFormat();
  void PutReplayStart(uint64_t first);
  // The commit is durable: readers see it, and what was written behind is forgotten.
  absl::Status PublishCommit();
  // Accounts that wait since this sequence or before are to be written with this commit.
  uint64_t FlushUpTo();
  absl::Status failure() const;
  // Many are given beside the next commit, if there is `more` to commit, or something in the queue;
  // else here, which takes no switch of threads.
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

  StoredIds stored_ids_;

  // The writing thread's. Null while the disk is full.
  std::unique_ptr<WriterState> state_;
  // Also the writing thread's, for when the disk is full.
  std::unique_ptr<const AcknowledgedIds> acknowledged_ids_;
  absl::Time retry_at_;
  OutageReports outages_;
  SubscribedPlans subscribed_;

  std::atomic<uint64_t> committed_sequence_ = 0;

  mutable absl::Mutex mutex_;
  std::deque<Work> queue_ ABSL_GUARDED_BY(mutex_);
  // Of admitted commands that are not answered; one at least of each.
  size_t unanswered_events_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);

  Executor lookups_{"lookups", 2, 0};
  Executor answers_{"answers", 1, 0};
  std::unique_ptr<Thread> thread_;  // last: runs while everything above lives
};

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_COMMIT_COMMITTER_H_
