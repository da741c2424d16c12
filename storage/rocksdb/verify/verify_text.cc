#include "storage/rocksdb/verify/verify_text.h"

#include <google/protobuf/util/message_differencer.h>

#include <optional>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "storage/convert.h"
#include "storage/event_id.h"
#include "storage/records.pb.h"
#include "storage/rocksdb/format/keys.h"

namespace owo::storage {
namespace {

using google::protobuf::util::MessageDifferencer;

constexpr size_t kTenantSize = 4;
constexpr size_t kCounterSize = 8 + 4 + 1 + 8 + 4;  // of a counter's part of a key
constexpr size_t kTextMax = 600;

char LetterOf(std::string_view key) { return key.size() > kTenantSize ? key[kTenantSize] : '\0'; }

std::string_view IntervalText(IntervalCode interval) {
  constexpr std::string_view kNames[] = {"hour",    "day",  "week", "month",
                                         "quarter", "year", "never"};
  const size_t at = static_cast<size_t>(interval) - 1;
  return at < std::size(kNames) ? kNames[at] : "interval";
}

std::string CoverageText(const Coverage& covered) {
  std::string text = absl::StrCat(
      "usage ", QuantityText(covered.usage), ", free ", QuantityText(covered.free), ", billable ",
      QuantityText(covered.billable), ", amount ", covered.amount, ", events");
  for (const OrdinalRange& range : covered.ranges) {
    absl::StrAppend(&text, " ", range.first, "-", range.end);
  }
  return text;
}

std::string CounterRowText(const Counter& counter) {
  return absl::StrCat("total ", QuantityText(counter.total), " of ", counter.events,
                      " events, covered ", CoverageText(counter.covered),
                      counter.open ? ", open" : ", closed");
}

std::string Bounded(std::string text) {
  if (text.size() <= kTextMax) return text;
  text.resize(kTextMax);
  return text + " ...";
}

// Compares field by field. Ignores an account's flushed_sequence, which depends on flush times
// only.
template <typename Record>
std::string Differences(std::string_view stored, std::string_view replayed) {
  Record a;
  Record b;
  if (!a.ParseFromArray(stored.data(), static_cast<int>(stored.size()))) return "does not parse";
  if (!b.ParseFromArray(replayed.data(), static_cast<int>(replayed.size()))) {
    return "does not parse";
  }
  if constexpr (std::is_same_v<Record, AccountRecord>) {
    a.clear_flushed_sequence();
    b.clear_flushed_sequence();
  }
  std::string text;
  MessageDifferencer differencer;
  differencer.ReportDifferencesToString(&text);
  if (differencer.Compare(b, a)) return "";
  return Bounded(absl::StrCat("from the journal to what is stored ",
                              absl::StrReplaceAll(text, {{"\n", "; "}})));
}

std::string CounterDifference(std::string_view key, std::string_view stored,
                              std::string_view replayed) {
  const auto read = [key](std::string_view row) -> std::string {
    CounterRecord record;
    const auto parsed = keys::ParseCounter(key);
    if (!parsed.has_value() || !record.ParseFromArray(row.data(), static_cast<int>(row.size()))) {
      return "does not parse";
    }
    const absl::StatusOr<Counter> counter = FromRecord(*parsed, record);
    return counter.ok() ? CounterRowText(*counter) : "does not parse";
  };
  const std::string stored_text = read(stored);
  const std::string replayed_text = read(replayed);
  // The texts omit terms and tiers: compare the records.
  if (stored_text == replayed_text) return Differences<CounterRecord>(stored, replayed);
  return absl::StrCat("stored ", stored_text, "; the journal gives ", replayed_text);
}

std::string CoverText(std::string_view value) {
  const auto cover = keys::ParseCovered(value);
  if (!cover.has_value()) return "does not parse";
  return absl::StrCat("from event ", cover->first, " by invoice ", HexText(cover->invoice));
}

// The text of the counter key that is embedded in `key` at offset `at`.
std::string CounterTextAt(std::string_view key, size_t at) {
  if (key.size() < at + kCounterSize) return HexText(key);
  const std::string counter = absl::StrCat(std::string(key.substr(0, kTenantSize)), "c",
                                           std::string(key.substr(at, kCounterSize)));
  const auto tenant = keys::ParseTenant(key);
  const auto parsed = keys::ParseCounter(counter);
  return parsed.has_value() ? CounterText(*tenant, *parsed) : HexText(key);
}

}  // namespace

std::string HexText(std::string_view bytes) {
  return absl::BytesToHexString({bytes.data(), bytes.size()});
}

std::string QuantityText(Quantity quantity) {
  constexpr int64_t kUnit = 1'000'000'000'000;
  const bool negative = quantity.units < 0;
  const auto bits = static_cast<absl::uint128>(quantity.units);
  const absl::uint128 magnitude = negative ? -bits : bits;
  std::string text = absl::StrCat(negative ? "-" : "", absl::Uint128Low64(magnitude / kUnit));
  uint64_t fraction = absl::Uint128Low64(magnitude % kUnit);
  if (fraction == 0) return text;
  std::string digits = absl::StrCat(kUnit + static_cast<int64_t>(fraction)).substr(1);
  digits.erase(digits.find_last_not_of('0') + 1);
  return absl::StrCat(text, ".", digits);
}

std::string CounterText(TenantId tenant, const CounterKey& key) {
  return absl::StrCat("tenant ", static_cast<uint32_t>(tenant), ", customer ",
                      static_cast<uint64_t>(key.customer), ", feature ",
                      static_cast<uint32_t>(key.feature), ", ",
                      std::string(IntervalText(key.period.interval)), " ", key.period.ordinal,
                      ", segment ", key.segment);
}

std::string IdText(std::string_view key) {
  const auto tenant = keys::ParseTenant(key);
  const std::string_view id = key.substr(kTenantSize);
  const bool is_uuid = (static_cast<uint8_t>(id[8]) & 0xC0U) != 0xC0U;
  return absl::StrCat("tenant ", static_cast<uint32_t>(*tenant), ", ",
                      is_uuid ? EventId::FromBytes(id.data(), true).UuidText() : HexText(id));
}

std::string KeyText(ColumnFamily family, std::string_view key) {
  const auto tenant = keys::ParseTenant(key);
  if (!tenant.has_value()) return HexText(key);
  const char letter = LetterOf(key);
  if (family == ColumnFamily::kUsageEvents) return CounterTextAt(key, kTenantSize);
  if (family == ColumnFamily::kUsage && letter == 'c') return CounterTextAt(key, kTenantSize + 1);
  if (family == ColumnFamily::kInvoices && letter == 'l') {
    return absl::StrCat(CounterTextAt(key, kTenantSize + 1), ", events before ",
                        keys::TrailingNumber(key));
  }
  std::string text = absl::StrCat("tenant ", static_cast<uint32_t>(*tenant));
  const bool by_customer = (family == ColumnFamily::kUsage && letter == 'a') ||
                           (family == ColumnFamily::kCustomers && letter == 'c');
  if (family == ColumnFamily::kCustomers && (letter == 's' || letter == 'm')) {
    const auto [customer, number] = keys::ParseSubscription(key);
    return absl::StrCat(text, ", customer ", static_cast<uint64_t>(customer), ", subscription ",
                        number);
  }
  if (by_customer) {
    return absl::StrCat(text, ", customer ", static_cast<uint64_t>(keys::TrailingCustomer(key)));
  }
  if (family == ColumnFamily::kInvoices) {
    return absl::StrCat(text, ", invoice ", HexText(keys::TrailingInvoice(key)));
  }
  if (key.size() == kTenantSize) return text;
  return absl::StrCat(text, ", ", HexText(key.substr(kTenantSize + 1)));
}

bool IsOfLetter(std::string_view key, char letter) {
  return key.size() > kTenantSize && key[kTenantSize] == letter;
}

std::string_view KindOf(ColumnFamily family, std::string_view key) {
  const char letter = LetterOf(key);
  switch (family) {
    case ColumnFamily::kMeta:
      if (key.size() == kTenantSize) return "tenants";
      switch (keys::AccessRowOf(key)) {
        case keys::AccessRow::kState:
          return "generations of access";
        case keys::AccessRow::kTenantProfile:
          return "tenant profiles";
        case keys::AccessRow::kApiKey:
          return "API keys";
        case keys::AccessRow::kApiKeyUse:  // not in the journal
        case keys::AccessRow::kNone:
          return "";
      }
      return "";
    case ColumnFamily::kUsage:
      if (letter == 'd' || letter == 's') return "";  // of what is archived
      return letter == 'a' ? "accounts" : letter == 'c' ? "counters" : "rows of no kind";
    case ColumnFamily::kInvoices:
      return letter == 'c'   ? "invoices"
             : letter == 'i' ? "invoices by id"
             : letter == 'l' ? "coverage"
                             : "rows of no kind";
    case ColumnFamily::kCatalog:
      return letter == 'f'   ? "features"
             : letter == 'p' ? "plans"
             : letter == 'v' ? "plan versions"
                             : "rows of no kind";
    case ColumnFamily::kCustomers:
      return letter == 'c' ? "contracts" : letter == 's' ? "subscriptions" : "";
    case ColumnFamily::kJournal:
    case ColumnFamily::kIds:
    case ColumnFamily::kUsageEvents:
    case ColumnFamily::kRequests:
      return "";
  }
  return "";
}

std::string RowDifference(ColumnFamily family, std::string_view key, std::string_view stored,
                          std::string_view replayed) {
  if (stored == replayed) return "";
  const std::string_view kind = KindOf(family, key);
  if (kind == "tenants") return Differences<TenantRecord>(stored, replayed);
  if (kind == "generations of access") return Differences<AccessStateRecord>(stored, replayed);
  if (kind == "tenant profiles") return Differences<TenantProfileRecord>(stored, replayed);
  if (kind == "API keys") return Differences<ApiKeyRecord>(stored, replayed);
  if (kind == "accounts") return Differences<AccountRecord>(stored, replayed);
  if (kind == "counters") return CounterDifference(key, stored, replayed);
  if (kind == "invoices") return Differences<InvoiceRecord>(stored, replayed);
  if (kind == "features") return Differences<FeatureRecord>(stored, replayed);
  if (kind == "plans") return Differences<PlanRecord>(stored, replayed);
  if (kind == "plan versions") return Differences<PlanVersionRecord>(stored, replayed);
  if (kind == "contracts") return Differences<ContractRecord>(stored, replayed);
  if (kind == "subscriptions") return Differences<SubscriptionRecord>(stored, replayed);
  if (kind == "coverage") {
    return absl::StrCat("stored ", CoverText(stored), "; the journal gives ", CoverText(replayed));
  }
  return absl::StrCat("stored ", HexText(stored), "; the journal gives ", HexText(replayed));
}

}  // namespace owo::storage
