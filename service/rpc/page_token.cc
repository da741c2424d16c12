#include "service/rpc/page_token.h"

#include "absl/strings/escaping.h"

namespace owo::rpc {
namespace {

constexpr char kVersion = 1;
constexpr size_t kChecksumBytes = 8;
constexpr size_t kTokenMax = 1024;

}  // namespace

std::string PageTokens::Checksum(std::string_view cursor) const {
  return Sha256(query_ + std::string(cursor)).substr(0, kChecksumBytes);
}

std::string PageTokens::Make(std::string_view cursor) const {
  if (cursor.empty()) return "";
  return absl::WebSafeBase64Escape(kVersion + Checksum(cursor) + std::string(cursor));
}

std::optional<std::string> PageTokens::Read(const std::string& token) const {
  if (token.empty()) return "";
  std::string bytes;
  if (token.size() > kTokenMax || !absl::WebSafeBase64Unescape(token, &bytes)) return std::nullopt;
  if (bytes.size() <= 1 + kChecksumBytes || bytes[0] != kVersion) return std::nullopt;
  const std::string cursor = bytes.substr(1 + kChecksumBytes);
  if (bytes.compare(1, kChecksumBytes, Checksum(cursor)) != 0) return std::nullopt;
  return cursor;
}

}  // namespace owo::rpc
