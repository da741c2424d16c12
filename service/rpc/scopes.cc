#include "service/rpc/scopes.h"

#include <array>
#include <utility>

namespace owo::rpc {
namespace {

namespace pb = ::owo::billing::v1;
using ledger::Scope;

constexpr std::array<std::pair<pb::Scope, Scope>, 5> kScopes = {
    {{pb::SCOPE_TRACK, Scope::kTrack},
     {pb::SCOPE_READ, Scope::kRead},
     {pb::SCOPE_BILLING, Scope::kBilling},
     {pb::SCOPE_ADMIN, Scope::kAdmin},
     {pb::SCOPE_OPERATOR, Scope::kOperator}}};

}  // namespace

std::optional<Scope> FromProto(pb::Scope scope) {
  for (const auto& [proto, value] : kScopes) {
    if (proto == scope) return value;
  }
  return std::nullopt;
}

pb::Scope ToProto(Scope scope) {
  for (const auto& [proto, value] : kScopes) {
    if (value == scope) return proto;
  }
  return pb::SCOPE_UNSPECIFIED;
}

RpcAccess NeedsOf(const google::protobuf::MethodDescriptor& rpc) {
  RpcAccess needs{.read_only = rpc.options().GetExtension(pb::read_only)};
  for (int i = 0; i < rpc.options().ExtensionSize(pb::scope); ++i) {
    const auto scope = FromProto(rpc.options().GetExtension(pb::scope, i));
    if (scope.has_value()) needs.any_of.Add(*scope);
  }
  return needs;
}

}  // namespace owo::rpc
