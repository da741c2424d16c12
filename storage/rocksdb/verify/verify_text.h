// Formats keys and rows as text, for the report of `verify`.

#ifndef OWO_STORAGE_ROCKSDB_VERIFY_VERIFY_TEXT_H_
#define OWO_STORAGE_ROCKSDB_VERIFY_VERIFY_TEXT_H_

#include <string>
#include <string_view>

#include "storage/rocksdb/format/column_families.h"
#include "storage/types.h"

namespace owo::storage {

std::string HexText(std::string_view bytes);
std::string QuantityText(Quantity quantity);  // "-2.5"

// "tenant 1, customer 7, feature 2, month 20758, segment 0"
std::string CounterText(TenantId tenant, const CounterKey& key);
// The text of an id's key: the UUID, or for other ids the hash that is stored.
std::string IdText(std::string_view key);
// The text of any key of the column family.
std::string KeyText(ColumnFamily family, std::string_view key);

// Whether this letter follows the tenant in the key, where a column family has several kinds of
// row.
bool IsOfLetter(std::string_view key, char letter);
// The kind of a row, in the plural: "counters". "" if the row does not follow from the journal.
std::string_view KindOf(ColumnFamily family, std::string_view key);

// Describes how the stored row differs from the replayed one; "" if they have the same content.
std::string RowDifference(ColumnFamily family, std::string_view key, std::string_view stored,
                          std::string_view replayed);

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_VERIFY_VERIFY_TEXT_H_
