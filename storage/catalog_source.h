// Reads of catalogs. Features and plans are read together. Plan versions may be large: first read
// the part that does not grow with their terms (PlanVersionHead), then the terms of one version at
// a time.
//
//   OWO_TRY(const CatalogRecord catalog, source.ReadCatalog(read, tenant));
//   OWO_TRY(const auto heads, source.ReadPlanVersions(read, tenant, plan, /*first=*/0));
//   const uint32_t newest = heads.back().record.version();
//   OWO_TRY(const auto terms, source.ReadPlanVersion(read, tenant, plan, newest));

#ifndef OWO_STORAGE_CATALOG_SOURCE_H_
#define OWO_STORAGE_CATALOG_SOURCE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/read_options.h"
#include "storage/records.pb.h"
#include "storage/types.h"

namespace owo::storage {

// A version of a plan without its terms.
struct PlanVersionHead {
  // Without features.
  PlanVersionRecord record;
  // Size of the whole record, serialized.
  size_t bytes = 0;
};

// Thread-safe. All functions block if `read` lets them, and fail with DATA_LOSS if a row does not
// parse or is missing, or with ReadNeedsDisk() (read_options.h).
class CatalogSource {
 public:
  virtual ~CatalogSource() = default;

  // Incremented by each change of the tenant's catalog; 0 before the first change. Cheap: a cache
  // asks for it before it uses its copy of the catalog. The copy is stale if its generation is
  // older.
  virtual absl::StatusOr<uint64_t> CatalogGeneration(const ReadOptions& read,
                                                     TenantId tenant) const = 0;
  // Generation, features and plans, as of one moment. Plans come without versions.
  virtual absl::StatusOr<CatalogRecord> ReadCatalog(const ReadOptions& read,
                                                    TenantId tenant) const = 0;
  // A plan's versions from number `first` on, ascending. Time is proportional to the bytes of
  // those versions; memory is not.
  virtual absl::StatusOr<std::vector<PlanVersionHead>> ReadPlanVersions(const ReadOptions& read,
                                                                        TenantId tenant,
                                                                        PlanNo plan,
                                                                        uint32_t first) const = 0;
  // nullopt if the plan has no such version. The terms of a version never change; the head of the
  // newest version may.
  virtual absl::StatusOr<std::optional<PlanVersionRecord>> ReadPlanVersion(
      const ReadOptions& read, TenantId tenant, PlanNo plan, uint32_t version) const = 0;
};

}  // namespace owo::storage

#endif  // OWO_STORAGE_CATALOG_SOURCE_H_
