#include "client/cpp/internal/wire.h"

namespace owo {

google::protobuf::Timestamp ToWire(absl::Time time) {
  // Rounds down, even before 1970: the nanoseconds of a Timestamp are never negative.
  const int64_t seconds = absl::ToUnixSeconds(time);
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds(seconds);
  timestamp.set_nanos(
      static_cast<int32_t>((time - absl::FromUnixSeconds(seconds)) / absl::Nanoseconds(1)));
  return timestamp;
}

absl::Time FromWire(const google::protobuf::Timestamp& time) {
  return absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
}

Period FromWire(const v1::Period& period) {
  return {
      .interval = static_cast<Interval>(period.interval()),
      .label = period.label(),
      .start = FromWire(period.start()),
      .end = Optional(period.has_end(), period.end()),
      .time_zone = period.time_zone(),
  };
}

TierUsage FromWire(const v1::TierUsage& tier) {
  return {
      .up_to = Optional(tier.has_up_to(), tier.up_to()),
      .unit_price = tier.unit_price(),
      .flat_fee = tier.flat_fee(),
      .quantity = tier.quantity(),
      .amount = tier.amount(),
  };
}

}  // namespace owo
