#include "service/rpc/client_certificate.h"

#include <grpc/grpc_security_constants.h>

#include <algorithm>
#include <string_view>

#include "absl/strings/ascii.h"

namespace owo::rpc {
namespace {

struct NameKind {
  const char* property;
  const char* prefix;
};

constexpr NameKind kNameKinds[] = {{GRPC_PEER_DNS_PROPERTY_NAME, "DNS:"},
                                   {GRPC_PEER_URI_PROPERTY_NAME, "URI:"},
                                   {GRPC_PEER_EMAIL_PROPERTY_NAME, "email:"},
                                   {GRPC_PEER_IP_PROPERTY_NAME, "IP:"}};

bool HasControl(std::string_view text) {
  return std::ranges::any_of(text, [](unsigned char c) { return absl::ascii_iscntrl(c); });
}

}  // namespace

std::vector<std::string> ClientCertificateNames(const grpc::AuthContext& context) {
  std::vector<std::string> names;
  if (!context.IsPeerAuthenticated()) return names;
  for (const NameKind& kind : kNameKinds) {
    for (const grpc::string_ref& value : context.FindPropertyValues(kind.property)) {
      const std::string_view text(value.data(), value.size());
      if (!HasControl(text)) names.push_back(kind.prefix + std::string(text));
    }
  }
  return names;
}

}  // namespace owo::rpc
