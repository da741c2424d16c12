#include "storage/rocksdb/engine/table_files.h"

#include <rocksdb/convenience.h>
#include <rocksdb/file_checksum.h>
#include <rocksdb/table.h>

#include <algorithm>
#include <memory>

#include "absl/strings/str_cat.h"
#include "storage/util/try.h"

namespace owo::storage {
namespace {

constexpr size_t kPieceBytes = 1 << 20;

// Whether the database still consists of this table. After it was reopened, another table may have
// the same path.
bool IsTableOf(const Database& database, const TableFile& table) {
  const std::vector<TableFile> tables = TablesOf(database);
  return std::any_of(tables.begin(), tables.end(), [&table](const TableFile& now) {
    return now.path == table.path && now.env == table.env &&
           (table.checksum.empty() || now.checksum == table.checksum);
  });
}

absl::Status CheckBlocks(const TableFile& table) {
  rocksdb::BlockBasedTableOptions uncached;
  uncached.no_block_cache = true;
  rocksdb::Options options;
  options.env = table.env;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(uncached));
  return FromRocks(rocksdb::VerifySstFileChecksum(
      options, rocksdb::EnvOptions(), rocksdb::ReadOptions(), table.path, table.newest_sequence));
}

absl::Status Check(const TableFile& table, AfterPiece after_piece) {
  if (table.checksum.empty()) return CheckBlocks(table);
  std::unique_ptr<rocksdb::SequentialFile> file;
  OWO_RETURN_IF_ERROR(
      FromRocks(table.env->NewSequentialFile(table.path, &file, rocksdb::EnvOptions())));
  const auto sum = rocksdb::GetFileChecksumGenCrc32cFactory()->CreateFileChecksumGenerator(
      {.file_name = table.path,
       .requested_checksum_func_name = rocksdb::kStandardDbFileChecksumFuncName});
  const auto buffer = std::make_unique<char[]>(kPieceBytes);
  for (;;) {
    rocksdb::Slice piece;
    OWO_RETURN_IF_ERROR(FromRocks(file->Read(kPieceBytes, &piece, buffer.get())));
    if (piece.empty()) break;
    sum->Update(piece.data(), piece.size());
    if (!after_piece(piece.size())) return absl::OkStatus();
  }
  sum->Finalize();
  if (sum->GetChecksum() == table.checksum) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat(table.path, " is not as it was written"));
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
                      .env = &database.env(),
                      .checksum = file.file_checksum,
                      .newest_sequence = file.largest_seqno});
  }
  return tables;
}

absl::Status CheckTable(const Database& database, const TableFile& table, AfterPiece after_piece) {
  absl::Status status = Check(table, after_piece);
  if (!status.ok() && !IsTableOf(database, table)) return absl::OkStatus();
  return status;
}

absl::Status CheckAllTables(const Database& database, AfterPiece after_piece) {
  bool go_on = true;
  for (const TableFile& table : TablesOf(database)) {
    OWO_RETURN_IF_ERROR(CheckTable(database, table, [&](size_t bytes) {
      go_on = after_piece(bytes);
      return go_on;
    }));
    if (!go_on) break;
  }
  return absl::OkStatus();
}

}  // namespace owo::storage
