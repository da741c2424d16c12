#include "tests/architecture/test_rules.h"

#include <algorithm>

namespace owo::architecture {
namespace {

// Whether the CMakeLists.txt of `directory` has a line that calls `command` with `argument` first.
bool Calls(const std::vector<SourceFile>& tree, const std::filesystem::path& directory,
           std::string_view command, const std::string& argument) {
  const std::string path = (directory / "CMakeLists.txt").generic_string();
  const auto file =
      std::find_if(tree.begin(), tree.end(), [&](const SourceFile& f) { return f.path == path; });
  if (file == tree.end()) return false;
  const std::string call = std::string(command) + "(" + argument;
  const std::vector<std::string_view> lines = Lines(file->text);
  return std::any_of(lines.begin(), lines.end(), [&](std::string_view line) {
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    return line.starts_with(call) &&
           (line.size() == call.size() || line[call.size()] == ' ' || line[call.size()] == ')');
  });
}

bool IsReached(const std::vector<SourceFile>& tree, const std::filesystem::path& directory) {
  if (directory == "tests") return true;
  const std::filesystem::path above = directory.parent_path();
  return Calls(tree, above, "add_subdirectory", directory.filename().string()) &&
         IsReached(tree, above);
}

}  // namespace

Violations CheckTestsAreRegistered(const std::vector<SourceFile>& tree) {
  Violations violations;
  for (const SourceFile& file : tree) {
    if (!file.path.starts_with("tests/") || !file.path.ends_with("_test.cc")) continue;
    const std::filesystem::path path(file.path);
    const std::string name = path.stem().string();
    if (!Calls(tree, path.parent_path(), "owo_test", name) ||
        !IsReached(tree, path.parent_path())) {
      violations.push_back(At(file, 1, "no owo_test(" + name + " ...) that the build reaches"));
    }
  }
  return violations;
}

}  // namespace owo::architecture
