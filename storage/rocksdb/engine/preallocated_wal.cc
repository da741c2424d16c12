#include "storage/rocksdb/engine/preallocated_wal.h"

#include <rocksdb/file_system.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "storage/rocksdb/engine/replace_file.h"
#include "storage/rocksdb/engine/rocks_status.h"
#include "storage/rocksdb/engine/wal_format.h"
#include "storage/util/try.h"

namespace owo::storage {
namespace {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

constexpr char kLogSuffix[] = ".log";
constexpr size_t kPreallocatedBytes = 256 << 10;
// No zeros after a larger commit: it takes longer than syncing a size, and would be written twice.
constexpr size_t kPreallocatedCommitMax = 16 << 10;

constexpr std::array<char, kPreallocatedBytes> kZeros{};

// How many bytes RocksDB wrote to each log that is open for writing.
class LogSizes {
 public:
  using Size = std::shared_ptr<const std::atomic<uint64_t>>;

  void Add(const std::string& name, const Size& size) {
    const absl::MutexLock lock(&mutex_);
    sizes_[name] = size;
  }
  std::optional<uint64_t> Find(const std::string& name) const {
    const absl::MutexLock lock(&mutex_);
    const auto found = sizes_.find(name);
    const Size size = found == sizes_.end() ? nullptr : found->second.lock();
    if (size == nullptr) return std::nullopt;
    return size->load();
  }
  void Remove(const std::string& name) {
    const absl::MutexLock lock(&mutex_);
    sizes_.erase(name);
  }

 private:
  mutable absl::Mutex mutex_;
  std::map<std::string, std::weak_ptr<const std::atomic<uint64_t>>> sizes_ ABSL_GUARDED_BY(mutex_);
};

class PreallocatedWal : public rocksdb::FSWritableFile {
 public:
  explicit PreallocatedWal(std::unique_ptr<rocksdb::FSRandomRWFile> file)
      : file_(std::move(file)) {}
  // Valid as long as this object.
  LogSizes::Size size() const { return size_; }

  using FSWritableFile::Append;
  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    const uint64_t size = *size_ + data.size();
    IOStatus status = file_->Write(*size_, data, options, debug);
    if (!status.ok()) return status;
    *size_ = size;
    if (size <= allocated_size_) return status;
    allocated_size_ = size;
    if (!preallocates_ || data.size() > kPreallocatedCommitMax) return status;
    // If there is no room for zeros, the commit itself was written. A failed disk reports its error
    // in the sync.
    preallocates_ = file_->Write(size, Slice(kZeros.data(), kZeros.size()), options, debug).ok();
    if (preallocates_) allocated_size_ = size + kZeros.size();
    return status;
  }
  IOStatus Flush(const IOOptions& /*options*/, IODebugContext* /*debug*/) override {
    return IOStatus::OK();  // nothing is buffered
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    return file_->Sync(options, debug);
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return file_->Fsync(options, debug);
  }
  // DBImpl::SyncWAL fails an assertion after a failed write. So it returns NotSupported, which the
  // capture of live files accepts: every commit syncs by itself.
  bool IsSyncThreadSafe() const override { return false; }
  IOStatus Close(const IOOptions& options, IODebugContext* debug) override {
    return file_->Close(options, debug);
  }
  uint64_t GetFileSize(const IOOptions& /*options*/, IODebugContext* /*debug*/) override {
    return *size_;
  }

 private:
  const std::unique_ptr<rocksdb::FSRandomRWFile> file_;
  // Bytes that RocksDB wrote.
  const std::shared_ptr<std::atomic<uint64_t>> size_ = std::make_shared<std::atomic<uint64_t>>(0);
  uint64_t allocated_size_ = 0;
  bool preallocates_ = true;
};

class PreallocatedWalFileSystem : public rocksdb::FileSystemWrapper {
 public:
  using FileSystemWrapper::FileSystemWrapper;
  const char* Name() const override { return "owo.preallocated_wal"; }

  IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* file,
                           IODebugContext* debug) override {
    IOStatus status = target()->NewWritableFile(name, options, file, debug);
    if (!status.ok() || !absl::EndsWith(name, kLogSuffix)) return status;
    file->reset();  // now the file exists; reopen it for writing in place
    std::unique_ptr<rocksdb::FSRandomRWFile> in_place;
    status = target()->NewRandomRWFile(name, options, &in_place, debug);
    if (!status.ok()) return status;
    auto log = std::make_unique<PreallocatedWal>(std::move(in_place));
    sizes_.Add(name, log->size());
    *file = std::move(log);
    return status;
  }
  // Of a log that is being written, the size without the zeros. RocksDB copies a log up to its
  // size. A copy with zeros could hold the end of one commit and another whole one, both written
  // during the copying, but not the beginning of the first.
  IOStatus GetFileSize(const std::string& name, const IOOptions& options, uint64_t* size,
                       IODebugContext* debug) override {
    const std::optional<uint64_t> written = sizes_.Find(name);
    if (!written.has_value()) return target()->GetFileSize(name, options, size, debug);
    *size = *written;
    return IOStatus::OK();
  }
  IOStatus DeleteFile(const std::string& name, const IOOptions& options,
                      IODebugContext* debug) override {
    sizes_.Remove(name);
    return target()->DeleteFile(name, options, debug);
  }

 private:
  LogSizes sizes_;
};

// Paths of the logs, newest first.
absl::StatusOr<std::vector<std::string>> LogsIn(rocksdb::Env& env, const std::string& directory) {
  std::vector<std::string> logs;
  OWO_RETURN_IF_ERROR(FromRocks(env.GetChildren(directory, &logs)));
  std::erase_if(logs, [](const std::string& name) { return !absl::EndsWith(name, kLogSuffix); });
  std::sort(logs.begin(), logs.end(), [](const std::string& a, const std::string& b) {
    return std::pair(b.size(), b) < std::pair(a.size(), a);
  });
  for (std::string& log : logs) log = absl::StrCat(directory, "/", log);
  return logs;
}

// Reads a log into `buffer`, which all logs share: allocating memory takes longer than reading.
absl::StatusOr<std::string_view> ReadLog(rocksdb::Env& env, const std::string& path,
                                         std::string& buffer) {
  uint64_t bytes = 0;
  OWO_RETURN_IF_ERROR(FromRocks(env.GetFileSize(path, &bytes)));
  if (buffer.size() < bytes) buffer.resize(bytes);
  std::unique_ptr<rocksdb::SequentialFile> file;
  OWO_RETURN_IF_ERROR(FromRocks(env.NewSequentialFile(path, &file, rocksdb::EnvOptions())));
  rocksdb::Slice log;
  OWO_RETURN_IF_ERROR(FromRocks(file->Read(bytes, &log, buffer.data())));
  if (log.size() == bytes) return ToView(log);
  return absl::UnavailableError(absl::StrCat(path, " cannot be read"));
}

}  // namespace

std::unique_ptr<rocksdb::Env> NewPreallocatedWalEnv(rocksdb::Env& env) {
  return rocksdb::NewCompositeEnv(std::make_shared<PreallocatedWalFileSystem>(env.GetFileSystem()));
}

absl::Status TruncateTornTail(rocksdb::Env& env, const std::string& directory) {
  std::string buffer;
  std::string torn;  // path
  std::string whole;
  bool newest = true;  // no newer log has any commit
  OWO_TRY(const std::vector<std::string> logs, LogsIn(env, directory));
  for (const std::string& path : logs) {
    OWO_TRY(const std::string_view log, ReadLog(env, path, buffer));
    const std::optional<size_t> size = ValidPrefixSize(log);
    if (!size.has_value() || (*size < log.size() && !newest)) {
      return absl::DataLossError(absl::StrCat(path, " is damaged in or before its last commit"));
    }
    if (*size < log.size()) {
      torn = path;
      whole = log.substr(0, *size);
    }
    newest = newest && log.find_first_not_of('\0') == std::string_view::npos;
  }
  if (torn.empty()) return absl::OkStatus();
  return ReplaceFile(env, torn, whole);
}

absl::Status SyncLogs(rocksdb::Env& env, const std::string& directory) {
  OWO_TRY(const bool exists, HasFile(env, absl::StrCat(directory, "/CURRENT")));
  if (!exists) return absl::OkStatus();
  OWO_TRY(const std::vector<std::string> logs, LogsIn(env, directory));
  for (const std::string& path : logs) {
    std::unique_ptr<rocksdb::RandomRWFile> file;
    OWO_RETURN_IF_ERROR(FromRocks(env.NewRandomRWFile(path, &file, rocksdb::EnvOptions())));
    OWO_RETURN_IF_ERROR(FromRocks(file->Sync()));
    OWO_RETURN_IF_ERROR(FromRocks(file->Close()));
  }
  return absl::OkStatus();
}

}  // namespace owo::storage
