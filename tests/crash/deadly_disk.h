// The machine's file system for a process that is to die at a chosen point of a commit.
//
//   const auto env = NewDeadlyDisk({.point = KillPoint::kLogSynced, .passes = 3});
//   OpenRocksStore({.data_dir = …, .env = env.get()});    // killed after the third sync of a log
//
// A commit is one write to the log: so its points are what the disk sees of it.
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
  kBeforeWrite,   // the commit is made up, nothing of it is written
  kLogWritten,    // and not synced
  kLogSynced,     // and nobody knows
  kBeforeAnswer,  // the watermark is written
  kTableWriting,  // in the midst of rows that are written behind, by another thread
  kManifestSynced,
};
inline constexpr std::array<std::string_view, 7> kKillPointNames = {
    "never",         "before-write",  "log-written",    "log-synced",
    "before-answer", "table-writing", "manifest-synced"};
std::optional<KillPoint> KillPointOf(std::string_view name);

struct DeadlyDiskOptions {
  KillPoint point = KillPoint::kNever;
  int passes = 1;  // it is killed when the point is reached for this time
  // What was not synced goes down with the process, as if the power had failed.
  bool loses_unsynced = false;
};
std::unique_ptr<rocksdb::Env> NewDeadlyDisk(const DeadlyDiskOptions& options);

}  // namespace owo

#endif  // OWO_TESTS_CRASH_DEADLY_DISK_H_
