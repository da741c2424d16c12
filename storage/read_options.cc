#include "storage/read_options.h"

#include "absl/strings/cord.h"

namespace owo::storage {
namespace {

constexpr char kNeedsDiskUrl[] = "owo.storage/needs_disk";

}  // namespace

absl::Status ReadNeedsDisk() {
  absl::Status status = absl::UnavailableError("this is not in memory");
  status.SetPayload(kNeedsDiskUrl, absl::Cord());
  return status;
}

bool NeedsDisk(const absl::Status& status) { return status.GetPayload(kNeedsDiskUrl).has_value(); }

}  // namespace owo::storage
