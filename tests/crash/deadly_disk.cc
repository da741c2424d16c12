#include "tests/crash/deadly_disk.h"

#include <rocksdb/file_system.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <string>
#include <utility>
#include <vector>

namespace owo {
namespace {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

class Death {
 public:
  explicit Death(const DeadlyDiskOptions& options)
      : loses_unsynced(options.loses_unsynced), point_(options.point), left_(options.passes) {}

  void Pass(KillPoint point) {
    if (point != point_ || --left_ > 0) return;
    kill(getpid(), SIGKILL);
    for (;;) pause();
  }

  const bool loses_unsynced;

 private:
  const KillPoint point_;
  std::atomic<int> left_;
};

bool IsLog(const std::string& name) { return name.ends_with(".log"); }
bool IsTable(const std::string& name) { return name.ends_with(".sst"); }
bool IsManifest(const std::string& name) { return name.find("MANIFEST") != std::string::npos; }

class DeadlyFile : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  DeadlyFile(std::string name, std::unique_ptr<rocksdb::FSWritableFile> file,
             std::shared_ptr<Death> death)
      : FSWritableFileOwnerWrapper(std::move(file)),
        name_(std::move(name)),
        death_(std::move(death)) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    IOStatus status;
    if (death_->loses_unsynced) {
      held_.append(data.data(), data.size());
    } else {
      status = FSWritableFileOwnerWrapper::Append(data, options, debug);
    }
    if (IsTable(name_)) death_->Pass(KillPoint::kTableWriting);
    return status;
  }
  IOStatus Append(const Slice& data, const IOOptions& options,
                  const rocksdb::DataVerificationInfo& /*verification*/,
                  IODebugContext* debug) override {
    return Append(data, options, debug);
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    IOStatus status = Release(options, debug);
    if (status.ok()) status = FSWritableFileOwnerWrapper::Sync(options, debug);
    if (IsManifest(name_)) death_->Pass(KillPoint::kManifestSynced);
    return status;
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return Sync(options, debug);
  }
  // Writes the held data, as the system does some time after a close.
  IOStatus Close(const IOOptions& options, IODebugContext* debug) override {
    IOStatus status = Release(options, debug);
    return status.ok() ? FSWritableFileOwnerWrapper::Close(options, debug) : status;
  }
  uint64_t GetFileSize(const IOOptions& options, IODebugContext* debug) override {
    return FSWritableFileOwnerWrapper::GetFileSize(options, debug) + held_.size();
  }

 private:
  IOStatus Release(const IOOptions& options, IODebugContext* debug) {
    if (held_.empty()) return IOStatus::OK();
    IOStatus status = FSWritableFileOwnerWrapper::Append(held_, options, debug);
    held_.clear();
    return status;
  }

  const std::string name_;
  const std::shared_ptr<Death> death_;
  std::string held_;
};

// A file that is written in place: a write-ahead log, or the watermark.
class DeadlyPlaces : public rocksdb::FSRandomRWFileOwnerWrapper {
 public:
  DeadlyPlaces(bool is_log, std::unique_ptr<rocksdb::FSRandomRWFile> file,
               std::shared_ptr<Death> death)
      : FSRandomRWFileOwnerWrapper(std::move(file)), is_log_(is_log), death_(std::move(death)) {}

  IOStatus Write(uint64_t offset, const Slice& data, const IOOptions& options,
                 IODebugContext* debug) override {
    if (is_log_) death_->Pass(KillPoint::kBeforeWrite);
    IOStatus status;
    if (death_->loses_unsynced) {
      held_.emplace_back(offset, data.ToString());
    } else {
      status = FSRandomRWFileOwnerWrapper::Write(offset, data, options, debug);
    }
    death_->Pass(is_log_ ? KillPoint::kLogWritten : KillPoint::kBeforeAnswer);
    return status;
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    IOStatus status = Release(options, debug);
    if (status.ok()) status = FSRandomRWFileOwnerWrapper::Sync(options, debug);
    if (is_log_) death_->Pass(KillPoint::kLogSynced);
    return status;
  }
  // Writes the held data, as the system does some time after a close.
  IOStatus Close(const IOOptions& options, IODebugContext* debug) override {
    IOStatus status = Release(options, debug);
    return status.ok() ? FSRandomRWFileOwnerWrapper::Close(options, debug) : status;
  }

 private:
  IOStatus Release(const IOOptions& options, IODebugContext* debug) {
    IOStatus status;
    for (const auto& [offset, bytes] : held_) {
      if (status.ok()) status = FSRandomRWFileOwnerWrapper::Write(offset, bytes, options, debug);
    }
    held_.clear();
    return status;
  }

  const bool is_log_;
  const std::shared_ptr<Death> death_;
  std::vector<std::pair<uint64_t, std::string>> held_;
};

class DeadlyFileSystem : public rocksdb::FileSystemWrapper {
 public:
  explicit DeadlyFileSystem(const DeadlyDiskOptions& options)
      : FileSystemWrapper(rocksdb::FileSystem::Default()),
        death_(std::make_shared<Death>(options)) {}
  const char* Name() const override { return "owo.deadly"; }

  IOStatus NewWritableFile(const std::string& name, const FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* file,
                           IODebugContext* debug) override {
    IOStatus status = target()->NewWritableFile(name, options, file, debug);
    if (status.ok()) *file = std::make_unique<DeadlyFile>(name, std::move(*file), death_);
    return status;
  }
  IOStatus NewRandomRWFile(const std::string& name, const FileOptions& options,
                           std::unique_ptr<rocksdb::FSRandomRWFile>* file,
                           IODebugContext* debug) override {
    IOStatus status = target()->NewRandomRWFile(name, options, file, debug);
    if (status.ok()) {
      *file = std::make_unique<DeadlyPlaces>(IsLog(name), std::move(*file), death_);
    }
    return status;
  }

 private:
  const std::shared_ptr<Death> death_;
};

}  // namespace

std::optional<KillPoint> KillPointOf(std::string_view name) {
  const auto* const found = std::find(kKillPointNames.begin(), kKillPointNames.end(), name);
  if (found == kKillPointNames.end()) return std::nullopt;
  return static_cast<KillPoint>(found - kKillPointNames.begin());
}

std::unique_ptr<rocksdb::Env> NewDeadlyDisk(const DeadlyDiskOptions& options) {
  return rocksdb::NewCompositeEnv(std::make_shared<DeadlyFileSystem>(options));
}

}  // namespace owo
