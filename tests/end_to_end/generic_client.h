// A client that is not built for the API: it learns it from the server, by reflection, as grpcurl
// does, or from a file of descriptors, as `grpcurl -protoset` does.
//
//   GenericClient client(server.endpoint());
//   Answer answer = client.Call("owo.billing.v1.Billing/Usage", R"({"customer": "user_123"})");
//   answer.code                        // "OK"
//   answer.body["total_estimated"]     // "8731"

#ifndef OWO_TESTS_END_TO_END_GENERIC_CLIENT_H_
#define OWO_TESTS_END_TO_END_GENERIC_CLIENT_H_

#include <google/protobuf/descriptor.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "tests/end_to_end/json.h"

namespace owo {

struct Answer {
  std::string code;  // "OK", "NOT_FOUND"
  std::string message;
  Json body;     // with the field names of the protos; fields without presence are always present
  Json details;  // grpc-status-details-bin, "{}" if there was none

  // Returns a field of the detail with this type, for example "google.rpc.ErrorInfo". "{}" if there
  // is no such detail.
  std::string Detail(const std::string& type, std::string_view path) const;
  std::string Reason() const { return Detail("google.rpc.ErrorInfo", "reason"); }
  // Returns the first wrong field.
  std::string Field() const { return Detail("google.rpc.BadRequest", "field_violations.0.field"); }
};

struct CallOptions {
  // Relative to now; the call fails after this time.
  std::chrono::milliseconds timeout = std::chrono::minutes(1);
  // Adds this many bytes, in a field that the server does not know.
  size_t padding = 0;
};

// Thread-safe. Throws on wrong use, such as a method that the server does not have.
class GenericClient {
 public:
  explicit GenericClient(const std::string& endpoint);
  // `descriptor_set`: a file with a google.protobuf.FileDescriptorSet.
  GenericClient(const std::string& endpoint, const std::string& descriptor_set);
  ~GenericClient();

  // By reflection.
  std::vector<std::string> Services();
  // Returns "owo.billing.v1.Billing/Usage" and so on.
  std::vector<std::string> Methods(const std::string& service);
  // What is known of the API, with comments; reflection is asked for more as it is looked for.
  const google::protobuf::DescriptorPool& pool() const;

  // Returns the bytes of a request that is given in JSON.
  std::string Encode(const std::string& method, const std::string& request);

  Answer Call(const std::string& method, const std::string& request,
              const CallOptions& options = {});

 private:
  class ServerFiles;
  struct Connection;

  const std::unique_ptr<Connection> connection_;
};

}  // namespace owo

#endif  // OWO_TESTS_END_TO_END_GENERIC_CLIENT_H_
