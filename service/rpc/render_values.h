// Renders values that several answers contain.

#ifndef OWO_SERVICE_RPC_RENDER_VALUES_H_
#define OWO_SERVICE_RPC_RENDER_VALUES_H_

#include <google/protobuf/timestamp.pb.h>

#include <cstdint>

#include "owo/billing/v1/period.pb.h"
#include "owo/billing/v1/pricing.pb.h"
#include "service/ledger/invoice_lines.h"
#include "service/ledger/terms.h"

namespace owo::rpc {

namespace pb = ::owo::billing::v1;

// The fields of a Timestamp.
struct SecondsAndNanos {
  int64_t seconds = 0;
  int32_t nanos = 0;
};
SecondsAndNanos ToSeconds(storage::Micros time);
google::protobuf::Timestamp ToTimestamp(storage::Micros time);
pb::Interval ToProto(rating::Interval interval);
pb::RatingModel ToProto(rating::RatingModel model);
pb::UsageModel ToProto(ledger::UsageModel model);
pb::Period ToProto(const ledger::PeriodView& period);

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_RENDER_VALUES_H_
