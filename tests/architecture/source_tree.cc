#include "tests/architecture/source_tree.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace owo::architecture {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 8> kDirectories = {".ci",   "client",  "deploy",  "docs",
                                                          "proto", "service", "storage", "tests"};

std::string Read(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) throw std::runtime_error("cannot read " + path.string());
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

void Add(const fs::path& root, const fs::path& path, std::vector<SourceFile>& files) {
  std::string text = Read(path);
  // A file with a NUL byte is not text, for example an image of the protobuf module or a database.
  if (text.find('\0') != std::string::npos) return;
  files.push_back({fs::relative(path, root).generic_string(), std::move(text)});
}

}  // namespace

std::vector<SourceFile> LoadSourceTree(const fs::path& root) {
  std::vector<SourceFile> files;
  for (const auto& entry : fs::directory_iterator(root)) {
    if (entry.is_regular_file()) Add(root, entry.path(), files);
  }
  for (const std::string_view directory : kDirectories) {
    if (!fs::exists(root / directory)) continue;
    fs::recursive_directory_iterator walk(root / directory);
    for (; walk != fs::recursive_directory_iterator(); ++walk) {
      if (walk->path().filename() == "node_modules") walk.disable_recursion_pending();
      if (walk->is_regular_file()) Add(root, walk->path(), files);
    }
  }
  std::sort(files.begin(), files.end(),
            [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
  return files;
}

std::vector<std::string_view> Lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string At(const SourceFile& file, size_t line, std::string_view message) {
  return file.path + ":" + std::to_string(line) + ": " + std::string(message);
}

bool HasExtension(const SourceFile& file, std::initializer_list<std::string_view> extensions) {
  const std::string extension = fs::path(file.path).extension().string();
  return std::find(extensions.begin(), extensions.end(), extension) != extensions.end();
}

}  // namespace owo::architecture
