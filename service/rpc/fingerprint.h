// What a request says, in 32 bytes: equal for equal requests, also of another process.
//
//   Fingerprint(request)          // of any message
//   RequestRefOf(request)         // of one with a request_id, which is not part of what it says

#ifndef OWO_SERVICE_RPC_FINGERPRINT_H_
#define OWO_SERVICE_RPC_FINGERPRINT_H_

#include <google/protobuf/message.h>

#include <string>
#include <string_view>

#include "service/ledger/context.h"

namespace owo::rpc {

std::string Sha256(std::string_view bytes);

// SHA-256 of the message's type and of its deterministic serialisation.
std::string Fingerprint(const google::protobuf::Message& message);

// Without a request_id there is nothing to recognise, and no fingerprint is taken.
template <typename Request>
ledger::RequestRef RequestRefOf(Request request) {
  ledger::RequestRef ref{.id = request.request_id()};
  if (ref.id.empty()) return ref;
  request.clear_request_id();
  ref.fingerprint = Fingerprint(request);
  return ref;
}

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_FINGERPRINT_H_
