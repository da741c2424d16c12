#include "service/rpc/page_token.h"

#include "absl/strings/escaping.h"

namespace owo::rpc {
namespace {

constexpr char kVersion = 1;
constexpr size_t kSealBytes = 8;
constexpr size_t kTokenMax = 1024;

}  // namespace

std::string PageTokens::Seal(std::string_view position) const {
  return Sha256(query_ + std::string(position)).substr(0, kSealBytes);
}

std::string PageTokens::Make(std::string_view position) const {
  if (position.empty()) return "";
  return absl::WebSafeBase64Escape(kVersion + Seal(position) + std::string(position));
}

std::optional<std::string> PageTokens::Read(const std::string& token) const {
  if (token.empty()) return "";
  std::string bytes;
  if (token.size() > kTokenMax || !absl::WebSafeBase64Unescape(token, &bytes)) return std::nullopt;
  if (bytes.size() <= 1 + kSealBytes || bytes[0] != kVersion) return std::nullopt;
  const std::string position = bytes.substr(1 + kSealBytes);
  if (bytes.compare(1, kSealBytes, Seal(position)) != 0) return std::nullopt;
  return position;
}

}  // namespace owo::rpc
