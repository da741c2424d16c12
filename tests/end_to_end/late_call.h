// A call whose deadline has passed when it reaches the server. gRPC clients refuse to send such
// calls, but a slow network can produce them.
//
//   LateCall(server.endpoint(), "owo.billing.v1.Metering/Track", request.SerializeAsString());

#ifndef OWO_TESTS_END_TO_END_LATE_CALL_H_
#define OWO_TESTS_END_TO_END_LATE_CALL_H_

#include <string>

namespace owo {

// Returns when the server has ended the call, with any result.
void LateCall(const std::string& endpoint, const std::string& method, const std::string& request);

}  // namespace owo

#endif  // OWO_TESTS_END_TO_END_LATE_CALL_H_
