// Seals what is old of a store that is closed, step by step, with a clock that a test sets.
//
//   SealAll({.data_dir = "/data", .env = env}, kNow + 100 * kDay, /*age=*/kDay);
#ifndef OWO_TESTS_SUPPORT_SEALING_H_
#define OWO_TESTS_SUPPORT_SEALING_H_

#include <gtest/gtest.h>

#include <memory>
#include <utility>

#include "storage/rocksdb/read/published.h"
#include "storage/rocksdb/read/reader.h"
#include "storage/rocksdb/retention/sealer.h"

namespace owo::storage {

// Until nothing is left to be done, or with what failed.
inline absl::Status TrySealAll(OpenOptions options, Micros now, Micros age) {
  options.retain = {.age = age, .clock = [now] { return now; }};
  absl::StatusOr<std::unique_ptr<Database>> database = Database::Open(options);
  if (!database.ok()) return database.status();
  const Published published;
  const Reader reader(**database, published);
  Sealer sealer(**database, reader, options);
  for (;;) {
    const absl::StatusOr<bool> more = sealer.Step();
    if (!more.ok()) return more.status();
    if (!*more) return absl::OkStatus();
  }
}

inline void SealAll(OpenOptions options, Micros now, Micros age) {
  const absl::Status sealed = TrySealAll(std::move(options), now, age);
  ASSERT_TRUE(sealed.ok()) << sealed;
}

}  // namespace owo::storage

#endif  // OWO_TESTS_SUPPORT_SEALING_H_
