#include "storage/rocksdb/commit/outage_reports.h"

#include <utility>

namespace owo::storage {

void OutageReports::Full(const absl::Status& status, absl::Time now) {
  if (!is_full_) {
    is_full_ = true;
    since_ = now;
    if (options_.on_writable) options_.on_writable(false);
  }
  if (is_reported_ || now < quiet_until_) return;
  is_reported_ = true;
  quiet_until_ = now + options_.pause;
  if (options_.on_disk_full) options_.on_disk_full(status);
}

void OutageReports::Resumed(Resumption resumption, absl::Time now) {
  if (!is_full_) return;
  is_full_ = false;
  if (options_.on_writable) options_.on_writable(true);
  if (!std::exchange(is_reported_, false)) {
    ++unreported_;
    return;
  }
  resumption.outage = now - since_;
  resumption.unreported = std::exchange(unreported_, 0);
  if (options_.on_resume) options_.on_resume(resumption);
}

}  // namespace owo::storage
