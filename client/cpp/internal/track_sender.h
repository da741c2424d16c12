// What stands behind track(): a buffer, and the thread that sends what is in it.
//
//   TrackSender sender(connection, options);
//   absl::Status queued = sender.Track({.customer = "user_123", …});
//   absl::Status settled = sender.Flush(absl::Now() + absl::Seconds(5));
//
// Thread-safe. Every event that Track() took is settled: the server counted it, or on_failure
// learns of it. It is sent with the same id and time until then. The thread starts with the first
// event.
//
// The thread takes batches from the queue, starts their calls, checks the answers and reports
// failures; it alone knows what is on its way. The others only reach the queue and the answers.

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

  // Sends what is left, for options.track.close_timeout at most.
  // REQUIRES: not called by on_failure.
  ~TrackSender();

  TrackSender(const TrackSender&) = delete;
  TrackSender& operator=(const TrackSender&) = delete;

  // Takes the event and gives it an id and a time where it has none. RESOURCE_EXHAUSTED if the
  // buffer is full, INVALID_ARGUMENT if it cannot be sent.
  absl::Status Track(TrackParams event);

  // Sends at once what was tracked before, and waits until it is settled. DEADLINE_EXCEEDED if it
  // is not by then, FAILED_PRECONDITION if called by on_failure.
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

  // Of the thread.
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
  const std::shared_ptr<Mailbox> mailbox_;  // synchronises itself

  // Of the thread alone: the batches that it has taken from the queue.
  std::map<uint64_t, TrackBatchParams> in_flight_;

  absl::Mutex mutex_;
  absl::CondVar work_;       // for the thread: something to send or to settle
  absl::CondVar completed_;  // for the others: the queue has less
  TrackQueue queue_ ABSL_GUARDED_BY(mutex_);
  std::vector<Answer> answers_ ABSL_GUARDED_BY(mutex_);
  absl::Time wake_at_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();  // the thread by itself
  absl::Time close_at_ ABSL_GUARDED_BY(mutex_) = absl::InfiniteFuture();
  bool is_closing_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace owo

#endif  // OWO_CLIENT_CPP_INTERNAL_TRACK_SENDER_H_
