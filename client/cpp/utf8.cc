#include "client/cpp/utf8.h"

#include <cstddef>
#include <cstdint>

#include "absl/strings/escaping.h"
#include "absl/strings/str_replace.h"

namespace owo {
namespace {

// Returns how many bytes follow `first` in its character; -1 if no character starts with it.
int FollowingBytes(uint8_t first) {
  if (first < 0x80) return 0;
  if (first < 0xc2) return -1;  // a continuation byte, or an overlong form of ASCII
  if (first < 0xe0) return 1;
  if (first < 0xf0) return 2;
  if (first < 0xf5) return 3;
  return -1;
}

// Returns whether `second` makes an overlong form, a surrogate, or a character above U+10FFFF.
bool IsOutOfRange(uint8_t first, uint8_t second) {
  switch (first) {
    case 0xe0:
      return second < 0xa0;
    case 0xed:
      return second >= 0xa0;
    case 0xf0:
      return second < 0x90;
    case 0xf4:
      return second >= 0x90;
    default:
      return false;
  }
}

}  // namespace

bool IsUtf8(absl::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const auto first = static_cast<uint8_t>(text[i]);
    const int following = FollowingBytes(first);
    if (following < 0 || text.size() - i <= static_cast<size_t>(following)) return false;
    if (following > 0 && IsOutOfRange(first, static_cast<uint8_t>(text[i + 1]))) return false;
    for (int j = 0; j < following; ++j) {
      if ((static_cast<uint8_t>(text[++i]) & 0xc0) != 0x80) return false;
    }
  }
  return true;
}

std::string Printable(absl::string_view text) {
  constexpr size_t kMax = 1000;
  const absl::string_view shown = text.substr(0, kMax);
  // CHexEscape also escapes quotes, which are harmless in logs and terminals.
  std::string line = absl::StrReplaceAll(absl::CHexEscape(shown),
                                         {{"\\\\", "\\\\"}, {"\\\"", "\""}, {"\\'", "'"}});
  if (shown.size() < text.size()) line += "...";
  return line;
}

}  // namespace owo
