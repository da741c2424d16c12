#include "service/rpc/render_values.h"

#include <algorithm>

namespace owo::rpc {

SecondsAndNanos ToSeconds(storage::Micros time) {
  // The last microsecond that a Timestamp can represent: a period may end one microsecond later.
  constexpr storage::Micros kLast = 253'402'300'799'999'999;
  const storage::Micros shown = std::min(time, kLast);
  return {.seconds = shown / 1'000'000, .nanos = static_cast<int32_t>(shown % 1'000'000 * 1000)};
}

google::protobuf::Timestamp ToTimestamp(storage::Micros time) {
  const SecondsAndNanos shown = ToSeconds(time);
  google::protobuf::Timestamp to;
  to.set_seconds(shown.seconds);
  to.set_nanos(shown.nanos);
  return to;
}

pb::Interval ToProto(rating::Interval interval) {
  switch (interval) {
    case rating::Interval::kHour:
      return pb::INTERVAL_HOUR;
    case rating::Interval::kDay:
      return pb::INTERVAL_DAY;
    case rating::Interval::kWeek:
      return pb::INTERVAL_WEEK;
    case rating::Interval::kMonth:
      return pb::INTERVAL_MONTH;
    case rating::Interval::kQuarter:
      return pb::INTERVAL_QUARTER;
    case rating::Interval::kYear:
      return pb::INTERVAL_YEAR;
    case rating::Interval::kNever:
      return pb::INTERVAL_NEVER;
  }
  return pb::INTERVAL_UNSPECIFIED;
}

pb::RatingModel ToProto(rating::RatingModel model) {
  switch (model) {
    case rating::RatingModel::kPerUnit:
      return pb::RATING_MODEL_PER_UNIT;
    case rating::RatingModel::kPackage:
      return pb::RATING_MODEL_PACKAGE;
    case rating::RatingModel::kGraduated:
      return pb::RATING_MODEL_GRADUATED;
    case rating::RatingModel::kVolume:
      return pb::RATING_MODEL_VOLUME;
  }
  return pb::RATING_MODEL_UNSPECIFIED;
}

pb::UsageModel ToProto(ledger::UsageModel model) {
  return model == ledger::UsageModel::kUsageBased ? pb::USAGE_MODEL_USAGE_BASED
                                                  : pb::USAGE_MODEL_INCLUDED;
}

pb::Period ToProto(const ledger::PeriodView& period) {
  pb::Period to;
  to.set_interval(ToProto(period.interval));
  to.set_label(period.label);
  *to.mutable_start() = ToTimestamp(period.start);
  if (period.end != storage::kForever) *to.mutable_end() = ToTimestamp(period.end);
  to.set_time_zone(period.time_zone);
  return to;
}

}  // namespace owo::rpc
