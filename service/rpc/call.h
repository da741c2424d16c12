// One call of one RPC, independent of the transport. A transport creates a Call, passes it the
// bytes of the request, and implements Send():
//
//   class GrpcCall : public Call { … void Send(grpc::Status status) override; … };
//   call->Start(request_bytes);   // parses, runs the method; Send() follows, now or later
//
// A Method describes an RPC to the transports: its name, its message types and its handler.

#ifndef OWO_SERVICE_RPC_CALL_H_
#define OWO_SERVICE_RPC_CALL_H_

#include <google/protobuf/arena.h>
#include <google/protobuf/message.h>
#include <grpcpp/support/status.h>

#include <array>
#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "service/ledger/call_context.h"
#include "service/rpc/authenticator.h"
#include "service/rpc/bounded_log.h"
#include "service/rpc/call_metrics.h"
#include "service/rpc/calls_in_flight.h"
#include "service/rpc/rate_limits.h"

namespace owo::rpc {

using ledger::CallContext;

class Call;

struct Method {
  std::string name;  // "Usage"
  CallKind kind = CallKind::kRead;
  const google::protobuf::Message* request = nullptr;   // its default instance
  const google::protobuf::Message* response = nullptr;  // its default instance
  // Set if the method parses the bytes of the request itself: then request() must not be called.
  // Returns about how much memory the bytes take while the call is processed. Must be cheap: it is
  // called before the call is admitted.
  size_t (*memory_of)(std::string_view request) = nullptr;
  CallMetrics metrics;  // set by the transport
  // What the caller needs, according to the RPC's descriptor; set by the transport. Without it
  // nobody may call.
  RpcAccess needs;
  // Runs a call. Must finish it exactly once, during the call or later. Must not block.
  std::function<void(Call&)> run;
};

// What all calls share. REQUIRES: what it refers to outlives the calls.
struct CallParts {
  CallsInFlight& in_flight;
  const Authenticator& authenticator;
  // While the disk is full or a file is damaged, every call fails in the same way.
  BoundedLog& log;
  telemetry::MetricsSink& metrics;
  RateLimits* rates = nullptr;  // null: no limits
  // Closes the connection of a peer, which is named as gRPC does. Empty: such calls are only
  // refused.
  std::function<void(std::string_view peer)> disconnect;
  // The latest deadline of a call, from its arrival.
  absl::Duration deadline_max = absl::InfiniteDuration();
};

// Request and response share an arena, so that their many parts are allocated and freed together.
// Parts of a response may be stored as unknown fields: only its serialized form is meaningful.
class Call : public ledger::CallNames {
 public:
  // All arguments must outlive the call.
  Call(const Method& method, const CallParts& parts);
  ~Call() override;
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  // Authenticates and admits the call, parses the request and runs the method. Finishes the call
  // itself if its caller may not make it, if it is not admitted, exceeds the tenant's rate, was
  // cancelled, is past its deadline, or has malformed bytes or too many fields. `bytes` need to be
  // valid only until Start() returns. The call may be destroyed when it returns.
  void Start(std::string_view bytes);

  // Who makes the call, for which tenant, by which clock, and until when. Valid until the call is
  // answered.
  const CallContext& context() const { return context_; }
  // The first value of `x-request-id` and `traceparent` if it is of printable ASCII and at most
  // kNameMax bytes; else "".
  static constexpr size_t kNameMax = 128;
  std::string_view correlation_id() const final;
  std::string_view traceparent() const final;

  template <typename Request>
  const Request& request() const {
    return *static_cast<const Request*>(request_);
  }
  template <typename Response>
  Response& response() {
    return *static_cast<Response*>(response_);
  }
  // For methods with memory_of; valid until run() returns.
  std::string_view request_bytes() const { return request_bytes_; }

  // Reserves memory for an answer of about `bytes`. Returns false if the budget is exhausted.
  [[nodiscard]] bool ReserveAnswer(size_t bytes);
  // Counts `bytes` more, which the call holds until it is answered, even beyond the budget.
  void HoldMore(size_t bytes);
  // Charges `events` to the tenant. Finishes the call and returns false if the tenant exceeds its
  // rate.
  [[nodiscard]] bool ChargeEvents(size_t events);
  // Finishes the call and returns true if it was cancelled or its deadline has passed.
  bool FinishedIfOver();
  // Sends the response, or an error. The call may be destroyed when it returns. Errors of the
  // ledger are converted by ToGrpc(), and logged if callers do not receive their details.
  void Finish(grpc::Status status);
  void Finish(const absl::Status& status);
  // Logs an error that is a part of the answer, as Finish() logs one that is all of it.
  void LogDetails(const absl::Status& error) const;

 protected:
  // Sends the response if the status is OK, or the error. Destroys the call once the transport no
  // longer needs the bytes of the answer.
  virtual void Send(grpc::Status status) = 0;
  virtual bool IsCancelled() const = 0;
  // In microseconds of the system clock; storage::kForever if the call has none.
  virtual storage::Micros Deadline() const = 0;
  // The first value of a key in the metadata that the caller sent, "" if there is none. Valid until
  // Send().
  virtual std::string_view Metadata(std::string_view key) const = 0;

  // Closes the connection of the caller, which does not read what it is sent.
  virtual void Disconnect() {}

  const CallParts& parts() const { return parts_; }
  // For Send(): the response with its sizes computed, and its size in bytes.
  const google::protobuf::Message& response_message() const { return *response_; }
  size_t response_bytes() const { return response_bytes_; }
  // Frees request and response.
  void ReleaseMessages();

 private:
  storage::Micros CappedDeadline() const;
  // Finishes the call and returns false if the tenant exceeds its rate of calls.
  bool ChargeCall();
  bool IsAdmitted() const { return admitted_ != std::chrono::steady_clock::time_point(); }

  static constexpr size_t kFirstBlockBytes = 1024;  // enough for the most frequent calls

  const Method& method_;
  const CallParts& parts_;
  Caller caller_;
  CallContext context_;
  CallsInFlight::Hold hold_;
  alignas(8) std::array<char, kFirstBlockBytes> first_block_;
  google::protobuf::Arena arena_{first_block_.data(), first_block_.size()};
  google::protobuf::Message* request_ = nullptr;
  google::protobuf::Message* response_ = nullptr;
  std::string_view request_bytes_;
  std::chrono::steady_clock::time_point admitted_{};  // zero: it was not
  size_t held_bytes_ = 0;                             // reserved bytes, without the answer
  size_t response_bytes_ = 0;
};

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_CALL_H_
