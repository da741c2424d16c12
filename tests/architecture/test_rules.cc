#include "tests/architecture/test_rules.h"

#include <algorithm>

#include "tests/architecture/code_only.h"

namespace owo::architecture {
namespace {

// Returns the lines of a directory's CMakeLists.txt that are not comments, without indentation.
std::vector<std::string_view> CommandLines(const std::vector<SourceFile>& tree,
                                           const std::filesystem::path& directory) {
  const std::string path = (directory / "CMakeLists.txt").generic_string();
  const auto file =
      std::find_if(tree.begin(), tree.end(), [&](const SourceFile& f) { return f.path == path; });
  if (file == tree.end()) return {};
  std::vector<std::string_view> lines = Lines(file->text);
  for (std::string_view& line : lines) {
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  }
  std::erase_if(lines, [](std::string_view line) { return line.starts_with('#'); });
  return lines;
}

// Returns whether a line calls `command` with `argument` as its first argument.
bool Calls(const std::vector<std::string_view>& lines, const std::string& command,
           const std::string& argument) {
  const std::string call = command + "(" + argument;
  return std::any_of(lines.begin(), lines.end(), [&](std::string_view line) {
    return line.starts_with(call) &&
           (line.size() == call.size() || line[call.size()] == ' ' || line[call.size()] == ')');
  });
}

// Returns whether an owo_tests() call in `lines` lists the file as a source.
bool IsRegistered(const std::vector<std::string_view>& lines, const std::string& file) {
  bool inside = false;
  for (const std::string_view line : lines) {
    if (line.starts_with("owo_tests(")) inside = true;
    if (inside && HasWord(line, file)) return true;
    if (line.ends_with(')')) inside = false;
  }
  return false;
}

bool IsReached(const std::vector<SourceFile>& tree, const std::filesystem::path& directory) {
  if (directory == "tests") return true;
  const std::filesystem::path above = directory.parent_path();
  return Calls(CommandLines(tree, above), "add_subdirectory", directory.filename().string()) &&
         IsReached(tree, above);
}

}  // namespace

Violations CheckTestsAreRegistered(const std::vector<SourceFile>& tree) {
  Violations violations;
  for (const SourceFile& file : tree) {
    if (!file.path.starts_with("tests/") || !file.path.ends_with("_test.cc")) continue;
    const std::filesystem::path path(file.path);
    const std::string name = path.filename().string();
    if (!IsRegistered(CommandLines(tree, path.parent_path()), name) ||
        !IsReached(tree, path.parent_path())) {
      violations.push_back(At(file, 1, "no owo_tests() that the build reaches has " + name));
    }
  }
  return violations;
}

}  // namespace owo::architecture
