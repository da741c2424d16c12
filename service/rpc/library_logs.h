// Sends what gRPC and Protocol Buffers log to a sink. Callers cause much of it and it repeats their
// bytes, so lines are rate-limited, and parse errors of requests, which callers receive anyway, are
// dropped.
//
//   const LibraryLogs library_logs(sink);   // until it is destroyed

#ifndef OWO_SERVICE_RPC_LIBRARY_LOGS_H_
#define OWO_SERVICE_RPC_LIBRARY_LOGS_H_

#include "service/rpc/bounded_log.h"

namespace owo::rpc {

// Takes effect for the whole process. The libraries know one receiver: of several objects, the
// newest receives all lines. What the libraries log while there is none is dropped.
class LibraryLogs {
 public:
  // REQUIRES: `sink` outlives this object.
  explicit LibraryLogs(telemetry::LogSink& sink);
  ~LibraryLogs();
  LibraryLogs(const LibraryLogs&) = delete;
  LibraryLogs& operator=(const LibraryLogs&) = delete;

 private:
  BoundedLog log_;
};

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_LIBRARY_LOGS_H_
