#include "service/rpc/characters.h"

#include <algorithm>
#include <cstdint>
#include <iterator>

namespace owo::rpc {
namespace {

struct Range {
  uint32_t first;
  uint32_t last;
};

// Unicode 15: categories Cf, Zl, Zp, Co, and Zs without U+0020. Ascending.
constexpr Range kInvisible[] = {
    {0x00A0, 0x00A0},   {0x00AD, 0x00AD},     {0x0600, 0x0605},   {0x061C, 0x061C},
    {0x06DD, 0x06DD},   {0x070F, 0x070F},     {0x0890, 0x0891},   {0x08E2, 0x08E2},
    {0x1680, 0x1680},   {0x180E, 0x180E},     {0x2000, 0x200F},   {0x2028, 0x202F},
    {0x205F, 0x206F},   {0x3000, 0x3000},     {0xE000, 0xF8FF},   {0xFEFF, 0xFEFF},
    {0xFFF9, 0xFFFB},   {0x110BD, 0x110BD},   {0x110CD, 0x110CD}, {0x13430, 0x1343F},
    {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A},   {0xE0001, 0xE0001}, {0xE0020, 0xE007F},
    {0xF0000, 0xFFFFD}, {0x100000, 0x10FFFD},
};

// Without a branch per byte, so that it compiles to vector instructions.
bool IsPrintableAscii(std::string_view text) {
  bool other = false;
  for (const char c : text) other |= static_cast<unsigned char>(c - 0x20) > 0x7E - 0x20;
  return !other;
}

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// Removes the first code point from `text` and returns it.
// REQUIRES: `text` is not empty.
uint32_t TakeCharacter(std::string_view& text) {
  const auto lead = static_cast<unsigned char>(text.front());
  uint32_t code = lead < 0x80   ? lead
                  : lead < 0xE0 ? lead & 0x1F
                  : lead < 0xF0 ? lead & 0x0F
                                : lead & 0x07;
  text.remove_prefix(1);
  while (!text.empty() && IsContinuation(text.front())) {
    code = code << 6 | (static_cast<unsigned char>(text.front()) & 0x3F);
    text.remove_prefix(1);
  }
  return code;
}

bool IsInvisible(uint32_t code) {
  const auto* const after =
      std::upper_bound(std::begin(kInvisible), std::end(kInvisible), code,
                       [](uint32_t c, const Range& range) { return c < range.first; });
  return after != std::begin(kInvisible) && code <= std::prev(after)->last;
}

}  // namespace

bool HasControls(std::string_view text) {
  if (IsPrintableAscii(text)) return false;  // almost every event id
  while (!text.empty()) {
    const uint32_t code = TakeCharacter(text);
    if (code < 0x20 || (code >= 0x7F && code < 0xA0)) return true;
  }
  return false;
}

bool HasInvisible(std::string_view text) {
  if (IsPrintableAscii(text)) return false;
  while (!text.empty()) {
    if (IsInvisible(TakeCharacter(text))) return true;
  }
  return false;
}

size_t CountCharacters(std::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !IsContinuation(c); }));
}

}  // namespace owo::rpc
