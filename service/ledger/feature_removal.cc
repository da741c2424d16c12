#include "service/ledger/feature_removal.h"

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "service/ledger/reason.h"
#include "service/ledger/subscription_list.h"
#include "storage/try.h"

namespace owo::ledger {
namespace {

using storage::Micros;
using storage::PlanNo;

constexpr size_t kContractsPerRead = 1000;

// The slugs of the features that a plan would lose.
std::vector<std::string> TakenFrom(const Plan& known, const PlanSpec& spec,
                                   const Catalog& catalog) {
  absl::flat_hash_set<std::string> stay;
  for (const PlanFeatureSpec& feature : spec.features) stay.insert(feature.feature);
  std::vector<std::string> taken;
  for (const Terms& terms : known.newest().features) {
    const Feature* const feature = catalog.FindFeature(terms.feature);
    if (feature != nullptr && !stay.contains(feature->slug)) taken.push_back(feature->slug);
  }
  return taken;
}

// Adds up the subscriptions to the plans in `counts` that are in force at `now` or scheduled.
absl::Status Count(const storage::Store& store, storage::TenantId tenant, Micros now,
                   absl::flat_hash_map<PlanNo, uint64_t>& counts) {
  storage::CustomerNo after{0};
  for (;;) {
    OWO_TRY(const auto contracts,
            store.ListContracts(storage::kReadAll, tenant, after, kContractsPerRead));
    for (const storage::ContractRecord& contract : contracts) {
      for (const storage::SubscriptionRecord& s : contract.subscriptions()) {
        const auto found = counts.find(PlanNo{s.plan()});
        if (found != counts.end() && !IsCanceled(s) && s.end_us() > now) ++found->second;
      }
    }
    if (contracts.size() < kContractsPerRead) return absl::OkStatus();
    after = storage::CustomerNo{contracts.back().number()};
  }
}

absl::Status InUse(const std::string& plan, const std::string& features, uint64_t subscriptions) {
  return Refuse(
      Reason::kFeatureInUse,
      absl::StrCat("plan \"", plan, "\" would lose ", features, ", and has ", subscriptions,
                   " subscriptions: set allow_feature_removal if that is meant"),
      {{"plan", plan}, {"features", features}, {"subscriptions", absl::StrCat(subscriptions)}});
}

}  // namespace

absl::StatusOr<storage::NotSubscribedSince> CheckFeatureRemoval(const Context& context,
                                                                storage::TenantId tenant,
                                                                const CatalogSpec& spec,
                                                                const Catalog& catalog) {
  // Before anything is counted: who subscribes meanwhile is found by the commit.
  storage::NotSubscribedSince since{.position = context.store.CommitPosition()};
  absl::flat_hash_map<PlanNo, uint64_t> counts;
  for (const PlanSpec& plan : spec.plans) {
    const Plan* const known = catalog.FindPlan(plan.slug);
    if (known == nullptr || TakenFrom(*known, plan, catalog).empty()) continue;
    since.plans.push_back(known->number);
    counts[known->number] = 0;
  }
  if (counts.empty()) return since;
  OWO_RETURN_IF_ERROR(Count(context.store, tenant, context.clock(), counts));
  for (const PlanSpec& plan : spec.plans) {
    const Plan* const known = catalog.FindPlan(plan.slug);
    const auto found = known == nullptr ? counts.end() : counts.find(known->number);
    if (found == counts.end() || found->second == 0) continue;
    return InUse(plan.slug, absl::StrJoin(TakenFrom(*known, plan, catalog), ","), found->second);
  }
  return since;
}

}  // namespace owo::ledger
