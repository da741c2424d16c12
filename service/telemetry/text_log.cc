#include "service/telemetry/text_log.h"

#include <algorithm>
#include <cstdio>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "storage/util/printable.h"

namespace owo::telemetry {
namespace {

// `text` as it is if it is one word, else in quotes.
std::string ValueText(std::string_view text) {
  const auto is_of_word = [](unsigned char c) {
    return absl::ascii_isgraph(c) && c != '"' && c != '=';
  };
  std::string printable = storage::Printable(text, TextLog::kTextMax);
  if (std::ranges::all_of(printable, is_of_word)) return printable;
  return absl::StrCat("\"", absl::StrReplaceAll(printable, {{"\"", "\\\""}}), "\"");
}

}  // namespace

std::string TextLog::Line(Severity severity, std::string_view message,
                          std::span<const LogField> fields) const {
  std::string line = absl::StrCat(program_, ": ", std::string(NameOf(severity)), ": ",
                                  storage::Printable(message, kTextMax));
  for (const LogField& field : fields.first(std::min(fields.size(), kFieldsMax))) {
    if (field.value.empty()) continue;
    absl::StrAppend(&line, " ", std::string(field.key), "=", ValueText(field.value));
  }
  return line + "\n";
}

void TextLog::Write(Severity severity, std::string_view message, std::span<const LogField> fields) {
  // stderr has no buffer and a lock: one call writes one whole line.
  const std::string line = Line(severity, message, fields);
  std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace owo::telemetry
