// Where the service is, and how patiently it is called.
//
//   owo::OwostackOptions options = {.endpoint = "billing:50051", .call_timeout = absl::Seconds(2)};

#ifndef OWO_CLIENT_CPP_OPTIONS_H_
#define OWO_CLIENT_CPP_OPTIONS_H_

#include <functional>
#include <string>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "client/cpp/metering.h"

namespace owo {

// When a failed call is repeated. Repeating is safe for every call: each carries an id, made once,
// by which the server knows it again.
struct RetryOptions {
  int attempts_max = 8;  // 1: never repeat

  // The n-th pause lasts up to backoff_first · 2ⁿ⁻¹, and no more than backoff_max.
  absl::Duration backoff_first = absl::Milliseconds(100);
  absl::Duration backoff_max = absl::Seconds(2);

  // Takes the longest pause, returns the one to make. Empty: at random, evenly, from 0 to it.
  // Called from any thread.
  std::function<absl::Duration(absl::Duration)> jitter;

  // Called from any thread.
  std::function<void(absl::Duration)> sleep = absl::SleepFor;
};

// How track() gathers events, and whom it tells about those that are not counted.
struct TrackOptions {
  // A batch is sent when it holds so many events, 1–1,000, or when its first one is so old.
  int batch_size = 1000;
  absl::Duration batch_age = absl::Milliseconds(100);

  // Batches on their way at the same time, at least 1. After a failure it is one until the server
  // answers again.
  int batches_in_flight_max = 4;

  // Most events that are tracked and not yet settled, at least 1. When there are so many, track()
  // waits that long for room and then fails with RESOURCE_EXHAUSTED.
  int events_max = 100'000;
  absl::Duration wait_for_room;

  // How long the destructor of the last copy waits for what is not settled. Then it gives up:
  // on_failure learns of those events too.
  absl::Duration close_timeout = absl::Seconds(10);

  // Called for each event that was not counted, one after the other, on the thread that sends: it
  // should be brief. It may call track(), which does not wait for room here, but not flush(), and
  // must not own a copy of the client. Empty: a line on stderr for each batch.
  std::function<void(const TrackFailure&)> on_failure;
};

struct OwostackOptions {
  std::string endpoint = "localhost:50051";

  // Sent as `authorization: Bearer …` when it is not empty. The server does not check it today, and
  // the connection is not encrypted.
  std::string secret_key;

  // For one call with all its attempts. Calls that read a list make one for each of its pages.
  absl::Duration call_timeout = absl::Seconds(10);

  // For track() the pauses only: it repeats without end, or until it gives up as it is destroyed.
  RetryOptions retry;

  TrackOptions track;
};

}  // namespace owo

#endif  // OWO_CLIENT_CPP_OPTIONS_H_
