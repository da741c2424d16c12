#include "service/config/config_file.h"

#include <yaml-cpp/yaml.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>

#include "absl/strings/str_cat.h"

namespace owo::config {
namespace {

// The file, or its first kConfigFileBytesMax + 1 bytes; nullopt if it cannot be read.
std::optional<std::string> ReadBounded(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::string text(kConfigFileBytesMax + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return std::nullopt;
  text.resize(static_cast<size_t>(file.gcount()));
  return text;
}

std::string At(const std::string& path, const YAML::Mark& mark, const std::string& what) {
  return absl::StrCat(path, ":", mark.line + 1, ": ", what);
}

void AddEntries(const std::string& path, const YAML::Node& root, ConfigFile& file) {
  if (root.IsNull()) return;  // empty, or comments only
  if (!root.IsMap()) {
    file.mistakes.push_back(At(path, root.Mark(), "want lines of the form flag: value"));
    return;
  }
  for (const auto& entry : root) {
    const YAML::Node& key = entry.first;
    const YAML::Node& value = entry.second;
    if (!key.IsScalar()) {
      file.mistakes.push_back(At(path, key.Mark(), "want the name of a flag before the colon"));
    } else if (!value.IsScalar()) {
      file.mistakes.push_back(At(path, key.Mark(), absl::StrCat(key.Scalar(), ": want one value")));
    } else {
      file.entries.push_back({key.Scalar(), value.Scalar(), key.Mark().line + 1});
    }
  }
}

}  // namespace

ConfigFile ReadConfigFile(const std::string& path) {
  ConfigFile file;
  errno = 0;
  const std::optional<std::string> text = ReadBounded(path);
  if (!text.has_value()) {
    file.mistakes.push_back(
        absl::StrCat(path, ": cannot be read: ", std::strerror(errno != 0 ? errno : EIO)));
    return file;
  }
  if (text->size() > kConfigFileBytesMax) {
    file.mistakes.push_back(absl::StrCat(path, ": is larger than ", kConfigFileBytesMax, " bytes"));
    return file;
  }
  try {
    AddEntries(path, YAML::Load(*text), file);
  } catch (const YAML::Exception& wrong) {
    file.mistakes.push_back(At(path, wrong.mark, absl::StrCat("is not YAML: ", wrong.msg)));
  }
  return file;
}

}  // namespace owo::config
