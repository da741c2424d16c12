#include "storage/rocksdb/engine/live_files.h"

#include <limits>

#include "storage/util/try.h"

namespace owo::storage {

absl::StatusOr<std::unique_ptr<LiveFiles>> LiveFiles::Capture(const Database& database) {
  rocksdb::DB& db = database.db();
  OWO_RETURN_IF_ERROR(FromRocks(db.DisableFileDeletions()));
  auto live = std::unique_ptr<LiveFiles>(new LiveFiles(database));
  rocksdb::LiveFilesStorageInfoOptions options;
  options.include_checksum_info = true;
  options.wal_size_for_flush = std::numeric_limits<uint64_t>::max();  // never flush
  // RocksDB lists first the tables, then the logs. A run that was ingested in between would not be
  // among the tables, but the logs could say that replays need not restore its ids any more.
  const absl::MutexLock lock(&database.ingesting());
  // RocksDB also lists logs that are obsolete but not removed yet.
  uint64_t oldest_log = 0;
  db.GetIntProperty(rocksdb::DB::Properties::kMinLogNumberToKeep, &oldest_log);
  OWO_RETURN_IF_ERROR(FromRocks(db.GetLiveFilesStorageInfo(options, &live->files_)));
  std::erase_if(live->files_, [oldest_log](const rocksdb::LiveFileStorageInfo& file) {
    return file.file_type == rocksdb::kWalFile && file.file_number < oldest_log;
  });
  return live;
}

LiveFiles::~LiveFiles() {
  database_.db().EnableFileDeletions(/*force=*/false).PermitUncheckedError();
}

}  // namespace owo::storage
