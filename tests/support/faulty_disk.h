// A disk in memory that can fail: its power is cut after a chosen number of writes, its syncs fail,
// or it is full.
//
//   FaultyDisk disk;
//   auto store = OpenRocksStore({.data_dir = "/data", .env = disk.env()});
//   disk.CutPowerAfter(100);      // the 101st write and all after it fail
//   …
//   store->reset();
//   disk.RestorePower(random);    // what was not synced is lost, completely or in part
#ifndef OWO_TESTS_SUPPORT_FAULTY_DISK_H_
#define OWO_TESTS_SUPPORT_FAULTY_DISK_H_

#include <rocksdb/env.h>

#include <cstdint>
#include <memory>

#include "tests/support/random.h"

namespace owo {

class FaultyDiskState;

// After a power failure each file has its bytes up to its last sync, and any number of those after
// it. Of the sectors written in place since that sync, each is as after any one of the writes to
// it, or as before; sectors after the old end may read as zeros. Files exist if their directory was
// synced since they were created. Renamed and removed files stay so, and with them all files that
// were created before: a journaling file system keeps that order. Thread-safe.
class FaultyDisk {
 public:
  FaultyDisk();
  ~FaultyDisk();

  rocksdb::Env* env() const { return env_.get(); }

  // Number of appends, syncs and directory changes so far.
  int64_t writes() const;
  // The next `writes` writes succeed, all later ones fail.
  void CutPowerAfter(int64_t writes);
  bool power_is_off() const;
  // REQUIRES: no file is open for writing.
  void RestorePower(Random& random);

  // The next `writes` writes that extend a file succeed. Later ones write half of their data and
  // fail, until Free().
  enum class Full { kDisk, kByQuota };
  void FillAfter(int64_t writes, Full full = Full::kDisk);
  void Free();
  bool is_full() const;

  // Sets whether syncs of write-ahead logs fail.
  void FailLogSyncs(bool fail);

 private:
  const std::unique_ptr<rocksdb::Env> memory_;
  const std::shared_ptr<FaultyDiskState> state_;
  const std::unique_ptr<rocksdb::Env> env_;
};

}  // namespace owo

#endif  // OWO_TESTS_SUPPORT_FAULTY_DISK_H_
