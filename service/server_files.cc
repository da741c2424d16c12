#include "service/server_files.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "absl/strings/str_cat.h"

namespace owo::service {
namespace {

constexpr mode_t kOthers = S_IRWXG | S_IRWXO;
constexpr mode_t kMode = 07777;

// Returns whether the directory exists and grants other users any permission.
bool IsOpen(const std::string& path, struct stat& facts) {
  return stat(path.c_str(), &facts) == 0 && S_ISDIR(facts.st_mode) &&
         (facts.st_mode & kOthers) != 0;
}

void Close(const std::string& path) {
  struct stat facts {};
  const bool may_close =
      IsOpen(path, facts) && facts.st_uid == geteuid() && (facts.st_mode & S_ISVTX) == 0;
  // MakePrivate() checks the result afterwards.
  if (may_close) static_cast<void>(chmod(path.c_str(), facts.st_mode & kMode & ~kOthers));
}

bool IsStoreOrEmpty(const std::string& data_dir) {
  std::error_code error;
  return std::filesystem::exists(data_dir + "/WATERMARK", error) ||
         (std::filesystem::is_empty(data_dir, error) && !error);
}

}  // namespace

void MakeNewFilesPrivate() { umask(kOthers); }

absl::Status MakePrivate(const std::string& data_dir) {
  if (IsStoreOrEmpty(data_dir)) Close(data_dir);
  struct stat facts {};
  const bool is_open = IsOpen(data_dir, facts);
  for (const char* const part : {"/db", "/sealed"}) {
    const std::string directory = data_dir + part;
    Close(directory);
    if (!is_open || !IsOpen(directory, facts)) continue;
    return absl::PermissionDeniedError(absl::StrCat(
        directory, " is open to other users, and its mode cannot be changed: make it 0700"));
  }
  return absl::OkStatus();
}

}  // namespace owo::service
