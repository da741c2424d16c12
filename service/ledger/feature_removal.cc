#include "service/ledger/feature_removal.h"

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "service/ledger/errors.h"
#include "service/ledger/subscription_list.h"
#include "storage/util/try.h"

namespace owo::ledger {
namespace {

using storage::Micros;
using storage::PlanNo;

constexpr size_t kContractsPerRead = 1000;

// Counts, for each plan in `counts`, its subscriptions that are in force at `now` or scheduled.
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

absl::StatusOr<storage::NotSubscribedSince> CheckFeatureRemoval(
    const CallContext& context, const LedgerParts& parts,
    const std::vector<RemovedFeatures>& removed) {
  // Taken before the count, so that the commit detects customers who subscribe meanwhile.
  storage::NotSubscribedSince since;
  OWO_TRY(since.commit_sequence, parts.store.CommitSequence(storage::kReadAll, context.tenant));
  absl::flat_hash_map<PlanNo, uint64_t> counts;
  for (const RemovedFeatures& of_plan : removed) {
    since.plans.push_back(of_plan.plan->number);
    counts[of_plan.plan->number] = 0;
  }
  if (counts.empty()) return since;
  OWO_RETURN_IF_ERROR(Count(parts.store, context.tenant, context.now(), counts));
  for (const RemovedFeatures& of_plan : removed) {
    const uint64_t subscriptions = counts[of_plan.plan->number];
    if (subscriptions == 0) continue;
    return InUse(of_plan.plan->slug, absl::StrJoin(of_plan.features, ","), subscriptions);
  }
  return since;
}

}  // namespace owo::ledger
