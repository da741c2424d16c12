// Distinguishes a full disk from a full queue: both refuse a write with RESOURCE_EXHAUSTED.
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
bool IsDiskFull(const absl::Status& status);

}  // namespace owo::storage

#endif  // OWO_STORAGE_DISK_FULL_H_
