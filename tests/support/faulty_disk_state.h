// The state of a FaultyDisk: its files, and whether the next write succeeds.
//
//   FaultyDiskState state;
//   if (rocksdb::IOStatus status = state.BeginGrowth(); !status.ok()) return status;
//   state.Synced("/data/LOG", 100);
#ifndef OWO_TESTS_SUPPORT_FAULTY_DISK_STATE_H_
#define OWO_TESTS_SUPPORT_FAULTY_DISK_STATE_H_

#include <rocksdb/env.h>
#include <rocksdb/io_status.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/random.h"

namespace owo {

// A sector is written completely or not at all; sectors are written in any order.
inline constexpr uint64_t kSectorBytes = 512;

// Thread-safe.
class FaultyDiskState {
 public:
  rocksdb::IOStatus BeginWrite() {
    const std::lock_guard lock(mutex_);
    if (writes_ >= writes_max_) return rocksdb::IOStatus::IOError("the power is off");
    ++writes_;
    return rocksdb::IOStatus::OK();
  }
  // Like BeginWrite, for a write that needs space.
  rocksdb::IOStatus BeginGrowth() {
    {
      const std::lock_guard lock(mutex_);
      if (growths_ >= growths_max_) return by_quota_ ? UsedUp() : rocksdb::IOStatus::NoSpace();
      ++growths_;
    }
    return BeginWrite();
  }
  rocksdb::IOStatus BeginSync(const std::string& file) {
    {
      const std::lock_guard lock(mutex_);
      if (fail_log_syncs_ && file.ends_with(".log")) {
        return rocksdb::IOStatus::IOError("the sync failed");
      }
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
    overwritten_.erase(file);
  }
  // `former`: the overwritten bytes.
  void Overwritten(const std::string& file, uint64_t offset, std::string_view former);
  void Linked(const std::string& from, const std::string& to) {
    const std::lock_guard lock(mutex_);
    files_[to] = {.synced = files_[from].synced};
  }
  void Renamed(const std::string& from, const std::string& to) {
    const std::lock_guard lock(mutex_);
    files_[to] = files_[from];
    files_.erase(from);
    overwritten_.erase(to);
    List(to);
  }
  void Removed(const std::string& file) {
    const std::lock_guard lock(mutex_);
    files_.erase(file);
    overwritten_.erase(file);
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
  void LimitGrowth(int64_t more, bool by_quota) {
    const std::lock_guard lock(mutex_);
    by_quota_ = by_quota;
    growths_max_ = more == INT64_MAX ? more : growths_ + more;
  }
  bool IsFull() const {
    const std::lock_guard lock(mutex_);
    return growths_ >= growths_max_;
  }
  static bool MeetsFull(const rocksdb::IOStatus& status) {
    return status.IsNoSpace() || status.ToString() == UsedUp().ToString();
  }
  void RestorePower(rocksdb::Env& disk, Random& random);

 private:
  struct File {
    uint64_t synced = 0;
    bool listed = false;  // survives a power failure
  };

  // The error of RocksDB's own file system.
  static rocksdb::IOStatus UsedUp() { return rocksdb::IOStatus::IOError(std::strerror(EDQUOT)); }

  // REQUIRES: mutex_ is held.
  void List(const std::filesystem::path& beside) {
    for (auto& [name, file] : files_) {
      if (std::filesystem::path(name).parent_path() == beside.parent_path()) file.listed = true;
    }
  }

  // The writes in place since the file's last sync, by sector number: the offset, and the bytes
  // that were there before.
  using Overwrites = std::map<uint64_t, std::vector<std::pair<uint64_t, std::string>>>;

  mutable std::mutex mutex_;
  std::map<std::string, File> files_;
  std::map<std::string, Overwrites> overwritten_;
  int64_t writes_ = 0;
  int64_t writes_max_ = INT64_MAX;
  int64_t growths_ = 0;
  int64_t growths_max_ = INT64_MAX;
  bool by_quota_ = false;
  bool fail_log_syncs_ = false;
};

}  // namespace owo

#endif  // OWO_TESTS_SUPPORT_FAULTY_DISK_STATE_H_
