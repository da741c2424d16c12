// Reports to the owner of a store that the disk is full, and that writing has resumed. Reports come
// in pairs, and are rate-limited however often the disk becomes full.
//
//   OutageReports reports(options.outage);
//   reports.Full(status, absl::Now());       // at every write or try that finds it full
//   reports.Resumed({.records = 7}, absl::Now());

#ifndef OWO_STORAGE_ROCKSDB_COMMIT_OUTAGE_REPORTS_H_
#define OWO_STORAGE_ROCKSDB_COMMIT_OUTAGE_REPORTS_H_

#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "storage/rocksdb/engine/open_options.h"

namespace owo::storage {

// Not thread-safe: used by the committer only.
class OutageReports {
 public:
  explicit OutageReports(OutageOptions options) : options_(std::move(options)) {}

  // The disk is full. Reported once per outage. An outage that begins less than `pause` after a
  // report is reported only after `pause` has passed, and not at all if it ends before.
  void Full(const absl::Status& status, absl::Time now);
  // Writing has resumed. Reported if the outage was reported. Ignored if there was no outage.
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
