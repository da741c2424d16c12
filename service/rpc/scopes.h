// The scopes of the API, and what an RPC says that it needs.
//
//   method.needs = NeedsOf(*descriptor);
//   std::optional<ledger::Scope> scope = FromProto(pb::SCOPE_READ);

#ifndef OWO_SERVICE_RPC_SCOPES_H_
#define OWO_SERVICE_RPC_SCOPES_H_

#include <google/protobuf/descriptor.h>

#include <optional>

#include "owo/billing/v1/access.pb.h"
#include "service/ledger/call_context.h"
#include "service/rpc/authenticator.h"

namespace owo::rpc {

// nullopt for a scope that there is not, such as SCOPE_UNSPECIFIED.
std::optional<ledger::Scope> FromProto(owo::billing::v1::Scope scope);
owo::billing::v1::Scope ToProto(ledger::Scope scope);

// The options of the RPC, `owo.billing.v1.scope` and `read_only`. Without them, nobody may call it.
RpcAccess NeedsOf(const google::protobuf::MethodDescriptor& rpc);

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_SCOPES_H_
