#include "service/config/help_text.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace owo::config {
namespace {

constexpr size_t kFlagIndent = 2;
constexpr size_t kTextIndent = 6;

std::string ValueHelp(const FlagTable& table, const FlagSpec& flag) {
  const std::string value = flag.default_value.empty() ? "none" : std::string(flag.default_value);
  const std::string bounds = BoundsText(flag);
  return absl::StrCat("Default: ", value, ".",
                      bounds.empty() ? "" : absl::StrCat(" Bounds: ", bounds, "."),
                      " Variable: ", VariableOf(table, flag), ".");
}

}  // namespace

std::string Wrapped(std::string_view text, size_t indent) {
  const std::string blanks(indent, ' ');
  std::string lines;
  for (const absl::string_view paragraph :
       absl::StrSplit(absl::string_view(text.data(), text.size()), '\n')) {
    std::string line = blanks;
    for (const absl::string_view word : absl::StrSplit(paragraph, ' ', absl::SkipEmpty())) {
      const bool is_first = line.size() == indent;
      if (!is_first && line.size() + 1 + word.size() > kHelpColumnsMax) {
        absl::StrAppend(&lines, line, "\n");
        line = blanks;
      }
      absl::StrAppend(&line, line.size() == indent ? "" : " ", word);
    }
    absl::StrAppend(&lines, line, "\n");
  }
  return lines;
}

std::string FlagsHelp(const FlagTable& table, unsigned commands) {
  std::string text;
  std::string_view group;
  for (const FlagSpec& flag : table.flags) {
    if ((flag.commands & commands) == 0) continue;
    if (flag.group != group) absl::StrAppend(&text, "\n", std::string(flag.group), ":\n");
    group = flag.group;
    const std::string value =
        flag.type == FlagType::kSwitch ? "" : absl::StrCat("=", std::string(flag.placeholder));
    absl::StrAppend(&text, std::string(kFlagIndent, ' '), "--", std::string(flag.name), value, "\n",
                    Wrapped(flag.help, kTextIndent), Wrapped(ValueHelp(table, flag), kTextIndent));
  }
  return text;
}

}  // namespace owo::config
