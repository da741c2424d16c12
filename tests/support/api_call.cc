#include "tests/support/api_call.h"

#include <grpcpp/client_context.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/support/byte_buffer.h>
#include <gtest/gtest.h>

#include "absl/synchronization/notification.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace owo {
namespace {

std::string TextOf(const grpc::ByteBuffer& buffer) {
  grpc::Slice slice;
  if (!buffer.Valid() || !buffer.DumpToSingleSlice(&slice).ok()) return "";
  return {reinterpret_cast<const char*>(slice.begin()), slice.size()};
}

}  // namespace

ApiAnswer CallApi(const std::shared_ptr<grpc::Channel>& channel, const std::string& rpc,
                  const google::protobuf::Message& request, const std::string& authorization) {
  grpc::GenericStub stub(channel);
  grpc::ClientContext context;
  if (!authorization.empty()) context.AddMetadata("authorization", authorization);
  const grpc::Slice slice(request.SerializeAsString());
  const grpc::ByteBuffer bytes(&slice, 1);
  grpc::ByteBuffer response;
  grpc::Status status;
  absl::Notification answered;
  stub.UnaryCall(&context, "/owo.billing.v1." + rpc, {}, &bytes, &response,
                 [&](const grpc::Status& result) {
                   status = result;
                   answered.Notify();
                 });
  answered.WaitForNotification();
  ApiAnswer answer{.code = status.error_code(),
                   .message = status.error_message(),
                   .details = status.error_details(),
                   .response = TextOf(response)};
  google::rpc::Status details;
  details.ParseFromString(answer.details);
  for (const google::protobuf::Any& detail : details.details()) {
    google::rpc::ErrorInfo info;
    if (!detail.Is<google::rpc::ErrorInfo>() || !detail.UnpackTo(&info)) continue;
    answer.reason = info.reason();
    answer.metadata.insert(info.metadata().begin(), info.metadata().end());
  }
  return answer;
}

void ExpectOk(const ApiAnswer& answer, const std::string& rpc) {
  EXPECT_EQ(answer.code, grpc::StatusCode::OK)
      << rpc << ": " << answer.reason << ": " << answer.message;
}

}  // namespace owo
