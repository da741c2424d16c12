#include "tests/architecture/code_only.h"

#include <algorithm>
#include <cctype>

namespace owo::architecture {
namespace {

bool IsWordCharacter(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

// Returns the end of the token that starts with `opening` characters and ends with `closing`.
size_t After(std::string_view text, std::string_view closing, size_t opening) {
  const size_t end = text.find(closing, opening);
  return end == std::string_view::npos ? text.size() : end + closing.size();
}

// Returns the length of a quoted literal at the start of `text`. An escaped quote does not end it.
size_t QuotedLength(std::string_view text) {
  size_t i = 1;
  while (i < text.size() && text[i] != text[0]) i += text[i] == '\\' ? 2 : 1;
  return std::min(i + 1, text.size());
}

// R"delimiter( … )delimiter"
size_t RawStringLength(std::string_view text) {
  const size_t open = std::min(text.find('('), text.size());
  const std::string closing = ")" + std::string(text.substr(2, open - 2)) + "\"";
  return After(text, closing, open);
}

// Returns how many characters at the start of `text` are not code. `before` is the previous
// character.
size_t LengthOfNoCode(std::string_view text, char before) {
  if (text.starts_with("//")) return std::min(text.find('\n'), text.size());
  if (text.starts_with("/*")) return After(text, "*/", 2);
  if (text.starts_with("R\"")) return RawStringLength(text);
  // A quote between digits, as in 1'000, is a separator.
  if (text[0] == '"' || (text[0] == '\'' && !IsWordCharacter(before))) return QuotedLength(text);
  return 0;
}

}  // namespace

std::string CodeOnly(std::string_view text) {
  std::string code(text);
  size_t i = 0;
  while (i < text.size()) {
    const size_t length = LengthOfNoCode(text.substr(i), i == 0 ? ' ' : text[i - 1]);
    for (size_t j = i; j < i + length; ++j) {
      if (code[j] != '\n') code[j] = ' ';
    }
    i += std::max<size_t>(length, 1);
  }
  return code;
}

bool HasWord(std::string_view line, std::string_view word) {
  for (size_t at = line.find(word); at != std::string_view::npos; at = line.find(word, at + 1)) {
    const size_t end = at + word.size();
    const bool starts = at == 0 || !IsWordCharacter(line[at - 1]);
    if (starts && (end == line.size() || !IsWordCharacter(line[end]))) return true;
  }
  return false;
}

}  // namespace owo::architecture
