// The events of track() that are not settled: decides which are sent next, together, and when.
//
//   TrackQueue queue(options);
//   if (queue.HasRoom()) queue.Add(event, now);
//   while (std::optional<TrackQueue::Batch> batch = queue.Take(now)) Send(*batch);
//   …  // once a batch was answered and its failures were reported
//   queue.Complete(batch_number, OutcomeOf(…), now);
//
// A pure state machine: the time is a parameter, and the caller sends the batches. Not thread-safe.
//
// Every event is in exactly one place: waiting in a batch until Take(), then held by the caller of
// Take() until Complete(), then removed or waiting again. A batch that waits again keeps its
// number, and is sent before batches with higher numbers.

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

  // Options outside their bounds are clamped.
  explicit TrackQueue(const OwostackOptions& options);

  bool HasRoom() const { return outstanding_events_ < events_max_; }
  bool IsDone() const { return outstanding_.empty(); }
  size_t outstanding_events() const { return outstanding_events_; }

  // REQUIRES: HasRoom().
  void Add(TrackParams event, absl::Time now);

  // Returns the batch to send now; nullopt before NextSend().
  std::optional<Batch> Take(absl::Time now);

  // Returns when the next batch is due if the queue does not change; InfiniteFuture() if none is.
  absl::Time NextSend() const;

  // Closes the batch that events are added to, so that it is due immediately. Returns the number of
  // the last batch.
  uint64_t CloseBatch();

  // Returns whether all events of the batches up to `number` are settled.
  bool IsDoneUpTo(uint64_t number) const;

  // Settles a batch that was taken, except for the events in outcome.again, which wait again.
  void Complete(uint64_t number, BatchOutcome outcome, absl::Time now);

  // Removes and returns all waiting events.
  std::vector<TrackParams> TakeAll();

  // Why events wait to be sent again; OK if none do.
  const absl::Status& transience() const { return transience_; }

 private:
  struct Waiting {
    std::vector<TrackParams> events;
    size_t bytes = 0;
    absl::Time ripe_at;  // when the batch is due even if it is not full
  };

  bool Fits(const Waiting& batch, size_t bytes) const;
  void Postpone(const BatchOutcome& outcome, absl::Time now);

  const size_t batch_size_;
  const absl::Duration batch_age_;
  const int in_flight_max_;
  const size_t events_max_;
  const RetryOptions retry_;

  uint64_t last_number_ = 0;
  std::map<uint64_t, Waiting> waiting_;     // by number; events are added only to the last
  std::map<uint64_t, size_t> outstanding_;  // events of each batch, waiting or taken
  size_t outstanding_events_ = 0;
  int in_flight_ = 0;

  int failures_ = 0;  // consecutive, since a batch was last settled completely
  absl::Time paused_until_ = absl::InfinitePast();
  absl::Status transience_;
};

}  // namespace owo

#endif  // OWO_CLIENT_CPP_INTERNAL_TRACK_QUEUE_H_
