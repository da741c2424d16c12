// Parses the terms of a feature in a plan, from the request that syncs a catalog.

#ifndef OWO_SERVICE_RPC_CATALOG_PARSE_TERMS_H_
#define OWO_SERVICE_RPC_CATALOG_PARSE_TERMS_H_

#include "owo/billing/v1/catalog.pb.h"
#include "service/ledger/catalog.h"
#include "service/rpc/fields.h"

namespace owo::rpc {

// `interval` is the interval of the plan, the default of an unspecified reset interval.
ledger::PlanFeatureSpec ParsePlanFeature(const owo::billing::v1::PlanFeature& from,
                                         rating::Interval interval, Fields fields);

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_CATALOG_PARSE_TERMS_H_
