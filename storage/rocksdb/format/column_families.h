// The column families, one a line. Numbers are not on disk; names are.

#ifndef OWO_STORAGE_ROCKSDB_FORMAT_COLUMN_FAMILIES_H_
#define OWO_STORAGE_ROCKSDB_FORMAT_COLUMN_FAMILIES_H_

#include <array>
#include <cstdint>

namespace owo::storage {

enum class ColumnFamily : uint8_t {
  kMeta,         // "default": format version, where a replay begins, tenants
  kJournal,      // what each commit changed: the truth
  kIds,          // counted event ids
  kUsage,        // accounts and counters
  kUsageEvents,  // where the events of a counter stand in the journal
  kInvoices,     // invoices by customer, whose each is, and what they cover
  kCatalog,      // features, plans, plan versions
  kCustomers,    // records, contracts, and the ways to find them
  kRequests,     // requests that succeeded
};

inline constexpr std::array<const char*, 9> kColumnFamilyNames = {
    "default",  "journal", "ids",       "usage",   "usage_events",
    "invoices", "catalog", "customers", "requests"};

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_FORMAT_COLUMN_FAMILIES_H_
