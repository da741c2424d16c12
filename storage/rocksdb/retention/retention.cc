#include "storage/rocksdb/retention/retention.h"

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace owo::storage {
namespace {

// So much longer than a step took is the rest behind it.
constexpr int kRest = 3;

}  // namespace

Retention::Retention(Database& database, const Reader& reader, const OpenOptions& options)
    : database_(database),
      options_(options.retain),
      expirer_(database, reader, options),
      thread_("retention", [this] { Run(); }) {}

Retention::~Retention() {
  expirer_.Cancel();
  const absl::MutexLock lock(&mutex_);
  stopping_ = true;
}

void Retention::Run() {
  for (;;) {
    const absl::Time begin = absl::Now();
    const absl::StatusOr<bool> more = Step();
    // A disk that is full can have room again.
    if (!more.ok() && !absl::IsResourceExhausted(more.status())) {
      if (options_.on_failure) options_.on_failure(more.status());
      return;
    }
    const bool at_once = more.ok() && *more;
    const absl::Duration rest = at_once ? kRest * (absl::Now() - begin) : options_.pause;
    const absl::MutexLock lock(&mutex_);
    if (mutex_.AwaitWithTimeout(absl::Condition(&stopping_), rest)) return;
  }
}

absl::StatusOr<bool> Retention::Step() {
  // Who opens the database anew, after the disk was full, waits for this.
  const absl::ReaderMutexLock lock(&database_.in_use());
  // What is open for reading only shows records that are not durable in its tables yet.
  if (!database_.is_open() || !database_.full().ok()) return false;
  return expirer_.Step();
}

}  // namespace owo::storage
