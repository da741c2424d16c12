#include "service/server_limits.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "service/rpc/rate_limits.h"
#include "storage/util/try.h"

namespace owo::service {
namespace {

absl::Status CheckNumber(const char* flag, int64_t got, int64_t least, int64_t most) {
  if (got >= least && got <= most) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("--", flag, ": got ", got, ", want ", least, " to ", most));
}

absl::Status CheckDuration(const char* flag, absl::Duration got, absl::Duration least,
                           absl::Duration most) {
  if (got >= least && got <= most) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("--", flag, ": got ", absl::FormatDuration(got),
                                                 ", want ", absl::FormatDuration(least), " to ",
                                                 absl::FormatDuration(most)));
}

}  // namespace

absl::Status CheckLimits(const ServerLimits& limits) {
  constexpr absl::Duration kDay = absl::Hours(24);
  for (const absl::Status& checked : {
           CheckNumber("message_bytes_max", limits.message_bytes_max, 1 << 10, 4 << 20),
           CheckNumber("metadata_bytes_max", limits.metadata_bytes_max, 1 << 10, 64 << 10),
           CheckNumber("streams_max", limits.streams_max, 1, 10'000),
           CheckNumber("connections_max", limits.connections_max, 1, 1'000'000),
           CheckNumber("write_queue_max", limits.write_queue_max, 1, 1'000'000),
           CheckNumber("read_queue_max", limits.read_queue_max, 1, 1'000'000),
           CheckNumber("commit_queue_max", limits.commit_queue_max, 1, 1'000'000),
           CheckNumber("commit_queue_events_max", limits.commit_queue_events_max, 1000,
                       100'000'000),
           CheckDuration("deadline_max", limits.deadline_max, absl::Seconds(1), kDay),
           CheckDuration("handshake_timeout", limits.handshake_timeout, absl::Milliseconds(100),
                         absl::Minutes(10)),
           CheckDuration("keepalive_time", limits.keepalive_time, absl::Seconds(1), kDay),
           CheckDuration("keepalive_timeout", limits.keepalive_timeout, absl::Seconds(1), kDay),
           CheckDuration("connection_age_max", limits.connection_age_max, absl::Seconds(1), kDay),
           CheckDuration("connection_age_grace", limits.connection_age_grace, absl::Seconds(1),
                         kDay),
           CheckNumber("calls_per_second", limits.calls_per_second, 0, rpc::kRateMax),
           CheckNumber("events_per_second", limits.events_per_second, 0, rpc::kRateMax),
       }) {
    OWO_RETURN_IF_ERROR(checked);
  }
  return absl::OkStatus();
}

}  // namespace owo::service
