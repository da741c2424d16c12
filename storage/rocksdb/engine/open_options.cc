#include "storage/rocksdb/engine/open_options.h"

#include "absl/strings/match.h"

namespace owo::storage {

bool IsInUse(const absl::Status& opening) {
  // The error names the lock file if it is held, and also if the file cannot be opened at all.
  return absl::StrContains(opening.message(), "/LOCK") &&
         !absl::StrContains(opening.message(), "open a file for lock");
}

}  // namespace owo::storage
