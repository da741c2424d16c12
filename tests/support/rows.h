// The rows of a store's database, to compare two databases.
//
//   EXPECT_EQ(RowsOf(*database, ColumnFamily::kUsage), RowsOf(*replayed, ColumnFamily::kUsage));
#ifndef OWO_TESTS_SUPPORT_ROWS_H_
#define OWO_TESTS_SUPPORT_ROWS_H_

#include <map>
#include <memory>
#include <string>

#include "storage/rocksdb/engine/database.h"

namespace owo::storage {

// Keys, in hex so that differences are readable, and values. Maps in a value are sorted by key.
using Rows = std::map<std::string, std::string>;

Rows RowsOf(const Database& database, ColumnFamily family);

// Returns the rows that a replay of the journal must reproduce: all column families except the
// journal, requests, and personal records of customers, and without the flushed sequences. Each
// event of a counter is one row, independent of chunk boundaries.
std::map<std::string, Rows> ReplayedRows(const Database& database);

// Opens the database of a closed store. If it does not open, the test fails and the result is null.
std::unique_ptr<Database> OpenDatabase(const std::string& data_dir, rocksdb::Env* env);

}  // namespace owo::storage

#endif  // OWO_TESTS_SUPPORT_ROWS_H_
