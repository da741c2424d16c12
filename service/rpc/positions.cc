#include "service/rpc/positions.h"

#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace owo::rpc {
namespace {

template <typename Number>
bool ParseNumber(std::string_view text, Number& number) {
  return absl::SimpleAtoi(absl::string_view(text.data(), text.size()), &number);
}

}  // namespace

std::string PositionOf(const storage::CounterKey& key) {
  return absl::StrCat(static_cast<uint64_t>(key.customer), " ", static_cast<uint32_t>(key.feature),
                      " ", static_cast<int>(key.period.interval), " ", key.period.ordinal, " ",
                      key.segment);
}

std::optional<storage::CounterKey> ParseCounterPosition(std::string_view position) {
  const std::vector<absl::string_view> parts =
      absl::StrSplit(absl::string_view(position.data(), position.size()), ' ');
  uint64_t customer = 0;
  uint32_t feature = 0;
  uint32_t interval = 0;
  storage::CounterKey key;
  const bool numbers =
      parts.size() == 5 && absl::SimpleAtoi(parts[0], &customer) &&
      absl::SimpleAtoi(parts[1], &feature) && absl::SimpleAtoi(parts[2], &interval) &&
      absl::SimpleAtoi(parts[3], &key.period.ordinal) && absl::SimpleAtoi(parts[4], &key.segment);
  if (!numbers || interval < static_cast<uint32_t>(storage::IntervalCode::kHour) ||
      interval > static_cast<uint32_t>(storage::IntervalCode::kNever)) {
    return std::nullopt;
  }
  key.customer = storage::CustomerNo{customer};
  key.feature = storage::FeatureNo{feature};
  key.period.interval = static_cast<storage::IntervalCode>(interval);
  return key;
}

std::string PositionOf(const ledger::CounterPlace& place) {
  return absl::StrCat(PositionOf(place.counter), " ", place.ordinal);
}

std::optional<ledger::CounterPlace> ParseCounterPlace(std::string_view position) {
  const size_t blank = position.rfind(' ');
  if (blank == std::string_view::npos) return std::nullopt;
  const std::optional<storage::CounterKey> counter =
      ParseCounterPosition(position.substr(0, blank));
  ledger::CounterPlace place;
  if (!counter.has_value() || !ParseNumber(position.substr(blank + 1), place.ordinal)) {
    return std::nullopt;
  }
  place.counter = *counter;
  return place;
}

std::string PositionOf(const ledger::LinePlace& place) {
  return absl::StrCat(place.line, " ", place.ordinal);
}

std::optional<ledger::LinePlace> ParseLinePlace(std::string_view position) {
  const size_t blank = position.find(' ');
  ledger::LinePlace place;
  const bool numbers = blank != std::string_view::npos &&
                       ParseNumber(position.substr(0, blank), place.line) &&
                       ParseNumber(position.substr(blank + 1), place.ordinal);
  if (!numbers) return std::nullopt;
  return place;
}

}  // namespace owo::rpc
