// The layout of every key; no other file knows it. docs/format.md has diagrams with example bytes.
//
// Integers are big endian, signed ones with the sign bit flipped, so that keys sort by their
// fields. Every key except the journal's and the fixed names in `meta` starts with the tenant (4
// bytes). In column families with several kinds of row, one byte follows that names the kind. ~x is
// the bitwise complement, so that greater values sort first.
//
//   meta       "behind"                         → ReplayStartRecord
//              "format"                         → format version, decimal
//              "sealed"                         → ArchiveStateRecord
//              tenant                           → TenantRecord
//              0 as tenant, 'g'                 → AccessStateRecord
//              tenant, 't'                      → TenantProfileRecord
//              tenant, 'k', API key id          → ApiKeyRecord
//              tenant, 'u', API key id          → ApiKeyUseRecord
//   journal    sequence 8                       → JournalRecord
//   ids        tenant, id 16                    → IdRow
//   usage      tenant, 'a', customer 8          → AccountRecord
//              tenant, 'c', customer 8, feature 4, interval 1, ordinal 8, segment 4 → CounterRecord
//              tenant, 'd', and as 'c'          → digest 32: in the archive only
//              tenant, 's', and as 'c'          → ArchivedCounterRecord
//   usage_events
//              tenant, customer 8, feature 4, interval 1, ordinal 8, segment 4, end 8
//                                               → EventChunk, whose events are before `end`
//   invoices   tenant, 'c', customer 8, ~id 16  → InvoiceRecord
//              tenant, 'i', ~id 16              → customer 8
//              tenant, 'l', customer 8, feature 4, interval 1, ordinal 8, segment 4, end 8
//                                               → first 8, invoice id 16
//   catalog    tenant, 'f', feature 4           → FeatureRecord
//              tenant, 'p', plan 4              → PlanRecord, without versions
//              tenant, 'v', plan 4, version 4   → PlanVersionRecord
//   customers  tenant, 'c', customer 8          → ContractRecord, without subscriptions
//              tenant, 'e', email in lower case, 0, customer 8 → (empty)
//              tenant, 'i', id                  → customer 8
//              tenant, 'k', id in lower case, 0, customer 8 → (empty): ids with "@" and upper case
//              tenant, 'm', customer 8, subscription 4 → MetadataRecord; 0: of the customer
//              tenant, 'p', customer 8          → CustomerRecord, without metadata
//              tenant, 's', customer 8, subscription 4 → SubscriptionRecord, without metadata
//   requests   tenant, method, 0, request id    → RequestRecord

#ifndef OWO_STORAGE_ROCKSDB_FORMAT_KEYS_H_
#define OWO_STORAGE_ROCKSDB_FORMAT_KEYS_H_

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "storage/event_id.h"
#include "storage/types.h"

namespace owo::storage::keys {

inline constexpr std::string_view kFormat = "format";
inline constexpr std::string_view kReplayStart = "behind";
inline constexpr std::string_view kArchiveState = "sealed";

std::string Tenant(TenantId tenant);
std::optional<TenantId> ParseTenant(std::string_view key);  // that the key starts with
std::string AccessState();
std::string TenantProfile(TenantId tenant);
std::string ApiKey(TenantId tenant, std::string_view id);
std::string ApiKeyUse(TenantId tenant, std::string_view id);
// Which of these a key of `meta` is.
enum class AccessRow : uint8_t { kNone, kState, kTenantProfile, kApiKey, kApiKeyUse };
AccessRow AccessRowOf(std::string_view key);
std::string Journal(uint64_t sequence);
std::string Id(TenantId tenant, const EventId& id);
void SetId(std::string& key, TenantId tenant, const EventId& id);  // same as Id, but reuses memory

std::string Account(TenantId tenant, CustomerNo customer);
std::string Counter(TenantId tenant, const CounterKey& key);
std::string CountersOf(TenantId tenant, CustomerNo customer, FeatureNo feature);  // prefix; 0: all
std::optional<CounterKey> ParseCounter(std::string_view key);
std::string Digest(TenantId tenant, const CounterKey& key);
std::string ArchivedCounter(TenantId tenant, const CounterKey& key);

// `end`: one past the ordinal of the chunk's last event, so that a seek to EventChunk(tenant, key,
// ordinal + 1) finds the chunk that holds `ordinal`.
std::string EventChunk(TenantId tenant, const CounterKey& key, uint64_t end);
std::string EventChunks(TenantId tenant, const CounterKey& key);  // prefix

// A range of a counter's events that an invoice covers. Its key holds the range's end.
struct Cover {
  uint64_t first = 0;
  std::string_view invoice;
};
std::string Covered(TenantId tenant, const CounterKey& key, uint64_t end);
std::string CoveredOf(TenantId tenant, const CounterKey& key);  // prefix
std::string CoveredValue(const Cover& cover);
std::optional<Cover> ParseCovered(std::string_view value);

std::string Invoice(TenantId tenant, CustomerNo customer, std::string_view id);
std::string InvoicesOf(TenantId tenant, CustomerNo customer);  // prefix
std::string InvoiceId(TenantId tenant, std::string_view id);
std::string InvoiceIds(TenantId tenant);  // prefix
// The invoice id at the end of a key of either kind.
std::string TrailingInvoice(std::string_view key);

std::string Feature(TenantId tenant, FeatureNo feature);
std::string Features(TenantId tenant);  // prefix
std::string Plan(TenantId tenant, PlanNo plan);
std::string Plans(TenantId tenant);  // prefix
std::string PlanVersion(TenantId tenant, PlanNo plan, uint32_t version);
std::string PlanVersions(TenantId tenant, PlanNo plan);  // prefix

std::string Contract(TenantId tenant, CustomerNo customer);
std::string Subscription(TenantId tenant, CustomerNo customer, uint32_t number);
std::string Subscriptions(TenantId tenant, CustomerNo customer);  // prefix
// Metadata of the subscription with this number; 0: of the customer itself.
std::string Metadata(TenantId tenant, CustomerNo customer, uint32_t subscription);
std::string MetadataOf(TenantId tenant, CustomerNo customer);  // prefix
// The customer and the subscription number in a key of either kind.
std::pair<CustomerNo, uint32_t> ParseSubscription(std::string_view key);
std::string Email(TenantId tenant, std::string_view email, CustomerNo customer);
std::string EmailPrefix(TenantId tenant, std::string_view email);
std::string CustomerId(TenantId tenant, std::string_view id);  // also a prefix with id ""
// Finds, whatever the case of their ASCII letters, the ids that an email may equal.
std::string IdIgnoringCase(TenantId tenant, std::string_view id, CustomerNo customer);
std::string IdIgnoringCasePrefix(TenantId tenant, std::string_view id);
// Whether the id has such a key: it has an "@" and an upper-case letter.
bool HasIdIgnoringCase(std::string_view id);
std::string Customer(TenantId tenant, CustomerNo customer);

std::string Request(TenantId tenant, std::string_view method, std::string_view id);

// The number in the last 8 bytes of a key or value; 0 if it is shorter.
uint64_t TrailingNumber(std::string_view bytes);
CustomerNo TrailingCustomer(std::string_view bytes);
std::string CustomerValue(CustomerNo customer);
// nullopt if the value is not a customer's number.
std::optional<CustomerNo> ParseCustomerValue(std::string_view value);
// The smallest key that is greater than every key with this prefix.
std::string EndOf(std::string prefix);

}  // namespace owo::storage::keys

#endif  // OWO_STORAGE_ROCKSDB_FORMAT_KEYS_H_
