#include "tests/bench/synced_write.h"

#include <unistd.h>

#include <chrono>
#include <stdexcept>

#include "absl/strings/str_format.h"
#include "tests/bench/meter.h"

namespace owo::bench {
namespace {

constexpr size_t kValueBytes = 100;

void Must(const rocksdb::Status& status) {
  if (!status.ok()) throw std::runtime_error(status.ToString());
}

}  // namespace

SyncedWrite::SyncedWrite(const std::string& parent_directory) : directory_(parent_directory) {
  rocksdb::Options options;
  options.create_if_missing = true;
  rocksdb::DB* database = nullptr;
  Must(rocksdb::DB::Open(options, directory_.path(), &database));
  database_.reset(database);
}

Sample SyncedWrite::Run(absl::Duration duration) {
  using Clock = std::chrono::steady_clock;
  rocksdb::WriteOptions synced;
  synced.sync = true;
  const std::string value(kValueBytes, 'v');
  Meter meter(getpid(), 1);
  meter.Begin();
  const Clock::time_point end = Clock::now() + absl::ToChronoNanoseconds(duration);
  for (Clock::time_point began = Clock::now(); began < end;) {
    Must(database_->Put(synced, absl::StrFormat("%016x", written_++), value));
    const Clock::time_point now = Clock::now();
    meter.Count(now - began);
    began = now;
  }
  return meter.End();
}

}  // namespace owo::bench
