// Bounds what gRPC and Protocol Buffers write to stderr. Callers cause much of it and it repeats
// their bytes, so lines are escaped, truncated and rate-limited, and parse errors of requests,
// which callers receive anyway, are dropped.

#ifndef OWO_SERVICE_RPC_LIBRARY_LOGS_H_
#define OWO_SERVICE_RPC_LIBRARY_LOGS_H_

namespace owo::rpc {

// Takes effect for the whole process, from now on.
void BoundLibraryLogs();

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_LIBRARY_LOGS_H_
