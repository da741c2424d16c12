// A call whose deadline is past when it reaches the server. No gRPC client makes one, as each of
// them refuses such a call by itself; a slow network does.
//
//   LateCall(server.endpoint(), "owo.billing.v1.Metering/Track", request.SerializeAsString());

#ifndef OWO_TESTS_END_TO_END_LATE_CALL_H_
#define OWO_TESTS_END_TO_END_LATE_CALL_H_

#include <string>

namespace owo {

// Returns when the server has ended the call, in whatever way.
void LateCall(const std::string& endpoint, const std::string& method, const std::string& request);

}  // namespace owo

#endif  // OWO_TESTS_END_TO_END_LATE_CALL_H_
