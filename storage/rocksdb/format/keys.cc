#include "storage/rocksdb/format/keys.h"

#include <algorithm>

#include "absl/strings/ascii.h"

namespace owo::storage::keys {
namespace {

constexpr size_t kCounterKeySize = 4 + 1 + 8 + 4 + 1 + 8 + 4;
constexpr size_t kSubscriptionKeySize = 4 + 1 + 8 + 4;
constexpr size_t kInvoiceIdSize = 16;
constexpr size_t kLongestSize = kCounterKeySize + 8;

template <typename Int>
void Append(std::string& out, Int value) {
  for (int shift = 8 * (static_cast<int>(sizeof(Int)) - 1); shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(value >> shift));
  }
}

template <typename Int>
Int Read(std::string_view bytes, size_t at) {
  Int value = 0;
  for (size_t i = 0; i < sizeof(Int); ++i) {
    value = static_cast<Int>(value << 8 | static_cast<uint8_t>(bytes[at + i]));
  }
  return value;
}

constexpr uint64_t kSignBit = uint64_t{1} << 63;
uint64_t Ordered(int64_t value) { return static_cast<uint64_t>(value) ^ kSignBit; }
int64_t FromOrdered(uint64_t bits) { return static_cast<int64_t>(bits ^ kSignBit); }

std::string AppendComplement(std::string key, std::string_view bytes) {
  for (const char byte : bytes) key.push_back(static_cast<char>(~byte));
  return key;
}

// With an end, so that no key is a prefix of another.
std::string AppendLowerCase(std::string key, std::string_view text) {
  for (const char c : text) key.push_back(absl::ascii_tolower(static_cast<unsigned char>(c)));
  key.push_back('\0');
  return key;
}

std::string Of(TenantId tenant, char kind) {
  std::string key;
  key.reserve(kLongestSize);
  Append(key, static_cast<uint32_t>(tenant));
  key.push_back(kind);
  return key;
}

template <typename Number>
std::string Of(TenantId tenant, char kind, Number number) {
  std::string key = Of(tenant, kind);
  Append(key, static_cast<std::underlying_type_t<Number>>(number));
  return key;
}

void AppendCounter(std::string& out, const CounterKey& key) {
  Append(out, static_cast<uint64_t>(key.customer));
  Append(out, static_cast<uint32_t>(key.feature));
  out.push_back(static_cast<char>(key.period.interval));
  Append(out, Ordered(key.period.ordinal));
  Append(out, key.segment);
}

}  // namespace

std::string Tenant(TenantId tenant) {
  std::string key;
  Append(key, static_cast<uint32_t>(tenant));
  return key;
}

std::optional<TenantId> ParseTenant(std::string_view key) {
  if (key.size() < sizeof(uint32_t)) return std::nullopt;
  return TenantId{Read<uint32_t>(key, 0)};
}

std::string AccessState() { return Of(kNoTenant, 'g'); }
std::string TenantProfile(TenantId tenant) { return Of(tenant, 't'); }
std::string ApiKey(TenantId tenant, std::string_view id) { return Of(tenant, 'k').append(id); }
std::string ApiKeyUse(TenantId tenant, std::string_view id) { return Of(tenant, 'u').append(id); }

AccessRow AccessRowOf(std::string_view key) {
  constexpr size_t kKindAt = sizeof(uint32_t);
  if (key.size() <= kKindAt) return AccessRow::kNone;
  const bool has_id = key.size() > kKindAt + 1;
  switch (key[kKindAt]) {
    case 'g':
      return has_id ? AccessRow::kNone : AccessRow::kState;
    case 't':
      return has_id ? AccessRow::kNone : AccessRow::kTenantProfile;
    case 'k':
      return has_id ? AccessRow::kApiKey : AccessRow::kNone;
    case 'u':
      return has_id ? AccessRow::kApiKeyUse : AccessRow::kNone;
    default:  // such as a fixed name: "behind", "format", "sealed"
      return AccessRow::kNone;
  }
}

std::string Journal(uint64_t sequence) {
  std::string key;
  Append(key, sequence);
  return key;
}

std::string Id(TenantId tenant, const EventId& id) { return Tenant(tenant).append(id.bytes()); }

void SetId(std::string& key, TenantId tenant, const EventId& id) {
  key.clear();
  Append(key, static_cast<uint32_t>(tenant));
  key.append(id.bytes());
}

std::string Account(TenantId tenant, CustomerNo customer) { return Of(tenant, 'a', customer); }

std::string Counter(TenantId tenant, const CounterKey& key) {
  std::string bytes = Of(tenant, 'c');
  AppendCounter(bytes, key);
  return bytes;
}

std::string Digest(TenantId tenant, const CounterKey& key) {
  std::string bytes = Of(tenant, 'd');
  AppendCounter(bytes, key);
  return bytes;
}

std::string ArchivedCounter(TenantId tenant, const CounterKey& key) {
  std::string bytes = Of(tenant, 's');
  AppendCounter(bytes, key);
  return bytes;
}

std::string CountersOf(TenantId tenant, CustomerNo customer, FeatureNo feature) {
  std::string prefix = Of(tenant, 'c', customer);
  if (feature != FeatureNo{}) Append(prefix, static_cast<uint32_t>(feature));
  return prefix;
}

std::optional<CounterKey> ParseCounter(std::string_view key) {
  if (key.size() != kCounterKeySize || key[4] != 'c') return std::nullopt;
  return CounterKey{
      .customer = CustomerNo{Read<uint64_t>(key, 5)},
      .feature = FeatureNo{Read<uint32_t>(key, 13)},
      .period = {static_cast<IntervalCode>(key[17]), FromOrdered(Read<uint64_t>(key, 18))},
      .segment = Read<uint32_t>(key, 26)};
}

std::string EventChunk(TenantId tenant, const CounterKey& key, uint64_t end) {
  std::string bytes = EventChunks(tenant, key);
  Append(bytes, end);
  return bytes;
}
std::string EventChunks(TenantId tenant, const CounterKey& key) {
  std::string bytes;
  bytes.reserve(kLongestSize);
  Append(bytes, static_cast<uint32_t>(tenant));
  AppendCounter(bytes, key);
  return bytes;
}

std::string Covered(TenantId tenant, const CounterKey& key, uint64_t end) {
  std::string bytes = CoveredOf(tenant, key);
  Append(bytes, end);
  return bytes;
}
std::string CoveredOf(TenantId tenant, const CounterKey& key) {
  std::string bytes = Of(tenant, 'l');
  AppendCounter(bytes, key);
  return bytes;
}
std::string CoveredValue(const Cover& cover) {
  std::string value;
  Append(value, cover.first);
  return value.append(cover.invoice);
}
std::optional<Cover> ParseCovered(std::string_view value) {
  if (value.size() <= 8) return std::nullopt;
  return Cover{.first = Read<uint64_t>(value, 0), .invoice = value.substr(8)};
}

std::string InvoiceId(TenantId tenant, std::string_view id) {
  return AppendComplement(Of(tenant, 'i'), id);
}
std::string InvoiceIds(TenantId tenant) { return Of(tenant, 'i'); }
std::string Invoice(TenantId tenant, CustomerNo customer, std::string_view id) {
  return AppendComplement(InvoicesOf(tenant, customer), id);
}
std::string TrailingInvoice(std::string_view key) {
  if (key.size() < kInvoiceIdSize) return "";
  return AppendComplement("", key.substr(key.size() - kInvoiceIdSize));
}
std::string InvoicesOf(TenantId tenant, CustomerNo customer) { return Of(tenant, 'c', customer); }

std::string Feature(TenantId tenant, FeatureNo feature) { return Of(tenant, 'f', feature); }
std::string Features(TenantId tenant) { return Of(tenant, 'f'); }
std::string Plan(TenantId tenant, PlanNo plan) { return Of(tenant, 'p', plan); }
std::string Plans(TenantId tenant) { return Of(tenant, 'p'); }
std::string PlanVersion(TenantId tenant, PlanNo plan, uint32_t version) {
  std::string key = PlanVersions(tenant, plan);
  Append(key, version);
  return key;
}
std::string PlanVersions(TenantId tenant, PlanNo plan) { return Of(tenant, 'v', plan); }

std::string Contract(TenantId tenant, CustomerNo customer) { return Of(tenant, 'c', customer); }
std::string Subscription(TenantId tenant, CustomerNo customer, uint32_t number) {
  std::string key = Subscriptions(tenant, customer);
  Append(key, number);
  return key;
}
std::string Subscriptions(TenantId tenant, CustomerNo customer) {
  return Of(tenant, 's', customer);
}
std::string Metadata(TenantId tenant, CustomerNo customer, uint32_t subscription) {
  std::string key = MetadataOf(tenant, customer);
  Append(key, subscription);
  return key;
}
std::string MetadataOf(TenantId tenant, CustomerNo customer) { return Of(tenant, 'm', customer); }
std::pair<CustomerNo, uint32_t> ParseSubscription(std::string_view key) {
  if (key.size() != kSubscriptionKeySize) return {};
  return {CustomerNo{Read<uint64_t>(key, 5)}, Read<uint32_t>(key, 13)};
}
std::string Email(TenantId tenant, std::string_view email, CustomerNo customer) {
  return EmailPrefix(tenant, email).append(CustomerValue(customer));
}
std::string EmailPrefix(TenantId tenant, std::string_view email) {
  return AppendLowerCase(Of(tenant, 'e'), email);
}
std::string IdIgnoringCase(TenantId tenant, std::string_view id, CustomerNo customer) {
  return IdIgnoringCasePrefix(tenant, id).append(CustomerValue(customer));
}
std::string IdIgnoringCasePrefix(TenantId tenant, std::string_view id) {
  return AppendLowerCase(Of(tenant, 'k'), id);
}
bool HasIdIgnoringCase(std::string_view id) {
  const auto is_upper = [](char c) { return absl::ascii_isupper(static_cast<unsigned char>(c)); };
  return id.find('@') != std::string_view::npos && std::any_of(id.begin(), id.end(), is_upper);
}
std::string CustomerId(TenantId tenant, std::string_view id) { return Of(tenant, 'i').append(id); }
std::string Customer(TenantId tenant, CustomerNo customer) { return Of(tenant, 'p', customer); }

std::string Request(TenantId tenant, std::string_view method, std::string_view id) {
  return Tenant(tenant).append(method).append(1, '\0').append(id);
}

uint64_t TrailingNumber(std::string_view bytes) {
  return bytes.size() < 8 ? 0 : Read<uint64_t>(bytes, bytes.size() - 8);
}
CustomerNo TrailingCustomer(std::string_view bytes) { return CustomerNo{TrailingNumber(bytes)}; }

std::string CustomerValue(CustomerNo customer) {
  std::string value;
  Append(value, static_cast<uint64_t>(customer));
  return value;
}
std::optional<CustomerNo> ParseCustomerValue(std::string_view value) {
  if (value.size() != sizeof(uint64_t) || TrailingNumber(value) == 0) return std::nullopt;
  return TrailingCustomer(value);
}

std::string EndOf(std::string prefix) {
  while (!prefix.empty() && prefix.back() == '\xff') prefix.pop_back();
  if (!prefix.empty()) ++prefix.back();
  return prefix;
}

}  // namespace owo::storage::keys
