// One call of one RPC, whatever transport it came by. A transport makes a Call, hands it the bytes
// of the request and sends what it is finished with:
//
//   class GrpcCall : public Call { … void Send(grpc::Status status) override; … };
//   call->Start(request_bytes);   // parses, runs the method; Send() follows, now or later
//
// A Method is what a transport knows of an RPC: its name, its messages and what runs it.

#ifndef OWO_SERVICE_RPC_CALL_H_
#define OWO_SERVICE_RPC_CALL_H_

#include <google/protobuf/arena.h>
#include <google/protobuf/message.h>
#include <grpcpp/support/status.h>

#include <array>
#include <functional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "service/rpc/calls_in_flight.h"

namespace owo::rpc {

class Call;

struct Method {
  std::string name;  // "Usage"
  CallKind kind = CallKind::kRead;
  const google::protobuf::Message* request = nullptr;   // its default instance
  const google::protobuf::Message* response = nullptr;  // the same
  // The method reads the bytes of the request by itself: request() must not be called.
  bool takes_bytes = false;
  // Runs a call, and finishes it exactly once, then or later. Does not block.
  std::function<void(Call&)> run;
};

// Request and response share an arena: their many parts are made and released together. A response
// is what its serialization says: parts of it may be in unknown fields.
class Call {
 public:
  // All outlive the call.
  Call(const Method& method, CallsInFlight& in_flight);
  virtual ~Call();
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  // Admits the call, parses the request and runs the method. Finishes a call that is refused, whose
  // caller has left or whose bytes are not a request. `bytes` are used before it returns, only.
  // The call may be gone when it returns.
  void Start(std::string_view bytes);

  template <typename Request>
  const Request& request() const {
    return *static_cast<const Request*>(request_);
  }
  template <typename Response>
  Response& response() {
    return *static_cast<Response*>(response_);
  }
  // For methods that take bytes; valid until run() returns.
  std::string_view request_bytes() const { return request_bytes_; }

  // Reserves memory for an answer of about `bytes`; false if the budget is used up.
  [[nodiscard]] bool ReserveAnswer(size_t bytes);
  // Finishes a call whose caller has left or whose deadline is past: there is nothing to do for it.
  bool FinishedIfOver();
  // Answers with the response, or with an error. The call may be gone when it returns.
  void Finish(grpc::Status status);

 protected:
  // Sends the response if the status is OK, and destroys the call when that is done: when the
  // transport needs the answer's bytes no more.
  virtual void Send(grpc::Status status) = 0;
  virtual bool IsCancelled() const = 0;
  virtual absl::Time Deadline() const = 0;

  // For Send(): the response, its sizes computed, and how many bytes it has.
  const google::protobuf::Message& response_message() const { return *response_; }
  size_t response_bytes() const { return response_bytes_; }
  // Releases request and response.
  void ReleaseMessages();

 private:
  static constexpr size_t kFirstBlockBytes = 1024;  // enough for the calls that are made most

  const Method& method_;
  CallsInFlight& in_flight_;
  CallsInFlight::Hold hold_;
  alignas(8) std::array<char, kFirstBlockBytes> first_block_;
  google::protobuf::Arena arena_{first_block_.data(), first_block_.size()};
  google::protobuf::Message* request_ = nullptr;
  google::protobuf::Message* response_ = nullptr;
  std::string_view request_bytes_;
  size_t held_bytes_ = 0;  // besides the answer
  size_t response_bytes_ = 0;
};

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_CALL_H_
