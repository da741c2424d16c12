// SyncedWrite: RocksDB in this process, which writes and syncs 100 bytes at a time. The minimum
// cost of a durable answer.
//
//   SyncedWrite ceiling(options.directory);
//   Sample sample = ceiling.Run(absl::Seconds(1));

#ifndef OWO_TESTS_BENCH_SYNCED_WRITE_H_
#define OWO_TESTS_BENCH_SYNCED_WRITE_H_

#include <rocksdb/db.h>

#include <cstdint>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "tests/bench/sample.h"
#include "tests/bench/target.h"

namespace owo::bench {

class SyncedWrite {
 public:
  explicit SyncedWrite(const std::string& parent_directory);

  Sample Run(absl::Duration duration);

 private:
  const Directory directory_;
  std::unique_ptr<rocksdb::DB> database_;
  uint64_t written_ = 0;
};

}  // namespace owo::bench

#endif  // OWO_TESTS_BENCH_SYNCED_WRITE_H_
