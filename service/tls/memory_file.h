// A file in memory, for libraries that read a path. Its content is replaced as a whole: a reader
// gets the old bytes or the new ones, never a mixture.
//
//   OWO_TRY(const std::unique_ptr<MemoryFile> file, MemoryFile::Make("identity", pem));
//   Use(file->path());             // "/proc/self/fd/12"
//   OWO_RETURN_IF_ERROR(file->Replace(newer));

#ifndef OWO_SERVICE_TLS_MEMORY_FILE_H_
#define OWO_SERVICE_TLS_MEMORY_FILE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace owo::tls {

// Only this process can open the file. Not thread-safe, but its path may be read at any time.
class MemoryFile {
 public:
  // `name`: for people who look at the process's descriptors.
  static absl::StatusOr<std::unique_ptr<MemoryFile>> Make(std::string name,
                                                          std::string_view content);
  ~MemoryFile();
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  std::string path() const;
  // Each content has a later modification time than the one before, by at least one second: readers
  // compare times to see whether two files changed while they read them. On failure the old content
  // stays.
  absl::Status Replace(std::string_view content);

 private:
  explicit MemoryFile(std::string name) : name_(std::move(name)) {}
  absl::StatusOr<int> NewDescriptor(std::string_view content);

  const std::string name_;
  int descriptor_ = -1;
  int64_t modified_s_ = 0;
};

}  // namespace owo::tls

#endif  // OWO_SERVICE_TLS_MEMORY_FILE_H_
