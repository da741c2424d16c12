#include "storage/rocksdb/engine/reading_lock.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "absl/strings/match.h"

namespace owo::storage {

using rocksdb::IOStatus;

namespace {

struct ReadingLock : public rocksdb::FileLock {
  rocksdb::FileLock* exclusive = nullptr;
  int shared = -1;  // file descriptor; -1: not held
};

IOStatus LockShared(const std::string& path, int& descriptor) {
  descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    return IOStatus::IOError("While open a file for lock: " + path, std::strerror(errno));
  }
  struct flock lock {};
  lock.l_type = F_RDLCK;
  lock.l_whence = SEEK_SET;
  if (fcntl(descriptor, F_OFD_SETLK, &lock) == 0) return IOStatus::OK();
  const int error = errno;
  close(descriptor);
  return IOStatus::IOError("While lock file: " + path, std::strerror(error));
}

}  // namespace

bool MayNotWrite(const rocksdb::Status& status) {
  const std::string text = status.ToString();
  return absl::StrContains(text, std::strerror(EACCES)) ||
         absl::StrContains(text, std::strerror(EROFS)) ||
         absl::StrContains(text, std::strerror(EPERM));
}

IOStatus LockForReading(rocksdb::FileSystem& files, const std::string& path,
                        const rocksdb::IOOptions& options, rocksdb::FileLock** lock,
                        rocksdb::IODebugContext* debug) {
  auto held = std::make_unique<ReadingLock>();
  if (files.FileExists(path, options, debug).ok()) {
    IOStatus status = files.LockFile(path, options, &held->exclusive, debug);
    if (MayNotWrite(status)) status = LockShared(path, held->shared);
    if (!status.ok()) return status;
  }
  *lock = held.release();
  return IOStatus::OK();
}

IOStatus UnlockForReading(rocksdb::FileSystem& files, rocksdb::FileLock* lock,
                          const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) {
  const std::unique_ptr<ReadingLock> held(static_cast<ReadingLock*>(lock));
  if (held->shared >= 0) close(held->shared);
  if (held->exclusive == nullptr) return IOStatus::OK();
  return files.UnlockFile(held->exclusive, options, debug);
}

}  // namespace owo::storage
