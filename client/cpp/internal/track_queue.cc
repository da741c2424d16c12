#include "client/cpp/internal/track_queue.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "client/cpp/internal/retry.h"

namespace owo {
namespace {

constexpr int kBatchSizeMax = 1000;  // the most events that the server accepts

// The server accepts 4 MiB. The margin allows for the estimate in WireBytes().
constexpr size_t kBatchBytesMax = 3 << 20;

// Upper bound of the encoded size of an event, provided that no field is a megabyte or larger.
size_t WireBytes(const TrackParams& event) {
  constexpr size_t kFixed = 48;     // tags and lengths of all fields, event time, enforcement
  constexpr size_t kProperty = 12;  // tags and lengths of a property
  size_t bytes = kFixed + event.customer.size() + event.feature.size() + event.quantity.size() +
                 event.event_id.size();
  for (const auto& [key, value] : event.properties) bytes += kProperty + key.size() + value.size();
  return bytes;
}

}  // namespace

TrackQueue::TrackQueue(const OwostackOptions& options)
    : batch_size_(std::clamp(options.track.batch_size, 1, kBatchSizeMax)),
      batch_age_(options.track.batch_age),
      in_flight_max_(std::max(options.track.batches_in_flight_max, 1)),
      events_max_(std::max(options.track.events_max, 1)),
      retry_(options.retry) {}

bool TrackQueue::Fits(const Waiting& batch, size_t bytes) const {
  const bool is_closed = batch.ripe_at == absl::InfinitePast();
  return !is_closed && batch.bytes + bytes <= kBatchBytesMax;
}

void TrackQueue::Add(TrackParams event, absl::Time now) {
  const size_t bytes = WireBytes(event);
  if (waiting_.empty() || !Fits(waiting_.rbegin()->second, bytes)) {
    CloseBatch();
    ++last_number_;
    waiting_.emplace_hint(waiting_.end(), last_number_, Waiting{.ripe_at = now + batch_age_});
    outstanding_.emplace_hint(outstanding_.end(), last_number_, 0);
  }
  Waiting& batch = waiting_.rbegin()->second;
  batch.events.push_back(std::move(event));
  batch.bytes += bytes;
  ++outstanding_.rbegin()->second;
  ++outstanding_events_;
  if (batch.events.size() >= batch_size_ || !HasRoom()) CloseBatch();
}

uint64_t TrackQueue::CloseBatch() {
  if (!waiting_.empty()) waiting_.rbegin()->second.ripe_at = absl::InfinitePast();
  return last_number_;
}

absl::Time TrackQueue::NextSend() const {
  const int in_flight_max = failures_ > 0 ? 1 : in_flight_max_;
  if (waiting_.empty() || in_flight_ >= in_flight_max) return absl::InfiniteFuture();
  return std::max(waiting_.begin()->second.ripe_at, paused_until_);
}

std::optional<TrackQueue::Batch> TrackQueue::Take(absl::Time now) {
  if (waiting_.empty() || now < NextSend()) return std::nullopt;
  auto first = waiting_.extract(waiting_.begin());
  ++in_flight_;
  return Batch{.number = first.key(), .params = {.events = std::move(first.mapped().events)}};
}

bool TrackQueue::IsDoneUpTo(uint64_t number) const {
  return outstanding_.empty() || outstanding_.begin()->first > number;
}

void TrackQueue::Complete(uint64_t number, BatchOutcome outcome, absl::Time now) {
  --in_flight_;
  const auto outstanding = outstanding_.find(number);
  outstanding_events_ -= outstanding->second - outcome.again.size();
  outstanding->second = outcome.again.size();
  if (outcome.again.empty()) {
    outstanding_.erase(outstanding);
    failures_ = 0;
    transience_ = absl::OkStatus();
    return;
  }
  Postpone(outcome, now);
  waiting_.emplace(number,
                   Waiting{.events = std::move(outcome.again), .ripe_at = absl::InfinitePast()});
}

// Batches that were in flight together fail together: that is one failure.
void TrackQueue::Postpone(const BatchOutcome& outcome, absl::Time now) {
  transience_ = outcome.transience;
  absl::Time until = now + outcome.delay;
  if (now >= paused_until_) until += BackoffPause(retry_, ++failures_);
  paused_until_ = std::max(paused_until_, until);
}

std::vector<TrackParams> TrackQueue::TakeAll() {
  std::vector<TrackParams> all;
  for (auto& [number, batch] : waiting_) {
    std::move(batch.events.begin(), batch.events.end(), std::back_inserter(all));
  }
  waiting_.clear();
  return all;
}

}  // namespace owo
