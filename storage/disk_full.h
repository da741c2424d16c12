// Distinguishes a full disk from a full queue: both refuse a write with RESOURCE_EXHAUSTED. A full
// queue has room again at once; a full disk needs an operator.
//
//   absl::Status status = DiskFull("000012.log: No space left on device");
//   IsDiskFull(status)   // true; false for any status that was made elsewhere

#ifndef OWO_STORAGE_DISK_FULL_H_
#define OWO_STORAGE_DISK_FULL_H_

#include <string_view>

#include "absl/status/status.h"

namespace owo::storage {

// RESOURCE_EXHAUSTED, marked as a full disk. Copies of the status keep the mark.
absl::Status DiskFull(std::string_view what);
// Whether DiskFull() made the status, or the one that it was copied from. Thread-safe.
bool IsDiskFull(const absl::Status& status);

}  // namespace owo::storage

#endif  // OWO_STORAGE_DISK_FULL_H_
