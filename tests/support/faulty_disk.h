// A disk in memory that can fail: its power is cut at a chosen write, its syncs are refused, or it
// is full.
//
//   FaultyDisk disk;
//   auto store = OpenRocksStore({.data_dir = "/data", .env = disk.env()});
//   disk.CutPowerAfter(100);      // the 101st write and all after it fail
//   …
//   store->reset();
//   disk.RestorePower(random);    // what was not synced is gone, wholly or from some byte on
#ifndef OWO_TESTS_SUPPORT_FAULTY_DISK_H_
#define OWO_TESTS_SUPPORT_FAULTY_DISK_H_

#include <rocksdb/env.h>

#include <cstdint>
#include <memory>

#include "tests/support/random.h"

namespace owo {

class FaultyDiskState;

// What it keeps through a loss of power: of every file the bytes up to its last sync, and of those
// behind them any number; of what was written in place since then any sectors, each as it was after
// any of the writes to it, behind the former end zero; files whose directory was synced since they
// were made. A file that was renamed or removed stays so, and with it every file that was made
// before: a journaling file system keeps that order. Thread-safe.
class FaultyDisk {
 public:
  FaultyDisk();
  ~FaultyDisk();

  rocksdb::Env* env() const { return env_.get(); }

  // Appends, syncs and changes of directories so far.
  int64_t writes() const;
  // `writes` more succeed, then none.
  void CutPowerAfter(int64_t writes);
  bool power_is_off() const;
  // REQUIRES: no file is open for writing.
  void RestorePower(Random& random);

  // `writes` more that make a file longer succeed, then they write half and fail: until Free().
  enum class Full { kDisk, kByQuota };
  void FillAfter(int64_t writes, Full full = Full::kDisk);
  void Free();
  bool is_full() const;

  // Whether syncs of write-ahead logs fail.
  void FailLogSyncs(bool fail);

 private:
  const std::unique_ptr<rocksdb::Env> memory_;
  const std::shared_ptr<FaultyDiskState> state_;
  const std::unique_ptr<rocksdb::Env> env_;
};

}  // namespace owo

#endif  // OWO_TESTS_SUPPORT_FAULTY_DISK_H_
