#include "storage/rocksdb/committer.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "storage/rocksdb/keys.h"
#include "storage/rocksdb/replay.h"
#include "storage/try.h"

namespace owo::storage {
namespace {

// Beyond this many events a commit is large enough: waiting calls should not wait for more.
constexpr size_t kCommitEventsMax = 32'768;

size_t Events(const TrackCommand& command) { return command.events.size(); }
size_t Events(const Mutation& /*mutation*/) { return 1; }
size_t Events(const WriteRows& /*account*/) { return 1; }

absl::StatusOr<std::monostate> Judge(Build& build, const WriteRows& write) {
  build.books.FlushSoon(write.account);
  return std::monostate();
}

absl::Status Unknown(const absl::Status& cause) {
  return absl::UnavailableError(
      absl::StrCat("the write failed, its outcome is unknown: ", cause.message()));
}

}  // namespace

Committer::Committer(Database& database, Published& published, const OpenOptions& options)
    : database_(database),
      queue_max_(options.queue_max),
      cached_max_(options.cached_max),
      behind_max_(options.behind_max),
      on_failure_(options.on_failure),
      pending_(database),
      books_(pending_, published),
      ids_(database, options.behind_max),
      fold_(books_, ids_, pending_) {}

Committer::~Committer() {
  {
    const absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.reset();
  const absl::MutexLock lock(&mutex_);
  // Nothing is lost if this fails: the journal has it all, and opening replays what rows lack.
  if (failure_.ok()) WriteBehind().IgnoreError();
}

absl::Status Committer::WriteBehind() {
  BehindRecord behind;
  behind.set_first_sequence(sequence_ + 1);
  books_.Flush(sequence_, sequence_);
  OWO_RETURN_IF_ERROR(ids_.Drain());
  pending_.PutBlind(Space::kMeta, keys::kBehind, behind.SerializeAsString());
  return pending_.Write();
}

absl::Status Committer::Recover() {
  OWO_TRY(const auto behind, pending_.GetRecord<BehindRecord>(Space::kMeta, keys::kBehind));
  const uint64_t first = behind.has_value() ? behind->first_sequence() : 1;
  OWO_TRY(sequence_,
          ForEachRecord(database_, first, [this](uint64_t sequence, const JournalRecord& record) {
            sequence_ = sequence;
            books_.Start(sequence);
            OWO_TRY(const uint64_t events, fold_.Replay(record));
            events_ += events;
            recent_.emplace_back(sequence, events_);
            pending_.Clear();  // rows other than of usage were written with their commit
            return Settle();
          }));
  return absl::OkStatus();
}

void Committer::Start() {
  thread_ = std::make_unique<Thread>("committer", [this] { Run(); });
}

void Committer::Submit(TrackCommand command, Store::TrackDone done) {
  Push(Tracking{.command = std::move(command), .done = std::move(done)});
}

void Committer::Submit(Mutation mutation, Store::MutationDone done) {
  Push(Mutating{.command = std::move(mutation), .done = std::move(done)});
}

absl::Status Committer::WriteAccount(const AccountKey& account) {
  absl::Notification done;
  absl::Status status;
  Push(Asking{.command = {account}, .done = [&](const auto& written) {
                status = written.status();
                done.Notify();
              }});
  done.WaitForNotification();
  return status;
}

template <typename Entry>
void Committer::Push(Entry entry) {
  absl::Status refused;
  {
    const absl::MutexLock lock(&mutex_);
    if (!failure_.ok()) {
      refused = failure_;
    } else if (queue_.size() >= queue_max_) {
      refused = absl::ResourceExhaustedError("too many writes are waiting");
    }
    if (refused.ok()) {
      queue_.emplace_back(std::move(entry));
      return;
    }
  }
  entry.done(refused);
}

void Committer::Run() {
  std::deque<Work> work;
  for (;;) {
    {
      const absl::MutexLock lock(&mutex_);
      const auto wake = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
        return stopping_ || !queue_.empty();
      };
      mutex_.Await(absl::Condition(&wake));
      if (queue_.empty()) return;
      work.swap(queue_);
    }
    while (!work.empty()) CommitSome(work);
  }
}

void Committer::CommitSome(std::deque<Work>& work) {
  std::vector<Work> group;
  for (size_t events = 0; !work.empty() && events < kCommitEventsMax;) {
    events += std::visit([](const auto& w) { return Events(w.command); }, work.front());
    group.push_back(std::move(work.front()));
    work.pop_front();
  }
  absl::Status status;
  {
    const absl::MutexLock lock(&mutex_);
    status = failure_;
  }
  if (status.ok()) {
    status = JudgeAll(group);
    if (status.ok()) status = Write();
    pending_.Clear();
    if (status.ok()) status = Settle();
    if (!status.ok()) Fail(status);
  }
  Answer(group, status);
}

absl::Status Committer::JudgeAll(std::vector<Work>& group) {
  journal_.Start(sequence_ + 1, absl::ToUnixMicros(absl::Now()));
  books_.Start(sequence_ + 1);
  Build build{pending_, books_, ids_, fold_, journal_};
  for (Work& work : group) {
    OWO_RETURN_IF_ERROR(std::visit(
        [&build](auto& waiting) -> absl::Status {
          OWO_TRY(waiting.outcome, Judge(build, waiting.command));
          return absl::OkStatus();
        },
        work));
  }
  return absl::OkStatus();
}

absl::Status Committer::Write() {
  const uint64_t last = journal_.last_sequence();
  const uint64_t rows_behind = books_.Flush(FlushUpTo(), last);
  if (!journal_.empty()) {
    BehindRecord behind;
    behind.set_first_sequence(std::min(rows_behind, ids_behind_));
    pending_.PutBlind(Space::kMeta, keys::kBehind, behind.SerializeAsString());
    uint64_t sequence = sequence_;
    for (const std::string& record : journal_.Finish()) {
      pending_.PutBlind(Space::kJournal, keys::Journal(++sequence), record);
    }
  }
  // Nothing was counted or changed, and no request is to be remembered, no row to be written.
  if (pending_.empty()) return absl::OkStatus();
  OWO_RETURN_IF_ERROR(pending_.Write());
  sequence_ = last;
  return absl::OkStatus();
}

absl::Status Committer::Settle() {
  books_.Publish(cached_max_);
  OWO_TRY(ids_behind_, ids_.Settle(sequence_));
  return absl::OkStatus();
}

uint64_t Committer::FlushUpTo() {
  if (journal_.empty()) return 0;
  const uint64_t last = journal_.last_sequence();
  events_ += journal_.events();
  recent_.emplace_back(last, events_);
  if (books_.size() > cached_max_) return last;  // what is written can be forgotten
  uint64_t up_to = 0;
  while (recent_.front().second + behind_max_ < events_) {
    up_to = recent_.front().first;
    recent_.pop_front();
  }
  return up_to;
}

void Committer::Answer(std::vector<Work>& group, const absl::Status& status) {
  for (Work& work : group) {
    std::visit(
        [&status](auto& waiting) {
          if (status.ok()) {
            waiting.done(*std::move(waiting.outcome));
          } else {
            waiting.done(Unknown(status));
          }
        },
        work);
  }
}

void Committer::Fail(const absl::Status& status) {
  {
    const absl::MutexLock lock(&mutex_);
    failure_ =
        absl::UnavailableError(absl::StrCat("writing ended after a failure: ", status.message()));
  }
  if (on_failure_) on_failure_(status);
}

}  // namespace owo::storage
