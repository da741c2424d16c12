#include "storage/util/printable.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_replace.h"

namespace owo::storage {

std::string Printable(std::string_view text, size_t max) {
  const std::string_view shown = text.substr(0, max);
  // Quotes are harmless in logs and terminals, so they are not escaped.
  std::string line =
      absl::StrReplaceAll(absl::CHexEscape(absl::string_view(shown.data(), shown.size())),
                          {{"\\\\", "\\\\"}, {"\\\"", "\""}, {"\\'", "'"}});
  if (shown.size() < text.size()) line += "...";
  return line;
}

}  // namespace owo::storage
