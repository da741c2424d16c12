#include "tests/bench/traffic.h"

#include <grpcpp/support/proto_buffer_reader.h>
#include <grpcpp/support/slice.h>

#include <stdexcept>

#include "grpc/health/v1/health.pb.h"

namespace owo::bench {

void Traffic::Answered(const Call&, grpc::ByteBuffer&) {}

grpc::ByteBuffer ToBytes(const std::string& serialized) {
  const grpc::Slice slice(serialized);
  return {&slice, 1};
}

grpc::ByteBuffer ToBytes(const google::protobuf::Message& message) {
  return ToBytes(message.SerializeAsString());
}

void Parse(grpc::ByteBuffer& bytes, google::protobuf::Message& message) {
  grpc::ProtoBufferReader reader(&bytes);
  if (!reader.status().ok() || !message.ParseFromZeroCopyStream(&reader)) {
    throw std::runtime_error("an answer is no " + message.GetTypeName());
  }
}

bool FixedTraffic::Next(Call& call) {
  call.method = method_;
  call.request = request_;
  return true;
}

FixedTraffic EmptyCalls() {
  return {"/grpc.health.v1.Health/Check", grpc::health::v1::HealthCheckRequest()};
}

void ListedTraffic::Add(const char* method, const google::protobuf::Message& request) {
  calls_.push_back({.method = method, .request = ToBytes(request), .number = calls_.size()});
}

bool ListedTraffic::Next(Call& call) {
  if (next_ == calls_.size()) return false;
  call = calls_[next_++];
  return true;
}

void ListedTraffic::Answered(const Call& call, grpc::ByteBuffer& answer) {
  if (on_answer_) on_answer_(call.number, answer);
}

bool MixedTraffic::Next(Call& call) {
  call.lane = turn_++ % lanes_.size();
  return lanes_[call.lane]->Next(call);
}

}  // namespace owo::bench
