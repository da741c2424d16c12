#include <string>
#include <utility>

#include "storage/convert.h"
#include "storage/rocksdb/keys.h"
#include "storage/rocksdb/reader.h"
#include "storage/try.h"
#include "storage/wire.h"

namespace owo::storage {
namespace {

// The row without its terms, which are most of its bytes and are skipped.
absl::StatusOr<PlanVersionHead> HeadOf(std::string_view row) {
  std::string head;
  WireFields fields(row);
  while (fields.Next()) {
    if (fields.number() != PlanVersionRecord::kFeaturesFieldNumber) head.append(fields.Field());
  }
  if (!fields.ok()) return absl::DataLossError("a row of a plan's version does not parse");
  OWO_TRY(PlanVersionRecord record, ParseRow<PlanVersionRecord>(head));
  return PlanVersionHead{.record = std::move(record), .bytes = row.size()};
}

}  // namespace

absl::StatusOr<uint64_t> Reader::CatalogGeneration(const ReadOptions& read, TenantId tenant) const {
  OWO_TRY(const auto row, Find<TenantRecord>(read, Space::kMeta, keys::Tenant(tenant)));
  return row.has_value() ? row->catalog_generation() : 0;
}

absl::StatusOr<CatalogRecord> Reader::ReadCatalog(const ReadOptions& read, TenantId tenant) const {
  rocksdb::ManagedSnapshot managed(&database_.db());
  const rocksdb::Snapshot* const snapshot = managed.snapshot();
  CatalogRecord catalog;
  OWO_TRY(const auto of_tenant,
          Find<TenantRecord>(read, Space::kMeta, keys::Tenant(tenant), snapshot));
  if (of_tenant.has_value()) catalog.set_generation(of_tenant->catalog_generation());
  const auto scan = [&](const std::string& prefix, const auto& each) {
    return Scan(
        read, Space::kCatalog, prefix, keys::EndOf(prefix), Direction::kForward,
        [&](std::string_view, std::string_view value) -> absl::StatusOr<bool> {
          OWO_RETURN_IF_ERROR(each(value));
          return true;
        },
        snapshot);
  };
  OWO_RETURN_IF_ERROR(scan(keys::Features(tenant), [&](std::string_view value) -> absl::Status {
    OWO_TRY(*catalog.add_features(), ParseRow<FeatureRecord>(value));
    return absl::OkStatus();
  }));
  OWO_RETURN_IF_ERROR(scan(keys::Plans(tenant), [&](std::string_view value) -> absl::Status {
    OWO_TRY(*catalog.add_plans(), ParseRow<PlanRecord>(value));
    return absl::OkStatus();
  }));
  return catalog;
}

absl::StatusOr<std::vector<PlanVersionHead>> Reader::ReadPlanVersions(const ReadOptions& read,
                                                                      TenantId tenant, PlanNo plan,
                                                                      uint32_t first) const {
  std::vector<PlanVersionHead> heads;
  OWO_RETURN_IF_ERROR(Scan(read, Space::kCatalog, keys::PlanVersion(tenant, plan, first),
                           keys::EndOf(keys::PlanVersions(tenant, plan)), Direction::kForward,
                           [&](std::string_view, std::string_view value) -> absl::StatusOr<bool> {
                             OWO_TRY(heads.emplace_back(), HeadOf(value));
                             return true;
                           }));
  return heads;
}

absl::StatusOr<std::optional<PlanVersionRecord>> Reader::ReadPlanVersion(const ReadOptions& read,
                                                                         TenantId tenant,
                                                                         PlanNo plan,
                                                                         uint32_t version) const {
  return Find<PlanVersionRecord>(read, Space::kCatalog, keys::PlanVersion(tenant, plan, version));
}

}  // namespace owo::storage
