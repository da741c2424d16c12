#include "tests/support/faulty_disk.h"

#include <rocksdb/file_system.h>

#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace owo {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

// What is known of the files, and whether the next write succeeds.
class FaultyDiskState {
 public:
  IOStatus BeginWrite() {
    const std::lock_guard lock(mutex_);
    if (writes_ >= writes_max_) return IOStatus::IOError("the power is off");
    ++writes_;
    return IOStatus::OK();
  }
  IOStatus BeginSync(const std::string& file) {
    {
      const std::lock_guard lock(mutex_);
      if (fail_log_syncs_ && file.ends_with(".log")) return IOStatus::IOError("the sync failed");
    }
    return BeginWrite();
  }

  void Made(const std::string& file) {
    const std::lock_guard lock(mutex_);
    files_[file] = {};
  }
  void Synced(const std::string& file, uint64_t size) {
    const std::lock_guard lock(mutex_);
    files_[file].synced = size;
  }
  void Renamed(const std::string& from, const std::string& to) {
    const std::lock_guard lock(mutex_);
    files_[to] = files_[from];
    files_.erase(from);
    List(to);
  }
  void Removed(const std::string& file) {
    const std::lock_guard lock(mutex_);
    files_.erase(file);
    List(file);
  }
  void DirectorySynced(const std::string& directory) {
    const std::lock_guard lock(mutex_);
    List(directory + "/");
  }

  int64_t writes() const {
    const std::lock_guard lock(mutex_);
    return writes_;
  }
  void Limit(int64_t more) {
    const std::lock_guard lock(mutex_);
    writes_max_ = writes_ + more;
  }
  bool IsOff() const {
    const std::lock_guard lock(mutex_);
    return writes_ >= writes_max_;
  }
  void FailLogSyncs(bool fail) {
    const std::lock_guard lock(mutex_);
    fail_log_syncs_ = fail;
  }
  void RestorePower(rocksdb::Env& disk, Random& random);

 private:
  struct File {
    uint64_t synced = 0;
    bool listed = false;  // it is still there after a loss of power
  };

  // REQUIRES: mutex_ is held.
  void List(const std::filesystem::path& beside) {
    for (auto& [name, file] : files_) {
      if (std::filesystem::path(name).parent_path() == beside.parent_path()) file.listed = true;
    }
  }

  mutable std::mutex mutex_;
  std::map<std::string, File> files_;
  int64_t writes_ = 0;
  int64_t writes_max_ = INT64_MAX;
  bool fail_log_syncs_ = false;
};

void FaultyDiskState::RestorePower(rocksdb::Env& disk, Random& random) {
  const std::lock_guard lock(mutex_);
  std::erase_if(files_, [&disk](const auto& entry) {
    return !entry.second.listed && disk.DeleteFile(entry.first).ok();
  });
  for (auto& [name, file] : files_) {
    std::string bytes;
    if (!rocksdb::ReadFileToString(&disk, name, &bytes).ok() || bytes.size() <= file.synced) {
      continue;
    }
    bytes.resize(static_cast<size_t>(
        random.Between(static_cast<int64_t>(file.synced), static_cast<int64_t>(bytes.size()))));
    rocksdb::WriteStringToFile(&disk, bytes, name).PermitUncheckedError();
    file.synced = bytes.size();
  }
  writes_max_ = INT64_MAX;
}

namespace {

class FaultyFile : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  FaultyFile(std::string name, std::unique_ptr<rocksdb::FSWritableFile> file,
             std::shared_ptr<FaultyDiskState> state)
      : FSWritableFileOwnerWrapper(std::move(file)),
        name_(std::move(name)),
        state_(std::move(state)) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    IOStatus status = state_->BeginWrite();
    return status.ok() ? FSWritableFileOwnerWrapper::Append(data, options, debug) : status;
  }
  IOStatus Append(const Slice& data, const IOOptions& options,
                  const rocksdb::DataVerificationInfo& /*verification*/,
                  IODebugContext* debug) override {
    return Append(data, options, debug);
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    IOStatus status = state_->BeginSync(name_);
    if (!status.ok()) return status;
    state_->Synced(name_, GetFileSize(options, debug));
    return FSWritableFileOwnerWrapper::Sync(options, debug);
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return Sync(options, debug);
  }

 private:
  const std::string name_;
  const std::shared_ptr<FaultyDiskState> state_;
};

class FaultyDirectory : public rocksdb::FSDirectoryWrapper {
 public:
  FaultyDirectory(std::string name, std::unique_ptr<rocksdb::FSDirectory> directory,
                  std::shared_ptr<FaultyDiskState> state)
      : FSDirectoryWrapper(std::move(directory)),
        name_(std::move(name)),
        state_(std::move(state)) {}

  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    IOStatus status = state_->BeginWrite();
    if (!status.ok()) return status;
    state_->DirectorySynced(name_);
    return FSDirectoryWrapper::Fsync(options, debug);
  }
  IOStatus FsyncWithDirOptions(const IOOptions& options, IODebugContext* debug,
                               const rocksdb::DirFsyncOptions& /*reason*/) override {
    return Fsync(options, debug);
  }

 private:
  const std::string name_;
  const std::shared_ptr<FaultyDiskState> state_;
};

class FaultyFileSystem : public rocksdb::FileSystemWrapper {
 public:
  FaultyFileSystem(const std::shared_ptr<rocksdb::FileSystem>& memory,
                   std::shared_ptr<FaultyDiskState> state)
      : FileSystemWrapper(memory), state_(std::move(state)) {}
  const char* Name() const override { return "owo.faulty"; }

  IOStatus NewWritableFile(const std::string& name, const FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* file,
                           IODebugContext* debug) override {
    IOStatus status = state_->BeginWrite();
    if (status.ok()) status = target()->NewWritableFile(name, options, file, debug);
    if (!status.ok()) return status;
    state_->Made(name);
    *file = std::make_unique<FaultyFile>(name, std::move(*file), state_);
    return status;
  }
  IOStatus NewDirectory(const std::string& name, const IOOptions& options,
                        std::unique_ptr<rocksdb::FSDirectory>* directory,
                        IODebugContext* debug) override {
    IOStatus status = target()->NewDirectory(name, options, directory, debug);
    if (!status.ok()) return status;
    *directory = std::make_unique<FaultyDirectory>(name, std::move(*directory), state_);
    return status;
  }
  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                      IODebugContext* debug) override {
    IOStatus status = state_->BeginWrite();
    if (status.ok()) status = target()->RenameFile(from, to, options, debug);
    if (status.ok()) state_->Renamed(from, to);
    return status;
  }
  IOStatus DeleteFile(const std::string& name, const IOOptions& options,
                      IODebugContext* debug) override {
    IOStatus status = state_->BeginWrite();
    if (status.ok()) status = target()->DeleteFile(name, options, debug);
    if (status.ok()) state_->Removed(name);
    return status;
  }
  // Not what a store should do: a reused log would keep bytes of former records.
  IOStatus ReuseWritableFile(const std::string& /*name*/, const std::string& /*former*/,
                             const FileOptions& /*options*/,
                             std::unique_ptr<rocksdb::FSWritableFile>* /*file*/,
                             IODebugContext* /*debug*/) override {
    return IOStatus::NotSupported("reusing a file");
  }

 private:
  const std::shared_ptr<FaultyDiskState> state_;
};

}  // namespace

FaultyDisk::FaultyDisk()
    : memory_(rocksdb::NewMemEnv(rocksdb::Env::Default())),
      state_(std::make_shared<FaultyDiskState>()),
      env_(rocksdb::NewCompositeEnv(
          std::make_shared<FaultyFileSystem>(memory_->GetFileSystem(), state_))) {}

FaultyDisk::~FaultyDisk() = default;

int64_t FaultyDisk::writes() const { return state_->writes(); }
void FaultyDisk::CutPowerAfter(int64_t writes) { state_->Limit(writes); }
bool FaultyDisk::power_is_off() const { return state_->IsOff(); }
void FaultyDisk::RestorePower(Random& random) { state_->RestorePower(*memory_, random); }
void FaultyDisk::FailLogSyncs(bool fail) { state_->FailLogSyncs(fail); }

}  // namespace owo
