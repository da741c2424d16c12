// The table files of a database, and whether they are what was written.

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
  rocksdb::Env* env = nullptr;  // that has it; lives as long as the database
  std::string checksum;         // of all its bytes, as the manifest has it; empty: it has none
  rocksdb::SequenceNumber newest_sequence = 0;
};

// Those that the database consists of at the moment.
std::vector<TableFile> TablesOf(const Database& database);

// After each piece of a table: how many bytes it had. False: to stop.
using AfterPiece = absl::FunctionRef<bool(size_t bytes)>;

// Reads a table, all of it. DATA_LOSS when a bit of it is not as it was written. OK when it is not
// there any more, for it was replaced, and when told to stop. A table for which the manifest has no
// checksum is older than format.md's word of it: its blocks are checked, in one piece.
absl::Status CheckTable(const Database& database, const TableFile& table, AfterPiece after_piece);

// DATA_LOSS of the first table that is damaged. OK when it was to stop before.
absl::Status CheckAllTables(const Database& database, AfterPiece after_piece);

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_ENGINE_TABLE_FILES_H_
