// Taking features from plans that customers are subscribed to.
//
//   OWO_TRY(put.not_subscribed, CheckFeatureRemoval(context, tenant, plan.removed));

#ifndef OWO_SERVICE_LEDGER_FEATURE_REMOVAL_H_
#define OWO_SERVICE_LEDGER_FEATURE_REMOVAL_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "service/ledger/context.h"
#include "service/ledger/plan.h"
#include "storage/commands.h"

namespace owo::ledger {

// Features that the newest version of a plan has, and a sync leaves out.
struct RemovedFeatures {
  const Plan* plan = nullptr;
  std::vector<std::string> features;  // slugs
};

// FEATURE_IN_USE if subscriptions to a plan that loses features are in force or scheduled.
// Otherwise what the commit must compare, so that no customer has subscribed to such a plan by
// then. If there are such plans it reads the contracts of all customers: nothing keeps count of
// subscriptions, because most of them end by the clock alone.
absl::StatusOr<storage::NotSubscribedSince> CheckFeatureRemoval(
    const Context& context, storage::TenantId tenant, const std::vector<RemovedFeatures>& removed);

}  // namespace owo::ledger

#endif  // OWO_SERVICE_LEDGER_FEATURE_REMOVAL_H_
