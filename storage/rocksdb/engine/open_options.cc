#include "storage/rocksdb/engine/open_options.h"

#include "absl/strings/match.h"

namespace owo::storage {

bool IsInUse(const absl::Status& opening) {
  // Opening names the lock when somebody holds it, or when its file cannot be opened at all.
  return absl::StrContains(opening.message(), "/LOCK") &&
         !absl::StrContains(opening.message(), "open a file for lock");
}

}  // namespace owo::storage
