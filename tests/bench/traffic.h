// Traffic: the calls that a loop sends, one after the other, and the handling of their answers.
// Requests are bytes, so that making one costs almost nothing compared with the server on the same
// machine.
//
//   FixedTraffic empty("/grpc.health.v1.Health/Check", grpc::health::v1::HealthCheckRequest());
//   RunClosedLoop(target, empty, {.in_flight = 64, .duration = absl::Seconds(5)});

#ifndef OWO_TESTS_BENCH_TRAFFIC_H_
#define OWO_TESTS_BENCH_TRAFFIC_H_

#include <google/protobuf/message.h>
#include <grpcpp/support/byte_buffer.h>

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace owo::bench {

struct Call {
  const char* method = nullptr;  // "/package.Service/Method"
  grpc::ByteBuffer request;
  uint64_t number = 0;  // chosen by the traffic
  size_t lane = 0;      // in mixed traffic, the index of the traffic that made the call
};

// A loop calls Next() from one thread and Answered() from one thread, which may be a different one.
class Traffic {
 public:
  virtual ~Traffic() = default;

  // Makes the next call. Returns false if there are no more.
  virtual bool Next(Call& call) = 0;

  // Handles an OK answer. May consume `answer`. Throws if it is not as expected.
  virtual void Answered(const Call& call, grpc::ByteBuffer& answer);

  // Returns the units of one call: a thousand for a batch of a thousand events.
  virtual uint64_t units_per_call() const { return 1; }
};

grpc::ByteBuffer ToBytes(const google::protobuf::Message& message);
grpc::ByteBuffer ToBytes(const std::string& serialized);

// Parses an answer. Throws if it is not a `Message`.
void Parse(grpc::ByteBuffer& bytes, google::protobuf::Message& message);
template <typename Message>
Message As(grpc::ByteBuffer& bytes) {
  Message message;
  Parse(bytes, message);
  return message;
}

// Sends the same call again and again.
class FixedTraffic : public Traffic {
 public:
  FixedTraffic(const char* method, const google::protobuf::Message& request)
      : method_(method), request_(ToBytes(request)) {}

  bool Next(Call& call) override;

 private:
  const char* const method_;
  const grpc::ByteBuffer request_;
};

// Returns an empty unary call: that of the health service, which every server here has.
FixedTraffic EmptyCalls();

// Sends each call of a list once, in order.
class ListedTraffic : public Traffic {
 public:
  using OnAnswer = std::function<void(uint64_t number, grpc::ByteBuffer& answer)>;

  // `on_answer` may be empty.
  explicit ListedTraffic(OnAnswer on_answer = {}) : on_answer_(std::move(on_answer)) {}

  void Add(const char* method, const google::protobuf::Message& request);
  bool Next(Call& call) override;
  void Answered(const Call& call, grpc::ByteBuffer& answer) override;

 private:
  const OnAnswer on_answer_;
  std::vector<Call> calls_;
  size_t next_ = 0;
};

// Sends calls of several traffics in turns, until one has no more.
// REQUIRES: they outlive this object.
class MixedTraffic : public Traffic {
 public:
  explicit MixedTraffic(std::vector<Traffic*> lanes) : lanes_(std::move(lanes)) {}

  bool Next(Call& call) override;
  void Answered(const Call& call, grpc::ByteBuffer& answer) override {
    lanes_[call.lane]->Answered(call, answer);
  }

 private:
  const std::vector<Traffic*> lanes_;
  size_t turn_ = 0;
};

}  // namespace owo::bench

#endif  // OWO_TESTS_BENCH_TRAFFIC_H_
