#include "tests/architecture/doc_rules.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>

#include "tests/architecture/code_only.h"

namespace owo::architecture {
namespace {

using std::filesystem::path;

// Returns what `line` has between backticks, in order.
std::vector<std::string_view> CodeSpans(std::string_view line) {
  std::vector<std::string_view> spans;
  for (size_t begin = line.find('`'); begin != line.npos; begin = line.find('`')) {
    line.remove_prefix(begin + 1);
    const size_t end = line.find('`');
    if (end == line.npos) break;
    spans.push_back(line.substr(0, end));
    line.remove_prefix(end + 1);
  }
  return spans;
}

bool IsPath(std::string_view text) {
  static const std::set<std::string> kExtensions = {".cc", ".h", ".proto", ".sh"};
  return text.find_first_of(" *<{") == text.npos &&
         kExtensions.contains(path(text).extension().string());
}

bool IsWord(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_';
  });
}

const SourceFile* Find(const std::vector<SourceFile>& tree, std::string_view name) {
  const auto found = std::find_if(tree.begin(), tree.end(), [name](const SourceFile& file) {
    return file.path == name || file.path.ends_with("/" + std::string(name));
  });
  return found == tree.end() ? nullptr : &*found;
}

// Whether symbols of the file `span` follow it: a colon, in a row of a table.
bool NamesSymbols(std::string_view line, std::string_view span) {
  const auto after = static_cast<size_t>(span.data() + span.size() + 1 - line.data());
  return line.starts_with('|') && line.substr(after).starts_with(':');
}

void CheckLine(const std::vector<SourceFile>& tree, const SourceFile& doc, size_t number,
               std::string_view line, Violations& violations) {
  const SourceFile* file = nullptr;  // whose symbols follow
  for (const std::string_view span : CodeSpans(line)) {
    if (IsPath(span)) {
      file = Find(tree, span);
      if (file == nullptr) {
        violations.push_back(At(doc, number, "no file ends with " + std::string(span)));
      } else if (!NamesSymbols(line, span)) {
        file = nullptr;
      }
    } else if (file != nullptr && IsWord(span) && !HasWord(file->text, span)) {
      violations.push_back(At(doc, number, file->path + " does not contain " + std::string(span)));
    }
  }
}

}  // namespace

Violations CheckDocs(const std::vector<SourceFile>& tree) {
  Violations violations;
  for (const SourceFile& doc : tree) {
    const path where(doc.path);
    if (where.parent_path() != "docs" || where.extension() != ".md") continue;
    size_t number = 0;
    for (const std::string_view line : Lines(doc.text)) {
      CheckLine(tree, doc, ++number, line, violations);
    }
  }
  return violations;
}

}  // namespace owo::architecture
