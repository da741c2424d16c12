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

// Whether code has `Name(` of its own, which is not a call of an object's function, or defines a
// type with the name. A name in lower case is a field or a variable.
bool Defines(std::string_view code, std::string_view name) {
  if (std::islower(static_cast<unsigned char>(name.front())) != 0) return HasWord(code, name);
  for (const std::string_view type : {"class ", "struct ", "enum class "}) {
    if (HasWord(code, std::string(type) + std::string(name))) return true;
  }
  const std::string call = std::string(name) + "(";
  for (size_t at = code.find(call); at != code.npos; at = code.find(call, at + 1)) {
    const std::string_view before = code.substr(0, at);
    const bool whole = before.empty() || !IsWord(before.substr(at - 1));
    if (whole && !before.ends_with('.') && !before.ends_with("->")) return true;
  }
  return false;
}

void CheckSymbol(const SourceFile& doc, size_t number, const SourceFile& file,
                 std::string_view span, Violations& violations) {
  if (!IsWord(span) || Defines(CodeOnly(file.text), span)) return;
  violations.push_back(At(doc, number, file.path + " does not define " + std::string(span)));
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
    } else if (file != nullptr) {
      CheckSymbol(doc, number, *file, span, violations);
    }
  }
}

// In a row of a table, checks links "[`Symbol`, `Other`](../../path.h)".
void CheckLinks(const std::vector<SourceFile>& tree, const SourceFile& doc, size_t number,
                std::string_view line, Violations& violations) {
  if (!line.starts_with('|')) return;
  for (size_t middle = line.find("`]("); middle != line.npos;
       middle = line.find("`](", middle + 1)) {
    const size_t begin = line.rfind('[', middle);
    std::string_view to = line.substr(middle + 3);
    to = to.substr(0, to.find(')'));
    if (begin == line.npos || !IsPath(to)) continue;
    const std::string target =
        (path(doc.path).parent_path() / path(to)).lexically_normal().string();
    const SourceFile* const file = Find(tree, target);
    if (file == nullptr) {
      violations.push_back(At(doc, number, "no file ends with " + target));
      continue;
    }
    for (const std::string_view span : CodeSpans(line.substr(begin, middle + 1 - begin))) {
      CheckSymbol(doc, number, *file, span, violations);
    }
  }
}

// Whether the line has a word like @RATIO@, which stands for what was to be filled in.
bool HasBlank(std::string_view line) {
  for (size_t at = line.find('@'); at != line.npos; at = line.find('@', at + 1)) {
    size_t end = at + 1;
    while (end < line.size() && std::isupper(static_cast<unsigned char>(line[end])) != 0) ++end;
    if (end > at + 1 && end < line.size() && line[end] == '@') return true;
  }
  return false;
}

constexpr std::string_view kStoreDecision = "docs/decisions/0001-store-interface-and-postgres.md";

}  // namespace

Violations CheckDocs(const std::vector<SourceFile>& tree) {
  Violations violations;
  for (const SourceFile& doc : tree) {
    const path where(doc.path);
    if (!doc.path.starts_with("docs/") || where.extension() != ".md") continue;
    const bool is_page = where.parent_path() == "docs";
    size_t number = 0;
    for (const std::string_view line : Lines(doc.text)) {
      ++number;
      if (HasBlank(line)) violations.push_back(At(doc, number, "something is to be filled in"));
      if (is_page) CheckLine(tree, doc, number, line, violations);
      if (is_page || doc.path == kStoreDecision) CheckLinks(tree, doc, number, line, violations);
    }
  }
  return violations;
}

}  // namespace owo::architecture
