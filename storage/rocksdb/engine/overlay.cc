#include "storage/rocksdb/engine/overlay.h"

#include <rocksdb/file_system.h>

#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "storage/rocksdb/engine/reading_lock.h"

namespace owo::storage {

using rocksdb::FileOptions;
using rocksdb::FileSystem;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

namespace {

constexpr char kName[] = "owo.overlay";

std::string Normal(const std::string& path) {
  std::filesystem::path normal = std::filesystem::path(path).lexically_normal();
  if (!normal.has_filename()) normal = normal.parent_path();  // "/data/"
  return normal.string();
}

bool IsMissing(const rocksdb::Status& status) {
  return status.IsNotFound() || status.IsPathNotFound();
}

// Files in memory need no sync.
class DirectoryInMemory : public rocksdb::FSDirectory {
 public:
  IOStatus Fsync(const IOOptions& /*options*/, IODebugContext* /*debug*/) override {
    return IOStatus::OK();
  }
};

}  // namespace

class OverlayFiles final : public rocksdb::FileSystemWrapper {
 public:
  explicit OverlayFiles(rocksdb::Env& below)
      : FileSystemWrapper(below.GetFileSystem()),
        below_(below),
        above_(rocksdb::NewMemEnv(rocksdb::Env::Default())) {}
  const char* Name() const override { return kName; }

  uint64_t Bytes() const {
    const absl::MutexLock lock(&mutex_);
    uint64_t bytes = 0;
    for (const std::string& path : written_) {
      uint64_t size = 0;
      if (above_->GetFileSize(path, &size).ok()) bytes += size;
    }
    return bytes;
  }
  void Clear() {
    const absl::MutexLock lock(&mutex_);
    for (const std::string& path : written_) above_->DeleteFile(path).PermitUncheckedError();
    written_.clear();
    directories_.clear();
    removed_.clear();
  }

  IOStatus NewSequentialFile(const std::string& name, const FileOptions& options,
                             std::unique_ptr<rocksdb::FSSequentialFile>* file,
                             IODebugContext* debug) override {
    const std::string path = Normal(name);
    FileSystem* const files = Holder(path);
    if (files == nullptr) return IOStatus::PathNotFound(path);
    return files->NewSequentialFile(path, options, file, debug);
  }
  IOStatus NewRandomAccessFile(const std::string& name, const FileOptions& options,
                               std::unique_ptr<rocksdb::FSRandomAccessFile>* file,
                               IODebugContext* debug) override {
    const std::string path = Normal(name);
    FileSystem* const files = Holder(path);
    if (files == nullptr) return IOStatus::PathNotFound(path);
    return files->NewRandomAccessFile(path, options, file, debug);
  }
  IOStatus NewWritableFile(const std::string& name, const FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* file,
                           IODebugContext* debug) override {
    const std::string path = Normal(name);
    const absl::MutexLock lock(&mutex_);
    written_.insert(path);
    return above().NewWritableFile(path, options, file, debug);
  }
  IOStatus NewRandomRWFile(const std::string& name, const FileOptions& options,
                           std::unique_ptr<rocksdb::FSRandomRWFile>* file,
                           IODebugContext* debug) override {
    const std::string path = Normal(name);
    const absl::MutexLock lock(&mutex_);
    IOStatus status = CopyUp(path);
    return status.ok() ? above().NewRandomRWFile(path, options, file, debug) : status;
  }
  IOStatus NewDirectory(const std::string& /*name*/, const IOOptions& /*options*/,
                        std::unique_ptr<rocksdb::FSDirectory>* directory,
                        IODebugContext* /*debug*/) override {
    *directory = std::make_unique<DirectoryInMemory>();
    return IOStatus::OK();
  }

  IOStatus FileExists(const std::string& name, const IOOptions& options,
                      IODebugContext* debug) override {
    const std::string path = Normal(name);
    if (IsMade(path)) return IOStatus::OK();
    FileSystem* const files = Holder(path);
    if (files == nullptr) return IOStatus::NotFound(path);
    return files->FileExists(path, options, debug);
  }
  IOStatus GetChildren(const std::string& name, const IOOptions& options,
                       std::vector<std::string>* children, IODebugContext* debug) override {
    const std::string path = Normal(name);
    IOStatus status = target()->GetChildren(path, options, children, debug);
    if (!status.ok() && !IsMissing(status)) return status;
    if (!status.ok()) children->clear();
    std::set<std::string> names(children->begin(), children->end());
    const absl::MutexLock lock(&mutex_);
    for (const std::string& removed : removed_) EraseChild(path, removed, names);
    for (const auto* const made : {&written_, &directories_}) {
      for (const std::string& each : *made) {
        if (std::filesystem::path(each).parent_path() != path) continue;
        names.insert(std::filesystem::path(each).filename().string());
      }
    }
    if (names.empty() && !status.ok() && !directories_.contains(path)) return status;
    children->assign(names.begin(), names.end());
    return IOStatus::OK();
  }
  IOStatus GetChildrenFileAttributes(const std::string& name, const IOOptions& options,
                                     std::vector<rocksdb::FileAttributes>* files,
                                     IODebugContext* debug) override {
    // NOLINTNEXTLINE(bugprone-parent-virtual-call): the wrapper's would not see what is in memory
    return FileSystem::GetChildrenFileAttributes(name, options, files, debug);
  }
  IOStatus GetFileSize(const std::string& name, const IOOptions& options, uint64_t* size,
                       IODebugContext* debug) override {
    const std::string path = Normal(name);
    FileSystem* const files = Holder(path);
    if (files == nullptr) return IOStatus::PathNotFound(path);
    return files->GetFileSize(path, options, size, debug);
  }
  IOStatus GetFileModificationTime(const std::string& name, const IOOptions& options,
                                   uint64_t* time, IODebugContext* debug) override {
    const std::string path = Normal(name);
    FileSystem* const files = Holder(path);
    if (files == nullptr) return IOStatus::PathNotFound(path);
    return files->GetFileModificationTime(path, options, time, debug);
  }
  IOStatus IsDirectory(const std::string& name, const IOOptions& options, bool* is_directory,
                       IODebugContext* debug) override {
    *is_directory = IsMade(Normal(name));
    if (*is_directory) return IOStatus::OK();
    return target()->IsDirectory(name, options, is_directory, debug);
  }

  IOStatus DeleteFile(const std::string& name, const IOOptions& options,
                      IODebugContext* debug) override {
    const std::string path = Normal(name);
    IOStatus status = FileExists(path, options, debug);
    if (!status.ok()) return status;
    const absl::MutexLock lock(&mutex_);
    if (written_.erase(path) == 1) status = above().DeleteFile(path, options, debug);
    removed_.insert(path);
    return status;
  }
  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                      IODebugContext* debug) override {
    const absl::MutexLock lock(&mutex_);
    IOStatus status = CopyUp(Normal(from));
    if (status.ok()) status = above().RenameFile(Normal(from), Normal(to), options, debug);
    if (!status.ok()) return status;
    written_.erase(Normal(from));
    removed_.insert(Normal(from));
    written_.insert(Normal(to));
    return status;
  }
  IOStatus LinkFile(const std::string& from, const std::string& to, const IOOptions& options,
                    IODebugContext* debug) override {
    const absl::MutexLock lock(&mutex_);
    IOStatus status = CopyUp(Normal(from));
    if (status.ok()) status = above().LinkFile(Normal(from), Normal(to), options, debug);
    if (status.ok()) written_.insert(Normal(to));
    return status;
  }
  IOStatus Truncate(const std::string& name, size_t size, const IOOptions& options,
                    IODebugContext* debug) override {
    const absl::MutexLock lock(&mutex_);
    IOStatus status = CopyUp(Normal(name));
    return status.ok() ? above().Truncate(Normal(name), size, options, debug) : status;
  }
  IOStatus CreateDir(const std::string& name, const IOOptions& options,
                     IODebugContext* debug) override {
    return CreateDirIfMissing(name, options, debug);
  }
  IOStatus CreateDirIfMissing(const std::string& name, const IOOptions& options,
                              IODebugContext* debug) override {
    if (target()->FileExists(name, options, debug).ok()) return IOStatus::OK();
    const absl::MutexLock lock(&mutex_);
    directories_.insert(Normal(name));
    return IOStatus::OK();
  }
  IOStatus DeleteDir(const std::string& name, const IOOptions& /*options*/,
                     IODebugContext* /*debug*/) override {
    const absl::MutexLock lock(&mutex_);
    directories_.erase(Normal(name));
    return IOStatus::OK();
  }

  IOStatus LockFile(const std::string& name, const IOOptions& options, rocksdb::FileLock** lock,
                    IODebugContext* debug) override {
    return LockForReading(*target(), name, options, lock, debug);
  }
  IOStatus UnlockFile(rocksdb::FileLock* lock, const IOOptions& options,
                      IODebugContext* debug) override {
    return UnlockForReading(*target(), lock, options, debug);
  }
  IOStatus GetFreeSpace(const std::string& /*path*/, const IOOptions& /*options*/, uint64_t* free,
                        IODebugContext* /*debug*/) override {
    *free = uint64_t{1} << 40;
    return IOStatus::OK();
  }

  // Not used by a store.
  IOStatus ReopenWritableFile(const std::string& /*name*/, const FileOptions& /*options*/,
                              std::unique_ptr<rocksdb::FSWritableFile>* /*file*/,
                              IODebugContext* /*debug*/) override {
    return IOStatus::NotSupported("reopening a file of an overlay");
  }
  IOStatus ReuseWritableFile(const std::string& /*name*/, const std::string& /*former*/,
                             const FileOptions& /*options*/,
                             std::unique_ptr<rocksdb::FSWritableFile>* /*file*/,
                             IODebugContext* /*debug*/) override {
    return IOStatus::NotSupported("reusing a file of an overlay");
  }
  IOStatus NewMemoryMappedFileBuffer(
      const std::string& /*name*/,
      std::unique_ptr<rocksdb::MemoryMappedFileBuffer>* /*buffer*/) override {
    return IOStatus::NotSupported("mapping a file of an overlay");
  }

 private:
  FileSystem& above() const { return *above_->GetFileSystem(); }

  bool IsMade(const std::string& directory) const {
    const absl::MutexLock lock(&mutex_);
    return directories_.contains(directory);
  }
  // The file system to read the file from. Null if the file was removed.
  FileSystem* Holder(const std::string& path) const {
    const absl::MutexLock lock(&mutex_);
    if (written_.contains(path)) return &above();
    return removed_.contains(path) ? nullptr : target();
  }
  static void EraseChild(const std::string& directory, const std::filesystem::path& child,
                         std::set<std::string>& names) {
    if (child.parent_path() == directory) names.erase(child.filename().string());
  }
  IOStatus CopyUp(const std::string& path) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (written_.contains(path)) return IOStatus::OK();
    if (removed_.contains(path)) return IOStatus::PathNotFound(path);
    std::string bytes;
    rocksdb::Status status = rocksdb::ReadFileToString(&below_, path, &bytes);
    if (status.ok()) status = rocksdb::WriteStringToFile(above_.get(), bytes, path);
    if (status.ok()) written_.insert(path);
    return rocksdb::status_to_io_status(std::move(status));
  }

  rocksdb::Env& below_;
  const std::unique_ptr<rocksdb::Env> above_;

  mutable absl::Mutex mutex_;
  std::set<std::string> written_ ABSL_GUARDED_BY(mutex_);      // files in memory
  std::set<std::string> directories_ ABSL_GUARDED_BY(mutex_);  // made here
  std::set<std::string> removed_ ABSL_GUARDED_BY(mutex_);      // hidden, unless also in written_
};

Overlay::Overlay(rocksdb::Env& below)
    : files_(std::make_shared<OverlayFiles>(below)), env_(rocksdb::NewCompositeEnv(files_)) {}

Overlay::~Overlay() = default;

bool Overlay::IsOne(const rocksdb::Env& env) {
  return std::string_view(env.GetFileSystem()->Name()) == kName;
}
uint64_t Overlay::Bytes() const { return files_->Bytes(); }
void Overlay::Clear() { files_->Clear(); }

}  // namespace owo::storage
