#include "storage/rocksdb/database.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "storage/disk_full.h"
#include "storage/try.h"

namespace owo::storage {
namespace {

// A quota that is used up is none of the errors that RocksDB knows, and of a full disk its text is
// sometimes all that is left. It also refuses merging what it thinks the disk has no room for.
bool MeetsFullDisk(const rocksdb::Status& status) {
  if (status.IsNoSpace() || status.IsCompactionTooLarge()) return true;
  if (!status.IsIOError()) return false;
  const std::string text = status.ToString();
  return absl::StrContains(text, std::strerror(EDQUOT)) ||
         absl::StrContains(text, std::strerror(ENOSPC));
}

rocksdb::ReadTier ToRocks(ReadTier tier) {
  return tier == ReadTier::kMemoryOnly ? rocksdb::kBlockCacheTier : rocksdb::kReadAllTier;
}

}  // namespace

absl::Status FromRocks(const rocksdb::Status& status) {
  if (status.ok()) return absl::OkStatus();
  if (status.IsCorruption()) return absl::DataLossError(status.ToString());
  if (MeetsFullDisk(status)) return DiskFull(status.ToString());
  return absl::UnavailableError(status.ToString());
}

absl::Status FromRead(const ReadOptions& read, const rocksdb::Status& status) {
  const bool needs_disk = read.tier == ReadTier::kMemoryOnly && status.IsIncomplete();
  return needs_disk ? ReadNeedsDisk() : FromRocks(status);
}

absl::Status Database::Acknowledge(uint64_t sequence) {
  // What has not been synced may be gone after a loss of power, and nobody was told otherwise.
  if (!sync_ || sequence <= watermark_->sequence()) return absl::OkStatus();
  return watermark_->Reach(sequence);
}

uint64_t Database::EstimatedRows(Space space) const {
  uint64_t rows = 0;
  const bool known =
      db_->GetIntProperty(handle(space), rocksdb::DB::Properties::kEstimateNumKeys, &rows);
  return known ? rows : 0;
}

absl::StatusOr<std::optional<std::string>> Database::Get(const ReadOptions& read, Space space,
                                                         std::string_view key,
                                                         const rocksdb::Snapshot* snapshot) const {
  rocksdb::ReadOptions options;
  options.snapshot = snapshot;
  options.read_tier = ToRocks(read.tier);
  std::string value;
  const rocksdb::Status status = db_->Get(options, handle(space), ToSlice(key), &value);
  if (status.IsNotFound()) return std::optional<std::string>();
  if (!status.ok()) return FromRead(read, status);
  // In kBlockCacheTier, OK with an empty value is RocksDB's answer for a table that is not open:
  // the key may exist. See docs/decisions/0008-reads-in-memory.md.
  if (value.empty()) {
    return read.tier == ReadTier::kMemoryOnly ? ReadNeedsDisk()
                                              : absl::DataLossError("a row is empty");
  }
  return std::optional<std::string>(std::move(value));
}

std::unique_ptr<rocksdb::Iterator> Database::Iterate(const ReadOptions& read, Space space,
                                                     const rocksdb::ReadOptions& options) const {
  // No range is ever deleted. Asked to look for such, release 7.8.3 passes over a damaged table of
  // a lower level without a word.
  rocksdb::ReadOptions of_rows = options;
  of_rows.ignore_range_deletions = true;
  of_rows.read_tier = ToRocks(read.tier);
  return std::unique_ptr<rocksdb::Iterator>(db_->NewIterator(of_rows, handle(space)));
}

std::string Database::RunPath(uint64_t number) const {
  return absl::StrCat(directory_, "/", kRunPrefix, number, ".sst");
}

absl::StatusOr<std::unique_ptr<rocksdb::SstFileWriter>> Database::NewRun(
    Space space, const std::string& path) const {
  auto writer = std::make_unique<rocksdb::SstFileWriter>(
      rocksdb::EnvOptions(), db_->GetOptions(handle(space)), handle(space));
  OWO_RETURN_IF_ERROR(FromRocks(writer->Open(path)));
  return writer;
}

absl::Status Database::TakeIn(Space space, const rocksdb::ExternalSstFileInfo& run) {
  // Its rows are durable at once: none may be of a commit that is not.
  OWO_RETURN_IF_ERROR(SyncLog());
  rocksdb::IngestExternalFileArg ingested;
  ingested.column_family = handle(space);
  ingested.external_files = {run.file_path};
  ingested.options.move_files = true;
  ingested.options.write_global_seqno = false;  // the manifest has it, too
  // As it was summed up when it was written, not as it is read now.
  ingested.options.verify_file_checksum = false;
  ingested.files_checksums = {run.file_checksum};
  ingested.files_checksum_func_names = {run.file_checksum_func_name};
  return FromRocks(db_->IngestExternalFiles({ingested}));
}

absl::Status Database::Write(rocksdb::WriteBatch& batch) { return Write(batch, sync_); }

// SyncWAL would assert where writing to the log failed before.
absl::Status Database::SyncLog() {
  rocksdb::WriteBatch nothing;
  return sync_ ? absl::OkStatus() : Write(nothing, /*sync=*/true);
}

absl::Status Database::Write(rocksdb::WriteBatch& batch, bool sync) {
  if (refuses_writes_) return DiskFull("the database is open for reading only");
  rocksdb::WriteOptions options;
  options.sync = sync;
  const rocksdb::Status status = db_->Write(options, &batch);
  if (!status.IsIncomplete()) return FromRocks(status);
  // It would have to wait for work that failed, and does not say why that did.
  const rocksdb::Status failed = background_->worst();
  return FromRocks(failed.ok() ? status : failed);
}

absl::Status Database::Compact(Space space, std::string_view end, std::atomic<bool>& cancelled) {
  if (!full_.ok()) return absl::OkStatus();
  const auto ended = [this] {
    const rocksdb::Status worst = background_->worst();
    return worst.severity() < rocksdb::Status::kHardError ? rocksdb::Status() : worst;
  };
  OWO_RETURN_IF_ERROR(FromRocks(ended()));
  rocksdb::CompactRangeOptions options;
  options.exclusive_manual_compaction = false;
  options.canceled = &cancelled;
  options.allow_write_stall = true;  // else it waits, and nothing cancels that
  const rocksdb::Slice to = ToSlice(end);
  const rocksdb::Status status = db_->CompactRange(options, handle(space), /*begin=*/nullptr, &to);
  // Writing may have ended meanwhile, and what merging meets then is no cause of its own.
  if (!status.ok()) OWO_RETURN_IF_ERROR(FromRocks(ended()));
  return FromRocks(status);
}

}  // namespace owo::storage
