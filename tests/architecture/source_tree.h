// The files of this repository, as the house rules see them.
//
//   for (const SourceFile& file : LoadSourceTree(root)) Check(file);

#ifndef OWO_TESTS_ARCHITECTURE_SOURCE_TREE_H_
#define OWO_TESTS_ARCHITECTURE_SOURCE_TREE_H_

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace owo::architecture {

struct SourceFile {
  std::string path;  // relative to the root of the repository, with '/'
  std::string text;
};

// What a rule found, one "path:line: what is wrong" each.
using Violations = std::vector<std::string>;

// The text files at the root and below the directories that hold what is ours; nothing that was
// built or installed. Sorted by path.
std::vector<SourceFile> LoadSourceTree(const std::filesystem::path& root);

// The lines of `text`, without their ends. They point into it.
std::vector<std::string_view> Lines(std::string_view text);

// "path:line: message"; `line` counts from 1.
std::string At(const SourceFile& file, size_t line, std::string_view message);

bool HasExtension(const SourceFile& file, std::initializer_list<std::string_view> extensions);

}  // namespace owo::architecture

#endif  // OWO_TESTS_ARCHITECTURE_SOURCE_TREE_H_
