// CallsInFlight: unary calls of raw bytes over a few connections, with one queue for their
// completions. Both kinds of loops use it.
//
//   CallsInFlight calls(target, /*connections=*/4);
//   calls.Start(slot, due);
//   CallsInFlight::Slot* ended = calls.Next();

#ifndef OWO_TESTS_BENCH_CALLS_IN_FLIGHT_H_
#define OWO_TESTS_BENCH_CALLS_IN_FLIGHT_H_

#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/generic/generic_stub.h>

#include <chrono>
#include <memory>
#include <optional>
#include <vector>

#include "tests/bench/target.h"
#include "tests/bench/traffic.h"

namespace owo::bench {

// Start() may be called while another thread is in Next().
class CallsInFlight {
 public:
  using Clock = std::chrono::steady_clock;

  // A call. The slot can be reused once the call has ended.
  struct Slot {
    Call call;
    Clock::time_point began;
    grpc::Status status;
    grpc::ByteBuffer answer;
    std::optional<grpc::ClientContext> context;
    std::unique_ptr<grpc::GenericClientAsyncResponseReader> reader;
  };

  CallsInFlight(const Target& target, int connections);
  // REQUIRES: every call has ended.
  ~CallsInFlight();

  // Sends slot.call. REQUIRES: the slot exists until Next() has returned it.
  void Start(Slot& slot);

  // Waits until a call ends. Returns null once Close() was called and all calls were returned.
  Slot* Next();

  // No more calls may be started.
  void Close();

 private:
  std::vector<grpc::GenericStub> stubs_;
  size_t turn_ = 0;
  bool closed_ = false;
  grpc::CompletionQueue queue_;
};

}  // namespace owo::bench

#endif  // OWO_TESTS_BENCH_CALLS_IN_FLIGHT_H_
