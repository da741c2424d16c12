// Archives the old records of a closed store, step by step, with the clock of the test.
//
//   ArchiveAll({.data_dir = "/data", .env = env}, kNow + 100 * kDay, /*age=*/kDay);
#ifndef OWO_TESTS_SUPPORT_ARCHIVING_H_
#define OWO_TESTS_SUPPORT_ARCHIVING_H_

#include <gtest/gtest.h>

#include <memory>
#include <utility>

#include "storage/rocksdb/read/account_snapshots.h"
#include "storage/rocksdb/read/reader.h"
#include "storage/rocksdb/retention/event_expirer.h"

namespace owo::storage {

// Returns once nothing is left to archive, or with the error.
inline absl::Status TryArchiveAll(OpenOptions options, Micros now, Micros age) {
  options.retain = {.age = age, .clock = [now] { return now; }};
  absl::StatusOr<std::unique_ptr<Database>> database = Database::Open(options);
  if (!database.ok()) return database.status();
  const AccountSnapshots snapshots;
  const Reader reader(**database, snapshots);
  EventExpirer expirer(**database, reader, options);
  for (;;) {
    const absl::StatusOr<bool> more = expirer.Step();
    if (!more.ok()) return more.status();
    if (!*more) return absl::OkStatus();
  }
}

inline void ArchiveAll(OpenOptions options, Micros now, Micros age) {
  const absl::Status archived = TryArchiveAll(std::move(options), now, age);
  ASSERT_TRUE(archived.ok()) << archived;
}

}  // namespace owo::storage

#endif  // OWO_TESTS_SUPPORT_ARCHIVING_H_
