#include "storage/rocksdb/retention/retention.h"

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "storage/util/try.h"

namespace owo::storage {
namespace {

// After a step the thread rests this many times as long as the step took.
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
    // A full disk may have room again later.
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
  // Keeps the database from being reopened, as after a full disk, during the step.
  const absl::ReaderMutexLock lock(&database_.in_use());
  // A database that is open for reading only may show records that are not durable in tables yet.
  if (!database_.is_open() || !database_.full().ok()) return false;
  const absl::MutexLock stepping(&stepping_);
  return expirer_.Step();
}

absl::Status Retention::BetweenSteps(absl::FunctionRef<absl::Status(const ArchiveDb*)> use) {
  const absl::MutexLock stepping(&stepping_);
  OWO_TRY(const ArchiveDb* const archive, expirer_.Archive());
  return use(archive);
}

}  // namespace owo::storage
