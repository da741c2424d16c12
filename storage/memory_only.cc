#include "storage/memory_only.h"

#include "absl/strings/cord.h"

namespace owo::storage {
namespace {

constexpr char kNeedsDiskUrl[] = "owo.storage/needs_disk";

thread_local bool is_on = false;

}  // namespace

MemoryOnly::MemoryOnly() { is_on = true; }
MemoryOnly::~MemoryOnly() { is_on = false; }
bool MemoryOnly::IsOn() { return is_on; }

absl::Status ReadNeedsDisk() {
  absl::Status status = absl::UnavailableError("this is not in memory");
  status.SetPayload(kNeedsDiskUrl, absl::Cord());
  return status;
}

bool NeedsDisk(const absl::Status& status) { return status.GetPayload(kNeedsDiskUrl).has_value(); }

}  // namespace owo::storage
