// What the server takes of its callers: every bound that does not follow from --memory_mib, with
// its default. Each is a flag of the same name, whose row in server_flag_table.cc has its bounds.
//
//   ServerOptions options{.limits = {.connections_max = 100}};

#ifndef OWO_SERVICE_SERVER_LIMITS_H_
#define OWO_SERVICE_SERVER_LIMITS_H_

#include <cstdint>

#include "absl/time/time.h"

namespace owo::service {

struct ServerLimits {
  // Bytes of one request. The API documents 4 MiB, so this may be lowered only.
  int message_bytes_max = 4 << 20;
  // Bytes of the metadata of one call.
  int metadata_bytes_max = 8 << 10;
  // Calls at the same time on one connection. Further ones wait in the client.
  int streams_max = 100;
  // Open connections. Further ones are closed as soon as they are accepted.
  int connections_max = 1024;
  // Calls that wait for a thread: those that write, and those that read from the disk. Further ones
  // are refused with OVERLOADED.
  int write_queue_max = 1024;
  int read_queue_max = 1024;
  // Writes, and events in them, that wait for the store or for its answer. Further ones are refused
  // with OVERLOADED. An event takes up to about 1 KiB.
  int commit_queue_max = 4096;
  int commit_queue_events_max = 65'536;
  // The latest deadline of a call, from its arrival; also that of a call without one. A call past
  // its deadline is dropped before it is committed.
  absl::Duration deadline_max = absl::Minutes(5);
  // A new connection that has not completed the handshakes of TLS and HTTP/2 by then is closed.
  absl::Duration handshake_timeout = absl::Seconds(10);
  // A connection without traffic is pinged after keepalive_time, and closed if the peer does not
  // answer within keepalive_timeout.
  absl::Duration keepalive_time = absl::Minutes(1);
  absl::Duration keepalive_timeout = absl::Seconds(20);
  // A connection is closed after this time, so that load balancers can move clients, and clients
  // show a new certificate. Its calls have connection_age_grace to finish.
  absl::Duration connection_age_max = absl::Minutes(30);
  absl::Duration connection_age_grace = absl::Seconds(30);
  // Calls and events of one tenant per second. 0: no limit.
  int64_t calls_per_second = 0;
  int64_t events_per_second = 0;

  bool operator==(const ServerLimits&) const = default;
};

}  // namespace owo::service

#endif  // OWO_SERVICE_SERVER_LIMITS_H_
