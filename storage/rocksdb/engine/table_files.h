// Lists the table files of a database, and checks whether they are as they were written.

#ifndef OWO_STORAGE_ROCKSDB_ENGINE_TABLE_FILES_H_
#define OWO_STORAGE_ROCKSDB_ENGINE_TABLE_FILES_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "storage/rocksdb/engine/database.h"

namespace owo::storage {

struct TableFile {
  std::string path;
  rocksdb::Env* env = nullptr;  // the file system that has it; lives as long as the database
  std::string checksum;         // of all its bytes, from the manifest; empty: none
  rocksdb::SequenceNumber newest_sequence = 0;
};

// The tables that the database consists of now.
std::vector<TableFile> TablesOf(const Database& database);

// Called after each piece of a table with the bytes in it. Returns false to stop.
using AfterPiece = absl::FunctionRef<bool(size_t bytes)>;

// Reads a whole table. DATA_LOSS if any bit differs from what was written. OK if the table was
// replaced meanwhile, or if `after_piece` stopped the check. Old tables have no checksum in the
// manifest: for these the block checksums are checked, without a call of `after_piece`.
absl::Status CheckTable(const Database& database, const TableFile& table, AfterPiece after_piece);

// DATA_LOSS for the first damaged table. OK if `after_piece` stopped the check before.
absl::Status CheckAllTables(const Database& database, AfterPiece after_piece);

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_ENGINE_TABLE_FILES_H_
