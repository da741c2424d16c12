// The rows of a store's database as they are, to compare two databases.
//
//   EXPECT_EQ(RowsOf(*database, ColumnFamily::kUsage), RowsOf(*replayed, ColumnFamily::kUsage));
#ifndef OWO_TESTS_SUPPORT_ROWS_H_
#define OWO_TESTS_SUPPORT_ROWS_H_

#include <map>
#include <memory>
#include <string>

#include "storage/rocksdb/engine/database.h"

namespace owo::storage {

// Keys, in hex so that a difference can be read, and values. Maps inside a value are put in order
// of their keys.
using Rows = std::map<std::string, std::string>;

Rows RowsOf(const Database& database, ColumnFamily family);

// What replaying the journal must give: the rows of every space but the journal, requests, and what
// is personal of customers; without how far rows were written behind. Events of counters are one
// row each, wherever their chunks were cut.
std::map<std::string, Rows> ReplayedRows(const Database& database);

// The database of a store that is closed. The test fails, and the answer is null, when it does not
// open.
std::unique_ptr<Database> OpenDatabase(const std::string& data_dir, rocksdb::Env* env);

}  // namespace owo::storage

#endif  // OWO_TESTS_SUPPORT_ROWS_H_
