#include "service/ledger/plan.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/util/try.h"

namespace owo::ledger {
namespace {

using storage::IntervalCode;
using storage::PlanVersionHead;

Feature FeatureOf(const storage::FeatureRecord& record) {
  return {.number = storage::FeatureNo{record.number()},
          .slug = record.slug(),
          .name = record.name(),
          .unit = record.unit(),
          .archived = record.archived()};
}

PlanVersion VersionOf(storage::PlanNo plan, const storage::PlanVersionRecord& record,
                      size_t bytes) {
  PlanVersion version{.plan = plan,
                      .version = record.version(),
                      .bytes = static_cast<uint32_t>(bytes),
                      .effective = record.effective_us()};
  if (record.has_at_once_us()) version.at_once_from = record.at_once_us();
  if (record.at_once()) version.at_once_from = version.effective;
  return version;
}

// The plan of a record, without its versions.
absl::StatusOr<Plan> PlanOf(const storage::PlanRecord& record) {
  const absl::StatusOr<rating::Currency> currency = rating::Currency::Parse(record.currency());
  if (!currency.ok()) return absl::DataLossError(absl::StrCat("the stored plan ", record.slug()));
  return Plan{.number = storage::PlanNo{record.number()},
              .slug = record.slug(),
              .currency = *currency,
              .interval = IntervalOf(static_cast<IntervalCode>(record.interval())),
              .archived = record.archived()};
}

void Inherit(const Plan& before, Plan& plan) {
  plan.versions = before.versions;
  plan.version_bytes = before.version_bytes;
}

}  // namespace

const PlanVersion* Plan::Find(uint32_t version) const {
  const auto found = std::find_if(versions.begin(), versions.end(),
                                  [&](const PlanVersion& v) { return v.version == version; });
  return found == versions.end() ? nullptr : &*found;
}

void Plan::Put(const PlanVersion& version) {
  const auto at = std::lower_bound(
      versions.begin(), versions.end(), version,
      [](const PlanVersion& a, const PlanVersion& b) { return a.version < b.version; });
  version_bytes += version.bytes;
  if (at != versions.end() && at->version == version.version) {
    version_bytes -= at->bytes;
    *at = version;
  } else {
    versions.insert(at, version);
  }
}

template <typename Item, typename Number>
CatalogTable<Item, Number>::CatalogTable(Items items) {
  std::map<Number, std::shared_ptr<const Item>> newest;
  for (std::shared_ptr<const Item>& item : items) newest[item->number] = std::move(item);
  for (auto& [number, item] : newest) items_.push_back(std::move(item));
  std::sort(items_.begin(), items_.end(),
            [](const auto& a, const auto& b) { return a->slug < b->slug; });
  for (const std::shared_ptr<const Item>& item : items_) {
    by_slug_[item->slug] = item.get();
    by_number_[item->number] = item.get();
  }
}

Catalog::Catalog(uint64_t generation, std::shared_ptr<const Features> features,
                 std::shared_ptr<const Plans> plans)
    : generation_(generation), features_(std::move(features)), plans_(std::move(plans)) {
  constexpr size_t kPerItem = 512;  // estimate, including its texts and index entries
  memory_bytes_ = (features_->items().size() + plans_->items().size()) * kPerItem;
  for (const std::shared_ptr<const Plan>& plan : plans_->items()) {
    version_bytes_ += plan->version_bytes;
    memory_bytes_ += plan->versions.capacity() * sizeof(PlanVersion);
  }
}

absl::StatusOr<Catalog::Ptr> Catalog::Read(const storage::ReadOptions& read,
                                           const storage::CatalogSource& source,
                                           storage::TenantId tenant, const Catalog* known) {
  // Reads the record with the generation first, so that no version of that generation is missed.
  OWO_TRY(const storage::CatalogRecord record, source.ReadCatalog(read, tenant));
  Features::Items features;
  for (const storage::FeatureRecord& feature : record.features()) {
    features.push_back(std::make_shared<const Feature>(FeatureOf(feature)));
  }
  Plans::Items plans;
  for (const storage::PlanRecord& of_plan : record.plans()) {
    OWO_TRY(Plan plan, PlanOf(of_plan));
    const Plan* const before = known == nullptr ? nullptr : known->FindPlan(plan.number);
    if (before != nullptr) Inherit(*before, plan);
    const uint32_t first = before == nullptr ? 0 : before->newest().version;
    OWO_TRY(const std::vector<PlanVersionHead> heads,
            source.ReadPlanVersions(read, tenant, plan.number, first));
    for (const PlanVersionHead& head : heads) {
      plan.Put(VersionOf(plan.number, head.record, head.bytes));
    }
    if (plan.versions.empty()) {
      return absl::DataLossError(absl::StrCat("the stored plan ", plan.slug, " has no version"));
    }
    plans.push_back(std::make_shared<const Plan>(std::move(plan)));
  }
  return Ptr(new Catalog(record.generation(), std::make_shared<const Features>(std::move(features)),
                         std::make_shared<const Plans>(std::move(plans))));
}

absl::StatusOr<Catalog::Ptr> Catalog::With(const storage::CatalogRecord& changes) const {
  std::shared_ptr<const Features> features = features_;
  if (!changes.features().empty()) {
    Features::Items items = features_->items();
    for (const storage::FeatureRecord& feature : changes.features()) {
      items.push_back(std::make_shared<const Feature>(FeatureOf(feature)));
    }
    features = std::make_shared<const Features>(std::move(items));
  }
  std::shared_ptr<const Plans> plans = plans_;
  if (!changes.plans().empty()) {
    Plans::Items items = plans_->items();
    for (const storage::PlanRecord& of_plan : changes.plans()) {
      OWO_TRY(Plan plan, PlanOf(of_plan));
      if (const Plan* const before = FindPlan(plan.number)) Inherit(*before, plan);
      for (const storage::PlanVersionRecord& version : of_plan.versions()) {
        plan.Put(VersionOf(plan.number, version, version.ByteSizeLong()));
      }
      items.push_back(std::make_shared<const Plan>(std::move(plan)));
    }
    plans = std::make_shared<const Plans>(std::move(items));
  }
  return Ptr(new Catalog(generation_ + 1, std::move(features), std::move(plans)));
}

}  // namespace owo::ledger
