// Counts what a store holds: bytes, events, customers, invoices, growth, and the greatest tenants.
//
//   OWO_TRY(const StoreStats stats, StatsOfRocksStore({.data_dir = "./var"}));
//   std::cout << StatsText(stats);
//
// The store is opened as `verify` opens it: no server may have it open, and nothing in its
// directory changes. Every row of usage, customers and invoices is read, and the journal of the
// last kGrowthDaysMax days.

#ifndef OWO_STORAGE_ROCKSDB_VERIFY_STATS_H_
#define OWO_STORAGE_ROCKSDB_VERIFY_STATS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/types.h"

namespace owo::storage {

struct StatsOptions {
  std::string data_dir;
  // Polled; true makes it give up with CANCELLED. Empty: never.
  std::function<bool()> stopped;
};

struct StoreStats {
  // The most tenants that are listed.
  static constexpr size_t kTenantsMax = 10;

  struct Tenant {
    TenantId tenant{};
    uint64_t events = 0;  // counted, dropped ones too
    uint64_t customers = 0;
    uint64_t invoices = 0;  // in every status
  };
  // What was committed in the days before the newest commit.
  struct Growth {
    int days = 0;
    uint64_t events = 0;  // that are still in the journal
    uint64_t bytes = 0;   // of the journal, uncompressed
  };
  struct Part {
    std::string name;    // a column family of the database
    uint64_t bytes = 0;  // of its tables on disk
  };

  uint64_t bytes = 0;           // of all files in the directory
  std::vector<Part> parts;      // the largest first
  Micros newest_commit = 0;     // 0: none
  uint64_t tenant_count = 0;    // that have events, customers or invoices
  Tenant total;                 // of all tenants; `tenant` is 0
  std::vector<Tenant> tenants;  // those with the most events, at most kTenantsMax
  std::vector<Growth> growth;   // shorter times first
};

// Errors are those of VerifyRocksStore(): only DATA_LOSS says that the data is damaged.
absl::StatusOr<StoreStats> StatsOfRocksStore(const StatsOptions& options);

// For people: lines of at most 80 columns.
std::string StatsText(const StoreStats& stats);
// One JSON object, with the fields of StoreStats. `newest_commit_us`: microseconds.
std::string StatsJson(const StoreStats& stats);

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_VERIFY_STATS_H_
