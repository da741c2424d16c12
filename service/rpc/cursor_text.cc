#include "service/rpc/cursor_text.h"

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

std::string CursorText(const storage::CounterKey& key) {
  return absl::StrCat(static_cast<uint64_t>(key.customer), " ", static_cast<uint32_t>(key.feature),
                      " ", static_cast<int>(key.period.interval), " ", key.period.ordinal, " ",
                      key.segment);
}

std::optional<storage::CounterKey> ParseUsageCursor(std::string_view text) {
  const std::vector<absl::string_view> parts =
      absl::StrSplit(absl::string_view(text.data(), text.size()), ' ');
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

std::string CursorText(const ledger::CounterCursor& cursor) {
  return absl::StrCat(CursorText(cursor.counter), " ", cursor.ordinal);
}

std::optional<ledger::CounterCursor> ParseCounterCursor(std::string_view text) {
  const size_t blank = text.rfind(' ');
  if (blank == std::string_view::npos) return std::nullopt;
  const std::optional<storage::CounterKey> counter = ParseUsageCursor(text.substr(0, blank));
  ledger::CounterCursor cursor;
  if (!counter.has_value() || !ParseNumber(text.substr(blank + 1), cursor.ordinal)) {
    return std::nullopt;
  }
  cursor.counter = *counter;
  return cursor;
}

std::string CursorText(const ledger::LineCursor& cursor) {
  return absl::StrCat(cursor.line, " ", cursor.ordinal);
}

std::optional<ledger::LineCursor> ParseLineCursor(std::string_view text) {
  const size_t blank = text.find(' ');
  ledger::LineCursor cursor;
  const bool numbers = blank != std::string_view::npos &&
                       ParseNumber(text.substr(0, blank), cursor.line) &&
                       ParseNumber(text.substr(blank + 1), cursor.ordinal);
  if (!numbers) return std::nullopt;
  return cursor;
}

}  // namespace owo::rpc
