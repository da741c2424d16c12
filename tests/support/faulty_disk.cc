#include "tests/support/faulty_disk.h"

#include <rocksdb/file_system.h>

#include <algorithm>
#include <string>
#include <utility>

#include "tests/support/faulty_disk_state.h"

namespace owo {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

namespace {

class FaultyFile : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  FaultyFile(std::string name, std::unique_ptr<rocksdb::FSWritableFile> file,
             std::shared_ptr<FaultyDiskState> state)
      : FSWritableFileOwnerWrapper(std::move(file)),
        name_(std::move(name)),
        state_(std::move(state)) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    IOStatus status = state_->BeginGrowth();
    if (status.ok()) return FSWritableFileOwnerWrapper::Append(data, options, debug);
    if (FaultyDiskState::MeetsFull(status)) {  // part of the data is still written
      FSWritableFileOwnerWrapper::Append(Slice(data.data(), data.size() / 2), options, debug)
          .PermitUncheckedError();
    }
    return status;
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

// A file that is written in place or appended to.
class FaultyPlaces : public rocksdb::FSRandomRWFileOwnerWrapper {
 public:
  FaultyPlaces(std::string name, std::unique_ptr<rocksdb::FSRandomRWFile> file, uint64_t size,
               std::shared_ptr<FaultyDiskState> state)
      : FSRandomRWFileOwnerWrapper(std::move(file)),
        name_(std::move(name)),
        state_(std::move(state)),
        size_(size) {}

  IOStatus Write(uint64_t offset, const Slice& data, const IOOptions& options,
                 IODebugContext* debug) override {
    const uint64_t end = offset + data.size();
    IOStatus status = end > size_ ? state_->BeginGrowth() : state_->BeginWrite();
    if (FaultyDiskState::MeetsFull(status)) {
      // Part of the data is still written. Space is allocated in blocks, so the part ends with a
      // sector.
      const uint64_t half = offset + data.size() / 2;
      const uint64_t written_end = std::max(offset, half - half % kSectorBytes);
      Put(offset, Slice(data.data(), written_end - offset), options, debug).PermitUncheckedError();
    }
    return status.ok() ? Put(offset, data, options, debug) : status;
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    IOStatus status = state_->BeginSync(name_);
    if (!status.ok()) return status;
    state_->Synced(name_, size_);
    return FSRandomRWFileOwnerWrapper::Sync(options, debug);
  }

 private:
  IOStatus Put(uint64_t offset, const Slice& data, const IOOptions& options,
               IODebugContext* debug) {
    std::string former(data.size(), '\0');  // a lost sector after the old end reads as zeros
    const size_t inside = std::min<uint64_t>(data.size(), size_ - offset);
    Slice read;
    IOStatus status = Read(offset, inside, options, &read, former.data(), debug);
    if (!status.ok()) return status;
    former.replace(0, read.size(), read.data(), read.size());
    state_->Overwritten(name_, offset, former);
    size_ = std::max(size_, offset + data.size());
    return FSRandomRWFileOwnerWrapper::Write(offset, data, options, debug);
  }

  const std::string name_;
  const std::shared_ptr<FaultyDiskState> state_;
  uint64_t size_;
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
  IOStatus NewRandomRWFile(const std::string& name, const FileOptions& options,
                           std::unique_ptr<rocksdb::FSRandomRWFile>* file,
                           IODebugContext* debug) override {
    uint64_t size = 0;
    IOStatus status = target()->GetFileSize(name, options.io_options, &size, debug);
    if (status.ok()) status = target()->NewRandomRWFile(name, options, file, debug);
    if (status.ok()) *file = std::make_unique<FaultyPlaces>(name, std::move(*file), size, state_);
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
  IOStatus LinkFile(const std::string& from, const std::string& to, const IOOptions& options,
                    IODebugContext* debug) override {
    IOStatus status = state_->BeginWrite();
    if (status.ok()) status = target()->LinkFile(from, to, options, debug);
    if (status.ok()) state_->Linked(from, to);
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
  // Reports space even when writes fail, as a disk does if a quota is used up.
  IOStatus GetFreeSpace(const std::string& /*path*/, const IOOptions& /*options*/, uint64_t* free,
                        IODebugContext* /*debug*/) override {
    *free = uint64_t{1} << 40;
    return IOStatus::OK();
  }
  // A store should not reuse a log: it would contain bytes of earlier records.
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
void FaultyDisk::FillAfter(int64_t writes, Full full) {
  state_->LimitGrowth(writes, full == Full::kByQuota);
}
void FaultyDisk::Free() { state_->LimitGrowth(INT64_MAX, /*by_quota=*/false); }
bool FaultyDisk::is_full() const { return state_->IsFull(); }
void FaultyDisk::FailLogSyncs(bool fail) { state_->FailLogSyncs(fail); }

}  // namespace owo
