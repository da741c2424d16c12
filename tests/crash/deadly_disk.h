// The machine's file system for a process that is to be killed at a chosen point of a commit.
//
//   const auto env = NewDeadlyDisk({.point = KillPoint::kLogSynced, .passes = 3});
//   OpenRocksStore({.data_dir = …, .env = env.get()});    // killed after the third sync of a log
//
// A commit is one write to the log, so the points are the file operations of a commit.
#ifndef OWO_TESTS_CRASH_DEADLY_DISK_H_
#define OWO_TESTS_CRASH_DEADLY_DISK_H_

#include <rocksdb/env.h>

#include <array>
#include <memory>
#include <optional>
#include <string_view>

namespace owo {

enum class KillPoint {
  kNever,
  kBeforeWrite,   // the commit is complete in memory, and nothing of it is written
  kLogWritten,    // written, not synced
  kLogSynced,     // synced, not answered
  kBeforeAnswer,  // the watermark is written
  kTableWriting,  // in the middle of a flush of rows, by another thread
  kManifestSynced,
};
inline constexpr std::array<std::string_view, 7> kKillPointNames = {
    "never",         "before-write",  "log-written",    "log-synced",
    "before-answer", "table-writing", "manifest-synced"};
std::optional<KillPoint> KillPointOf(std::string_view name);

struct DeadlyDiskOptions {
  KillPoint point = KillPoint::kNever;
  int passes = 1;  // the process is killed when it reaches the point for the `passes`-th time
  // Data that was not synced is lost with the process, as in a power failure.
  bool loses_unsynced = false;
};
std::unique_ptr<rocksdb::Env> NewDeadlyDisk(const DeadlyDiskOptions& options);

}  // namespace owo

#endif  // OWO_TESTS_CRASH_DEADLY_DISK_H_
