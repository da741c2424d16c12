// Implements track(): a buffer, and the thread that sends the buffered events.
//
//   TrackSender sender(connection, options);
//   absl::Status queued = sender.Track({.customer = "user_123", …});
//   absl::Status settled = sender.Flush(absl::Now() + absl::Seconds(5));
//
// Thread-safe. Every event that Track() accepts is settled: the server counts it, or on_failure is
// called for it. Until then it is sent with the same id and time. The first event starts the
// thread.
//
// The sending thread takes batches from the queue, starts their calls, processes the answers and
// reports failures. Only this thread knows the batches in flight; other threads access the queue
// and the answers.

#ifndef OWO_CLIENT_CPP_INTERNAL_TRACK_SENDER_H_
#define OWO_CLIENT_CPP_INTERNAL_TRACK_SENDER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "client/cpp/connection.h"
#include "client/cpp/internal/track_queue.h"
#include "client/cpp/options.h"

namespace owo {

class TrackSender {
 public:
  TrackSender(std::shared_ptr<Connection> connection, const OwostackOptions& options);

  // Sends the remaining events, for at most options.track.close_timeout.
  // REQUIRES: not called from on_failure.
  ~TrackSender();

  TrackSender(const TrackSender&) = delete;
  TrackSender& operator=(const TrackSender&) = delete;

  // Buffers the event, and sets its id and time if it has none. RESOURCE_EXHAUSTED if the buffer is
  // full or the thread cannot be started, INVALID_ARGUMENT if a text is not UTF-8.
  absl::Status Track(TrackParams event);

  // Sends all events tracked before this call immediately, and waits until they are settled.
  // DEADLINE_EXCEEDED if some are not settled by `deadline`, FAILED_PRECONDITION if called from
  // on_failure.
  absl::Status Flush(absl::Time deadline);

 private:
  struct Answer {
    uint64_t batch = 0;
    absl::StatusOr<TrackBatchResult> result;
  };
  class Mailbox;

  void Receive(Answer answer);
  absl::Status AwaitRoom() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status StartThread() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void WakeForQueue() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool IsOnThread() const;

  // Called on the sending thread only.
  void Run();
  bool AwaitWork();
  void SendRipe();
  void CompleteAnswered();
  void Complete(const Answer& answer);
  void GiveUp();
  void Report(const std::vector<TrackFailure>& failures) const;

  const std::shared_ptr<Connection> connection_;
  const absl::Duration wait_for_room_;
  const absl::Duration close_timeout_;
  const std::function<void(const TrackFailure&)> on_failure_;
  const std::shared_ptr<Mailbox> mailbox_;  // thread-safe

  // Used by the sending thread only: the batches in flight.
  std::map<uint64_t, TrackBatchParams> in_flight_;

  absl::Mutex mutex_;
  absl::CondVar work_;       // wakes the sending thread: something to send or to settle
  absl::CondVar completed_;  // wakes other threads: the queue has shrunk
  TrackQueue queue_ ABSL_GUARDED_BY(mutex_);
  std::vector<Answer> answers_ ABSL_GUARDED_BY(mutex_);
  // When the sending thread wakes by itself.
  absl::Time wake_at_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  absl::Time close_at_ ABSL_GUARDED_BY(mutex_) = absl::InfiniteFuture();
  bool is_closing_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace owo

#endif  // OWO_CLIENT_CPP_INTERNAL_TRACK_SENDER_H_
