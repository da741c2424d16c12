#include "client/cpp/internal/track_sender.h"

#include <pthread.h>

#include <algorithm>
#include <iostream>
#include <iterator>
#include <optional>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/cpp/internal/batch_outcome.h"
#include "client/cpp/internal/uuid.h"
#include "client/cpp/utf8.h"

namespace owo {
namespace {

// The sender that owns the current thread; null on all other threads.
thread_local const TrackSender* sender_of_thread = nullptr;

// A text that is not UTF-8 would fail the whole batch, including the other events.
absl::Status CheckTexts(const TrackParams& event) {
  const auto check = [](absl::string_view field, absl::string_view text) {
    if (IsUtf8(text)) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrCat("`", field, "`: is not UTF-8"));
  };
  absl::Status status = check("customer", event.customer);
  status.Update(check("feature", event.feature));
  status.Update(check("quantity", event.quantity));
  status.Update(check("event_id", event.event_id));
  for (const auto& [key, value] : event.properties) {
    status.Update(check("properties", key));
    status.Update(check("properties", value));
  }
  return status;
}

std::string Because(const absl::Status& transience) {
  if (transience.ok()) return "";
  return absl::StrCat("; last: ", transience.ToString(absl::StatusToStringMode::kWithNoExtraData));
}

}  // namespace

// Forwards answers to the sender. It outlives the sender: an answer that arrives after the sender
// was destroyed is dropped.
class TrackSender::Mailbox {
 public:
  explicit Mailbox(TrackSender* owner) : owner_(owner) {}

  void Deliver(Answer answer) {
    const absl::MutexLock lock(&mutex_);
    if (owner_ != nullptr) owner_->Receive(std::move(answer));
  }
  void Close() {
    const absl::MutexLock lock(&mutex_);
    owner_ = nullptr;
  }

 private:
  absl::Mutex mutex_;  // acquired before the owner's mutex
  TrackSender* owner_ ABSL_GUARDED_BY(mutex_);
};

TrackSender::TrackSender(std::shared_ptr<Connection> connection, const OwostackOptions& options)
    : connection_(std::move(connection)),
      wait_for_room_(options.track.wait_for_room),
      close_timeout_(options.track.close_timeout),
      on_failure_(options.track.on_failure),
      mailbox_(std::make_shared<Mailbox>(this)),
      queue_(options) {}

TrackSender::~TrackSender() {
  std::thread thread;
  {
    const absl::MutexLock lock(&mutex_);
    queue_.CloseBatch();
    is_closing_ = true;
    close_at_ = absl::Now() + close_timeout_;
    work_.Signal();
    thread = std::move(thread_);
  }
  if (thread.joinable()) thread.join();
  mailbox_->Close();
}

absl::Status TrackSender::Track(TrackParams event) {
  if (absl::Status status = CheckTexts(event); !status.ok()) return status;
  if (event.event_id.empty()) event.event_id = NewUuid();
  const absl::Time now = absl::Now();
  if (!event.event_time.has_value()) event.event_time = now;

  const absl::MutexLock lock(&mutex_);
  if (absl::Status status = AwaitRoom(); !status.ok()) return status;
  if (absl::Status status = StartThread(); !status.ok()) return status;
  queue_.Add(std::move(event), now);
  WakeForQueue();
  return absl::OkStatus();
}

absl::Status TrackSender::AwaitRoom() {
  if (queue_.HasRoom()) return absl::OkStatus();
  // The sending thread must not wait: only this thread makes room.
  const absl::Duration wait = IsOnThread() ? absl::ZeroDuration() : wait_for_room_;
  const absl::Time deadline = absl::Now() + wait;
  while (!queue_.HasRoom()) {
    if (!completed_.WaitWithDeadline(&mutex_, deadline) || queue_.HasRoom()) continue;
    return absl::ResourceExhaustedError(absl::StrCat(
        queue_.outstanding_events(), " events wait to be counted", Because(queue_.transience())));
  }
  return absl::OkStatus();
}

absl::Status TrackSender::StartThread() {
  if (thread_.joinable()) return absl::OkStatus();
  try {
    thread_ = std::thread([this] { Run(); });
  } catch (const std::system_error& error) {
    return absl::ResourceExhaustedError(absl::StrCat("cannot start a thread: ", error.what()));
  }
  return absl::OkStatus();
}

// Signals only if the thread would sleep too long: most events join a batch whose due time the
// thread already knows.
void TrackSender::WakeForQueue() {
  const absl::Time send_at = queue_.NextSend();
  if (send_at >= wake_at_) return;
  wake_at_ = send_at;
  work_.Signal();
}

bool TrackSender::IsOnThread() const { return sender_of_thread == this; }

absl::Status TrackSender::Flush(absl::Time deadline) {
  if (IsOnThread()) return absl::FailedPreconditionError("on_failure must not flush");
  const absl::MutexLock lock(&mutex_);
  const uint64_t last = queue_.CloseBatch();
  WakeForQueue();
  while (!queue_.IsDoneUpTo(last)) {
    if (!completed_.WaitWithDeadline(&mutex_, deadline) || queue_.IsDoneUpTo(last)) continue;
    return absl::DeadlineExceededError(absl::StrCat(
        queue_.outstanding_events(), " events wait to be counted", Because(queue_.transience())));
  }
  return absl::OkStatus();
}

void TrackSender::Receive(Answer answer) {
  const absl::MutexLock lock(&mutex_);
  answers_.push_back(std::move(answer));
  work_.Signal();
}

void TrackSender::Run() {
  sender_of_thread = this;
  pthread_setname_np(pthread_self(), "owo-track");
  while (AwaitWork()) {
    SendRipe();
    CompleteAnswered();
  }
  GiveUp();
}

// Returns false when the thread must end: all events are settled, or close_at_ has passed.
bool TrackSender::AwaitWork() {
  const absl::MutexLock lock(&mutex_);
  while (true) {
    const absl::Time now = absl::Now();
    if (!answers_.empty()) return true;
    if (is_closing_ && (queue_.IsDone() || now >= close_at_)) return false;
    if (now >= queue_.NextSend()) return true;
    wake_at_ = std::min(queue_.NextSend(), close_at_);
    work_.WaitWithDeadline(&mutex_, wake_at_);
  }
}

void TrackSender::SendRipe() {
  while (true) {
    std::optional<TrackQueue::Batch> batch;
    {
      const absl::MutexLock lock(&mutex_);
      const absl::Time now = absl::Now();
      if (now < close_at_) batch = queue_.Take(now);
    }
    if (!batch.has_value()) return;
    const uint64_t number = batch->number;
    const auto sent = in_flight_.emplace(number, std::move(batch->params)).first;
    connection_->StartTrackBatch(
        sent->second, [mailbox = mailbox_, number](absl::StatusOr<TrackBatchResult> result) {
          mailbox->Deliver({.batch = number, .result = std::move(result)});
        });
  }
}

void TrackSender::CompleteAnswered() {
  std::vector<Answer> answers;
  {
    const absl::MutexLock lock(&mutex_);
    answers.swap(answers_);
  }
  for (const Answer& answer : answers) Complete(answer);
}

void TrackSender::Complete(const Answer& answer) {
  auto sent = in_flight_.extract(answer.batch);
  BatchOutcome outcome = OutcomeOf(std::move(sent.mapped()), answer.result);
  Report(outcome.failures);  // without the lock, and before the batch counts as settled
  const absl::MutexLock lock(&mutex_);
  queue_.Complete(answer.batch, std::move(outcome), absl::Now());
  completed_.SignalAll();
}

// Events in flight may still be counted; the status says "not confirmed".
void TrackSender::GiveUp() {
  std::vector<TrackParams> left;
  absl::Status status;
  {
    const absl::MutexLock lock(&mutex_);
    left = queue_.TakeAll();
    status = absl::DeadlineExceededError(
        absl::StrCat("not confirmed when the client was destroyed", Because(queue_.transience())));
  }
  for (auto& [number, batch] : in_flight_) {
    std::move(batch.events.begin(), batch.events.end(), std::back_inserter(left));
  }
  std::vector<TrackFailure> failures;
  failures.reserve(left.size());
  for (TrackParams& event : left) {
    failures.push_back({.event = std::move(event), .status = status});
  }
  Report(failures);
}

void TrackSender::Report(const std::vector<TrackFailure>& failures) const {
  if (failures.empty()) return;
  if (on_failure_) {
    for (const TrackFailure& failure : failures) on_failure_(failure);
    return;
  }
  const TrackFailure& first = failures.front();
  std::cerr << "owo: not counted: " << failures.size() << " events; the first, "
            << Printable(first.event.event_id) << ": "
            << Printable(first.status.ToString(absl::StatusToStringMode::kWithNoExtraData)) << "\n";
}

}  // namespace owo
