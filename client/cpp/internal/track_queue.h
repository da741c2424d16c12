// The events of track() on their way to the server: which are sent next, together, and when.
//
//   TrackQueue queue(options);
//   if (queue.HasRoom()) queue.Add(event, now);
//   while (std::optional<TrackQueue::Batch> batch = queue.Take(now)) Send(*batch);
//   …  // once a batch was answered and its failures were reported
//   queue.Complete(batch_number, OutcomeOf(…), now);
//
// It only computes: time is given to it, sending is done by others. Not thread-safe.
//
// Every event is in exactly one place: waiting, in a batch, until Take(); with the one who took the
// batch until Complete(); then gone, or waiting again. A batch keeps its number when it waits
// again, and goes before younger ones.

#ifndef OWO_CLIENT_CPP_INTERNAL_TRACK_QUEUE_H_
#define OWO_CLIENT_CPP_INTERNAL_TRACK_QUEUE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "client/cpp/internal/batch_outcome.h"
#include "client/cpp/metering.h"
#include "client/cpp/options.h"

namespace owo {

class TrackQueue {
 public:
  struct Batch {
    uint64_t number = 0;
    TrackBatchParams params;
  };

  // Options outside their bounds count as the nearest bound.
  explicit TrackQueue(const OwostackOptions& options);

  bool HasRoom() const { return outstanding_events_ < events_max_; }
  bool IsDone() const { return outstanding_.empty(); }
  size_t outstanding_events() const { return outstanding_events_; }

  // REQUIRES: HasRoom().
  void Add(TrackParams event, absl::Time now);

  // The batch to send now; nothing before NextSend().
  std::optional<Batch> Take(absl::Time now);

  // When there is something to send, unless something happens before; InfiniteFuture() if never.
  absl::Time NextSend() const;

  // What waits does not wait to become more or older. Returns the number of its last batch.
  uint64_t CloseBatch();

  // Whether no event is left of the batches up to this one.
  bool IsDoneUpTo(uint64_t number) const;

  // A batch that was taken is settled, but for the events that are to be sent again.
  void Complete(uint64_t number, BatchOutcome outcome, absl::Time now);

  // Gives up all that waits.
  std::vector<TrackParams> TakeAll();

  // Why events wait to be sent again; OK if they do not.
  const absl::Status& transience() const { return transience_; }

 private:
  struct Waiting {
    std::vector<TrackParams> events;
    size_t bytes = 0;
    absl::Time ripe_at;  // when it is sent even if it is not full
  };

  bool Fits(const Waiting& batch, size_t bytes) const;
  void Postpone(const BatchOutcome& outcome, absl::Time now);

  const size_t batch_size_;
  const absl::Duration batch_age_;
  const int in_flight_max_;
  const size_t events_max_;
  const RetryOptions retry_;

  uint64_t last_number_ = 0;
  std::map<uint64_t, Waiting> waiting_;     // by number; only the last may be added to
  std::map<uint64_t, size_t> outstanding_;  // events of each batch, waiting or taken
  size_t outstanding_events_ = 0;
  int in_flight_ = 0;

  int failures_ = 0;  // since the server last took a whole batch
  absl::Time paused_until_ = absl::InfinitePast();
  absl::Status transience_;
};

}  // namespace owo

#endif  // OWO_CLIENT_CPP_INTERNAL_TRACK_QUEUE_H_
