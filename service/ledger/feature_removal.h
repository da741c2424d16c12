// Guards against removing features from plans that customers are subscribed to.
//
//   OWO_TRY(put.not_subscribed, CheckFeatureRemoval(context, parts, plan.removed));
//
// Usage of a removed feature would be refused with kFeatureNotInPlan, from the time on at which the
// new version applies to a subscription. So a sync must ask for it (allow_feature_removal).

#ifndef OWO_SERVICE_LEDGER_FEATURE_REMOVAL_H_
#define OWO_SERVICE_LEDGER_FEATURE_REMOVAL_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "service/ledger/ledger_parts.h"
#include "service/ledger/plan.h"
#include "storage/commands.h"

namespace owo::ledger {

// The features of a plan's newest version that a sync would remove.
struct RemovedFeatures {
  const Plan* plan = nullptr;
  std::vector<std::string> features;  // slugs
};

// FEATURE_IN_USE if a plan that loses features has subscriptions in force or scheduled. Otherwise
// returns the condition that the commit must check: no customer has subscribed to such a plan in
// the meantime.
//
// Reads the contracts of all customers, unless `removed` is empty. Subscriptions are not counted
// incrementally, because most of them end by the passing of time, without a commit. Blocks.
// Thread-safe.
absl::StatusOr<storage::NotSubscribedSince> CheckFeatureRemoval(
    const CallContext& context, const LedgerParts& parts,
    const std::vector<RemovedFeatures>& removed);

}  // namespace owo::ledger

#endif  // OWO_SERVICE_LEDGER_FEATURE_REMOVAL_H_
