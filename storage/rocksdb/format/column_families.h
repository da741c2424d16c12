// The column families, one per line. Names are stored on disk; numbers are not.

#ifndef OWO_STORAGE_ROCKSDB_FORMAT_COLUMN_FAMILIES_H_
#define OWO_STORAGE_ROCKSDB_FORMAT_COLUMN_FAMILIES_H_

#include <array>
#include <cstdint>

namespace owo::storage {

enum class ColumnFamily : uint8_t {
  kMeta,         // "default": format version, replay start, tenants
  kJournal,      // what each commit changed: the truth
  kIds,          // counted event ids
  kUsage,        // accounts and counters
  kUsageEvents,  // where the journal has the events of a counter
  kInvoices,     // invoices by customer, customers by invoice, coverage
  kCatalog,      // features, plans, plan versions
  kCustomers,    // records and contracts, and their indexes by id and email
  kRequests,     // requests that succeeded
};

inline constexpr std::array<const char*, 9> kColumnFamilyNames = {
    "default",  "journal", "ids",       "usage",   "usage_events",
    "invoices", "catalog", "customers", "requests"};

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_FORMAT_COLUMN_FAMILIES_H_
