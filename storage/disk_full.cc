#include "storage/disk_full.h"

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"

namespace owo::storage {
namespace {

constexpr char kUrl[] = "owo.storage/disk_full";

}  // namespace

absl::Status DiskFull(std::string_view what) {
  absl::Status status = absl::ResourceExhaustedError(
      absl::StrCat("the disk is full: ", absl::string_view(what.data(), what.size())));
  status.SetPayload(kUrl, absl::Cord());
  return status;
}

bool IsDiskFull(const absl::Status& status) { return status.GetPayload(kUrl).has_value(); }

}  // namespace owo::storage
