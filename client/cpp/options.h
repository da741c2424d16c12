// Options of the client: endpoint, timeouts, retries and buffering.
//
//   owo::OwostackOptions options = {.endpoint = "billing:50051", .call_timeout = absl::Seconds(2)};
//   options.retry.attempts_max = 1;  // no retries
//   owo::Owostack owo(options);
//
// The client copies the options when it is constructed: later changes have no effect on it. What
// the functions in them refer to must live as long as the last copy of the client.

#ifndef OWO_CLIENT_CPP_OPTIONS_H_
#define OWO_CLIENT_CPP_OPTIONS_H_

#include <functional>
#include <string>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "client/cpp/metering.h"

namespace owo {

// When and how a failed call is retried. A retry is safe for every call that changes something: all
// attempts carry the same id, by which the server recognizes a repetition. Retried are UNAVAILABLE,
// ABORTED, and RESOURCE_EXHAUSTED if the server names a delay, which it does for OVERLOADED,
// DISK_FULL, CALL_RATE_EXCEEDED and EVENT_RATE_EXCEEDED. If a pause would end after the call's
// timeout, the call does not wait, and returns the failure of its last attempt.
struct RetryOptions {
  // Attempts in all, the first one included. 1 or less: no retries.
  int attempts_max = 8;

  // The n-th pause is at most min(backoff_first · 2ⁿ⁻¹, backoff_max), and comes on top of the delay
  // that the server asks for, if it does.
  absl::Duration backoff_first = absl::Milliseconds(100);
  absl::Duration backoff_max = absl::Seconds(2);

  // Maps the longest permitted pause to the actual one. Empty: uniformly random from 0 to the
  // longest pause. Must be thread-safe.
  std::function<absl::Duration(absl::Duration)> jitter;

  // Pauses the calling thread between two attempts; tests replace it. track() does not use it. Must
  // be thread-safe.
  // REQUIRES: not empty.
  std::function<void(absl::Duration)> sleep = absl::SleepFor;
};

// How track() batches events, and where it reports events that are not counted. Values outside
// their bounds are replaced by the nearest bound.
struct TrackOptions {
  // A batch is sent when it holds `batch_size` events (1–1,000) or about 3 MiB, when its first
  // event is `batch_age` old, when the buffer is full, or on flush().
  int batch_size = 1000;
  absl::Duration batch_age = absl::Milliseconds(100);

  // Batches in flight at the same time, at least 1. After a failure only one batch is in flight
  // until the server answers again.
  int batches_in_flight_max = 4;

  // Most events that are tracked and not yet settled (counted or reported), at least 1. When the
  // buffer is full, track() waits up to `wait_for_room` for room, and then fails with
  // RESOURCE_EXHAUSTED. By default it does not wait; with absl::InfiniteDuration() it waits until
  // there is room. Events in flight count too.
  int events_max = 100'000;
  absl::Duration wait_for_room;

  // How long the destructor of the last copy of the client waits for events that are not settled.
  // After that it gives up and reports the remaining events to on_failure.
  absl::Duration close_timeout = absl::Seconds(10);

  // Called for each event that was not counted, one at a time, on the sending thread, so it should
  // return quickly: no batch is sent or settled meanwhile. It may call track(), which does not wait
  // for room in this case. It must not throw, must not call flush(), and must not own a copy of the
  // client. Empty: one line on stderr for each batch with such events.
  std::function<void(const TrackFailure&)> on_failure;
};

// Whether and how the connection is encrypted. Paths are of PEM files, which are read again when
// they change: a new client certificate is shown on the next connection.
struct TlsOptions {
  // Whether TLS is used. The server must then show a certificate for the host of the endpoint.
  bool enabled = false;

  // The CAs that may have issued the server's certificate. Empty: those of the system.
  std::string ca_file;

  // The client's certificate and its private key, for servers that ask for one. Both or neither.
  std::string cert_file;
  std::string key_file;

  // The name that the server's certificate must have. Empty: the host of the endpoint.
  std::string server_name;
};

// The options of a client. By default it calls a server on the same machine.
struct OwostackOptions {
  // A gRPC target, for example "host:port", "dns:///name:port" or "unix:/path". The name is
  // resolved on the first call; a name that cannot be resolved is UNAVAILABLE.
  std::string endpoint = "localhost:50051";

  // The API key, "owo_sk_live_…", or the operator's key. Sent as `authorization: Bearer …` unless
  // empty, without white space at either end, and written to no log. With other characters than
  // printable ASCII every call fails with INVALID_ARGUMENT. Without `tls`, others on the network
  // can read it.
  std::string secret_key;

  // With files that cannot be read every call fails with INVALID_ARGUMENT.
  TlsOptions tls;

  // Total time of one call, including its retries; the call fails with DEADLINE_EXCEEDED if the
  // server does not answer in this time. A function that reads a list makes one call per page. For
  // track() it is the time of one attempt to send a batch.
  absl::Duration call_timeout = absl::Seconds(10);

  // track() uses only the pauses and `jitter`: it retries without limit, until it gives up when the
  // client is destroyed.
  RetryOptions retry;

  TrackOptions track;
};

}  // namespace owo

#endif  // OWO_CLIENT_CPP_OPTIONS_H_
