// SyncedWrite: RocksDB writing 100 bytes to disk at a time, by itself in this process. What a
// durable answer cannot do without.
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
