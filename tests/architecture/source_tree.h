// The files of this repository, as input of the house rules.
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

// The findings of a rule, each "path:line: what is wrong".
using Violations = std::vector<std::string>;

// Returns the text files at the root and in the directories with our own code, without build output
// and installed packages. Sorted by path.
std::vector<SourceFile> LoadSourceTree(const std::filesystem::path& root);

// Returns the lines of `text` without line ends. They point into `text`.
std::vector<std::string_view> Lines(std::string_view text);

// Returns "path:line: message"; `line` counts from 1.
std::string At(const SourceFile& file, size_t line, std::string_view message);

bool HasExtension(const SourceFile& file, std::initializer_list<std::string_view> extensions);

}  // namespace owo::architecture

#endif  // OWO_TESTS_ARCHITECTURE_SOURCE_TREE_H_
