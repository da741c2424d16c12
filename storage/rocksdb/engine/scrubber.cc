#include "storage/rocksdb/engine/scrubber.h"

#include <algorithm>

#include "absl/time/time.h"
#include "storage/rocksdb/engine/table_files.h"

namespace owo::storage {
namespace {

// Shorter than a day, so that a server which is restarted every day is scrubbed, too.
constexpr absl::Duration kFirstPause = absl::Hours(1);

// Limits the read rate, so that commits do not wait for the disk they share.
constexpr int64_t kBytesPerSecond = 32 << 20;

}  // namespace

Scrubber::Scrubber(const Database& database, const ScrubOptions& options)
    : database_(database), options_(options), thread_("scrubber", [this] { Run(); }) {}

Scrubber::~Scrubber() {
  const absl::MutexLock lock(&mutex_);
  stopping_ = true;
}

void Scrubber::Run() {
  if (!Rest(std::min(options_.every, kFirstPause))) return;
  while (Pass() && Rest(options_.every)) {
  }
}

bool Scrubber::Pass() {
  for (const TableFile& table : TablesOf(database_)) {
    bool stopped = false;
    const absl::Status status = CheckTable(database_, table, [this, &stopped](size_t bytes) {
      stopped = !RestAfter(bytes);
      return !stopped;
    });
    if (stopped) return false;
    if (!status.ok() && options_.on_damage) options_.on_damage(status);
  }
  return true;
}

bool Scrubber::RestAfter(size_t bytes) {
  return Rest(absl::Seconds(1) * static_cast<int64_t>(bytes) / kBytesPerSecond);
}

bool Scrubber::Rest(absl::Duration duration) {
  const absl::MutexLock lock(&mutex_);
  return !mutex_.AwaitWithTimeout(absl::Condition(&stopping_), duration);
}

}  // namespace owo::storage
