// The key spaces: one column family per purpose, one line each. Numbers are not on disk; names are.

#ifndef OWO_STORAGE_ROCKSDB_SPACES_H_
#define OWO_STORAGE_ROCKSDB_SPACES_H_

#include <array>
#include <cstdint>

namespace owo::storage {

enum class Space : uint8_t {
  kMeta,       // "default": format version, and what each tenant's commits left behind
  kJournal,    // one record per commit: the truth
  kIds,        // counted event ids
  kUsage,      // accounts and counters
  kInvoices,   // invoices, and their order by customer
  kCatalog,    // features, plans, plan versions
  kCustomers,  // records, contracts, and the ways to find them
  kRequests,   // requests that succeeded
};

inline constexpr std::array<const char*, 8> kSpaceNames = {
    "default", "journal", "ids", "usage", "invoices", "catalog", "customers", "requests"};

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_SPACES_H_
