#include "storage/rocksdb/scrubber.h"

#include <rocksdb/convenience.h>
#include <rocksdb/table.h>

#include <algorithm>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

namespace owo::storage {
namespace {

// A server that is started anew every day is to be looked at, too.
constexpr absl::Duration kFirstPause = absl::Hours(1);

// On average, so that commits, whose disk it shares, do not wait for long.
constexpr int64_t kBytesPerSecond = 32 << 20;

bool IsTableOf(const Database& database, const std::string& path) {
  const std::vector<TableFile> tables = TablesOf(database);
  return std::any_of(tables.begin(), tables.end(),
                     [&path](const TableFile& table) { return table.path == path; });
}

}  // namespace

std::vector<TableFile> TablesOf(const Database& database) {
  const absl::ReaderMutexLock lock(&database.in_use());
  std::vector<TableFile> tables;
  if (!database.is_open()) return tables;
  std::vector<rocksdb::LiveFileMetaData> files;
  database.db().GetLiveFilesMetaData(&files);
  tables.reserve(files.size());
  for (const rocksdb::LiveFileMetaData& file : files) {
    tables.push_back({.path = absl::StrCat(file.db_path, file.name),
                      .bytes = file.size,
                      .newest_sequence = file.largest_seqno});
  }
  return tables;
}

absl::Status CheckTable(const Database& database, const TableFile& table) {
  // What is read here only once takes no room from what is read often.
  rocksdb::BlockBasedTableOptions uncached;
  uncached.no_block_cache = true;
  rocksdb::Options options;
  options.env = &database.env();
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(uncached));
  const rocksdb::Status status = rocksdb::VerifySstFileChecksum(
      options, rocksdb::EnvOptions(), rocksdb::ReadOptions(), table.path, table.newest_sequence);
  if (status.ok() || !IsTableOf(database, table.path)) return absl::OkStatus();
  return FromRocks(status);
}

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
    const absl::Status status = CheckTable(database_, table);
    if (absl::IsDataLoss(status) && options_.on_damage) options_.on_damage(status);
    const auto bytes = static_cast<int64_t>(table.bytes);
    if (!Rest(absl::Seconds(1) * bytes / kBytesPerSecond)) return false;
  }
  return true;
}

bool Scrubber::Rest(absl::Duration duration) {
  const absl::MutexLock lock(&mutex_);
  return !mutex_.AwaitWithTimeout(absl::Condition(&stopping_), duration);
}

}  // namespace owo::storage
