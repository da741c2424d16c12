// Where the service is, and how patiently it is called.
//
//   owo::OwostackOptions options = {.endpoint = "billing:50051", .call_timeout = absl::Seconds(2)};

#ifndef OWO_CLIENT_CPP_OPTIONS_H_
#define OWO_CLIENT_CPP_OPTIONS_H_

#include <functional>
#include <string>

#include "absl/time/clock.h"
#include "absl/time/time.h"

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

struct OwostackOptions {
  std::string endpoint = "localhost:50051";

  // Sent as `authorization: Bearer …` when it is not empty. The server does not check it today, and
  // the connection is not encrypted.
  std::string secret_key;

  // For one call with all its attempts. Calls that read a list make one for each of its pages.
  absl::Duration call_timeout = absl::Seconds(10);

  RetryOptions retry;
};

}  // namespace owo

#endif  // OWO_CLIENT_CPP_OPTIONS_H_
