// Tells the owner of a store when the disk became full and when writing goes on, in pairs, and not
// more often than once in a while, however often that happens.
//
//   OutageReports reports(options.outage);
//   reports.Full(status, absl::Now());       // at every write or try that finds it full
//   reports.Resumed({.events = 7}, absl::Now());

#ifndef OWO_STORAGE_ROCKSDB_COMMIT_OUTAGE_REPORTS_H_
#define OWO_STORAGE_ROCKSDB_COMMIT_OUTAGE_REPORTS_H_

#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "storage/rocksdb/engine/open_options.h"

namespace owo::storage {

// Not thread-safe: the committer's.
class OutageReports {
 public:
  explicit OutageReports(OutageOptions options) : options_(std::move(options)) {}

  // The disk is full: reported once for an outage. One that begins sooner than `pause` after a
  // report is not reported before that has passed, and not at all if it ends by then.
  void Full(const absl::Status& status, absl::Time now);
  // Writing goes on: reported if the outage was. Ignored if there was none.
  void Resumed(Resumption resumption, absl::Time now);

 private:
  const OutageOptions options_;
  bool is_full_ = false;
  bool is_reported_ = false;  // this outage
  absl::Time since_;
  absl::Time quiet_until_ = absl::InfinitePast();
  uint64_t unreported_ = 0;  // outages since the last report
};

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_COMMIT_OUTAGE_REPORTS_H_
