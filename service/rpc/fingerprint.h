// A hash of the content of a request: 32 bytes, equal for equal requests, also across processes.
//
//   Fingerprint(request)          // for any message
//   RequestRefOf(request)         // for a message with a request_id, which is not hashed

#ifndef OWO_SERVICE_RPC_FINGERPRINT_H_
#define OWO_SERVICE_RPC_FINGERPRINT_H_

#include <google/protobuf/message.h>

#include <string>
#include <string_view>

#include "service/ledger/ledger_parts.h"

namespace owo::rpc {

std::string Sha256(std::string_view bytes);

// SHA-256 of the message's type and of its deterministic serialisation.
std::string Fingerprint(const google::protobuf::Message& message);

// Computes no fingerprint if there is no request_id: it serves only to recognize repetitions.
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
