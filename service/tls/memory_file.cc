#include "service/tls/memory_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/util/try.h"

namespace owo::tls {
namespace {

absl::Status Failed(std::string_view what) {
  return absl::UnavailableError(absl::StrCat(std::string(what), ": ", std::strerror(errno)));
}

bool WriteAll(int descriptor, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = write(descriptor, content.data(), content.size());
    if (written < 0) return false;
    content.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

}  // namespace

absl::StatusOr<std::unique_ptr<MemoryFile>> MemoryFile::Make(std::string name,
                                                             std::string_view content) {
  auto file = std::unique_ptr<MemoryFile>(new MemoryFile(std::move(name)));
  OWO_TRY(file->descriptor_, file->NewDescriptor(content));
  return file;
}

MemoryFile::~MemoryFile() {
  if (descriptor_ >= 0) close(descriptor_);
}

std::string MemoryFile::path() const { return absl::StrCat("/proc/self/fd/", descriptor_); }

absl::Status MemoryFile::Replace(std::string_view content) {
  OWO_TRY(const int descriptor, NewDescriptor(content));
  // Readers that have opened the path keep the old file.
  const bool replaced = dup3(descriptor, descriptor_, O_CLOEXEC) >= 0;
  const absl::Status status = replaced ? absl::OkStatus() : Failed("dup3");
  close(descriptor);
  return status;
}

absl::StatusOr<int> MemoryFile::NewDescriptor(std::string_view content) {
  const int descriptor = memfd_create(name_.c_str(), MFD_CLOEXEC);
  if (descriptor < 0) return Failed("memfd_create");
  const int64_t modified_s = std::max<int64_t>(std::time(nullptr), modified_s_ + 1);
  const timespec time{.tv_sec = modified_s};
  const timespec times[] = {time, time};
  if (!WriteAll(descriptor, content) || fchmod(descriptor, S_IRUSR) != 0 ||
      futimens(descriptor, times) != 0) {
    const absl::Status status = Failed("a file in memory");
    close(descriptor);
    return status;
  }
  modified_s_ = modified_s;
  return descriptor;
}

}  // namespace owo::tls
