// Calls of any RPC by its name, with any metadata, and the whole answer.
//
//   const ApiAnswer answer = CallApi(channel, "Billing/Usage", request, "Bearer owo_sk_live_…");
//   answer.reason;   // "CUSTOMER_NOT_FOUND"
#ifndef OWO_TESTS_SUPPORT_API_CALL_H_
#define OWO_TESTS_SUPPORT_API_CALL_H_

#include <google/protobuf/message.h>
#include <grpcpp/channel.h>
#include <grpcpp/support/status.h>

#include <map>
#include <memory>
#include <string>

namespace owo {

struct ApiAnswer {
  grpc::StatusCode code = grpc::StatusCode::OK;
  std::string message;
  std::string details;   // the bytes of grpc-status-details-bin
  std::string response;  // its bytes
  // Of the google.rpc.ErrorInfo.
  std::string reason;
  std::map<std::string, std::string> metadata;
};

// `authorization`: the value of that metadata; "": none is sent. `rpc` lacks the package.
ApiAnswer CallApi(const std::shared_ptr<grpc::Channel>& channel, const std::string& rpc,
                  const google::protobuf::Message& request, const std::string& authorization);

// The same, for an answer that must be OK; a failure fails the test.
template <typename Response>
Response MustCallApi(const std::shared_ptr<grpc::Channel>& channel, const std::string& rpc,
                     const google::protobuf::Message& request, const std::string& authorization);

// Fails the test unless the answer is OK.
void ExpectOk(const ApiAnswer& answer, const std::string& rpc);

template <typename Response>
Response MustCallApi(const std::shared_ptr<grpc::Channel>& channel, const std::string& rpc,
                     const google::protobuf::Message& request, const std::string& authorization) {
  const ApiAnswer answer = CallApi(channel, rpc, request, authorization);
  ExpectOk(answer, rpc);
  Response response;
  response.ParseFromString(answer.response);
  return response;
}

}  // namespace owo

#endif  // OWO_TESTS_SUPPORT_API_CALL_H_
