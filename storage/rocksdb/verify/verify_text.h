// Keys and rows in words, for who reads what `verify` found.

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
// Of the key of an id: the UUID that it is, or what an id of other text was hashed to.
std::string IdText(std::string_view key);
// Of any key of the column family.
std::string KeyText(ColumnFamily family, std::string_view key);

// What kind of thing a row of the column family is, in the plural; "" when the journal has nothing
// to say about it.
std::string_view KindOf(ColumnFamily family, std::string_view key);

// How the stored row differs from the one that the journal gives, when it does; "" when both say
// the same.
std::string RowDifference(ColumnFamily family, std::string_view key, std::string_view stored,
                          std::string_view replayed);

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_VERIFY_VERIFY_TEXT_H_
