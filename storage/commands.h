// What a store is asked to commit, and what it answers. The store only compares numbers that it is
// given; the caller knows what they mean (allowance, price, cap).
//
//   Target target{.counter = key, .total_max = total_max, .terms = terms};
//   TrackCommand command{.tenant = tenant, .catalog_generation = catalog.generation()};
//   command.events.push_back({.id = id, .feature = key.feature, .customer = key.customer,
//                             .quantity = quantity, .time = now,
//                             .customer_generation = contract.generation(), .target = &target});
//   store.Track(std::move(command), …);
//
//   Mutation mutation{.tenant = tenant, .now = now, .change = UpdateInvoice{invoice}};
//   store.Commit(std::move(mutation), …);
//
// Each command names the versions of what it was decided on: generations of catalog and customer,
// versions of the account, the revision of an invoice. If one of them has moved, the store changes
// nothing and says so; the caller reads and decides again. The rules are in decide_track.h and
// decide_mutation.h. All times are in microseconds since 1970.

#ifndef OWO_STORAGE_COMMANDS_H_
#define OWO_STORAGE_COMMANDS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "storage/event_id.h"
#include "storage/records.pb.h"
#include "storage/types.h"

namespace owo::storage {

// ---- Tracking.

// The counter that events go to, and the bounds that its total is compared with. All events of a
// counter share one target, as long as only the counter decides about them.
struct Target {
  CounterKey counter;
  // A total beyond this: kOutOfRange.
  Quantity total_max;
  // A positive quantity that would take the total beyond this: kOverLimit. Absent: no limit.
  std::optional<Quantity> limit;
  // A total beyond this: kCountedOver. Absent: no bound.
  std::optional<Quantity> allowance;
  // A counter that no invoice line covers has nothing to bill up to this total, whatever other
  // counters hold.
  std::optional<Quantity> closed_up_to;
  // Number of segments in the counter's period.
  uint32_t group_segments = 1;
  // Count only at this usage version of the account; else kConflict. Absent: at any.
  std::optional<uint64_t> expected_usage_version;
  // Given to the counter if an event opens it.
  CounterTerms terms;
};

// One usage event, with everything needed to check it. Checks run in this order: known id;
// staleness; refusal; expected version; range; limit.
struct TrackEvent {
  EventId id;
  // Not 0: the event was refused when it was resolved. Answered kRefused, unless the id is known or
  // the event is stale.
  uint8_t refusal = 0;
  // The target's limit does not apply to this event.
  bool unlimited = false;
  // 0: no such feature; then `refusal` is set.
  FeatureNo feature{};
  CustomerNo customer{};
  // Negative to take back usage.
  Quantity quantity;
  // When the usage happened.
  Micros time = 0;
  // Of the customer that the event was resolved against.
  uint64_t customer_generation = 0;
  // Used when `refusal` is 0.
  const Target* target = nullptr;
  // The id as the caller gave it. Kept when the id is not a UUID.
  std::string_view id_text;
  // Kept, not interpreted.
  std::string_view properties;
};

// What became of an event.
enum class TrackCode : uint8_t {
  // Counted.
  kCounted,
  // Counted, and the total is now beyond the allowance.
  kCountedOver,  // counted, and the total is now beyond the allowance
  // The id is known with another customer, feature or quantity.
  kIdReused,  // id known with another customer, feature or quantity
  // TrackEvent::refusal was set.
  kRefused,  // `refusal` was set
  // Resolved against an older catalog or customer: resolve again, then retry.
  kStale,  // resolved against an older catalog or customer: resolve again, then retry
  // The account is not at the expected version: read again, then retry.
  kConflict,
  // The total would be beyond Target::total_max.
  kOutOfRange,  // the total would be beyond total_max
  // The total would be negative.
  kBelowZero,  // the total would be negative
  // The total would be beyond Target::limit.
  kOverLimit,
};

// The answer for one event.
struct TrackOutcome {
  TrackCode code = TrackCode::kRefused;
  // The id was counted before; `code` is the first answer.
  bool duplicate = false;
  // The id was counted before, and the event was resolved against an older catalog or customer.
  // Resolved again, it may be another event, or belong to another counter. False while the disk is
  // full.
  bool stale = false;
  Quantity total;  // of the counter, after this event
};

// Events are checked in order, each on its own: an event that is not counted changes nothing.
// Everything that the events point to must stay unchanged until the command is answered.
struct TrackCommand {
  TenantId tenant = kDefaultTenant;
  uint64_t catalog_generation = 0;
  std::vector<TrackEvent> events;
};

// ---- Everything else.

// Identifies a request that may be repeated. The claim is stored in the same commit as the change,
// so a request whose commit fails is not remembered.
struct RequestClaim {
  // The RPC. Ids of different methods are unrelated.
  std::string method;
  // From the caller, unique within tenant and method for 30 days.
  std::string id;
  // Of the request's content. The same id with another one: kRequestReused.
  std::string fingerprint;
  // What a repeat is answered from; "": the customer's number.
  std::string object;
};

// The plan to which a change of an existing customer adds a subscription, or of which it moves a
// subscription's end to a later time.
struct Subscribes {
  PlanNo plan{};
  uint64_t catalog_generation = 0;  // the change was decided at this one; kConflict if newer
};

// Writes a customer. If record.number is 0, the store creates the customer, assigns its number and
// sets its generation to 1. Otherwise the store updates the customer if it is still at
// contract.generation, and increments the generation. The store compares the change with what is
// stored, and writes and journals only what differs.
//
// The record, the currency and the spend cap are replaced. Zones are only appended: when n are
// stored, those from index n on are added. Subscriptions are added or replaced by number, each with
// its metadata; subscriptions that are not given stay as they are.
struct PutCustomer {
  CustomerRecord record;
  ContractRecord contract;
  // Present: kUsageAfterChange if a counted event of this customer is at or after this time.
  std::optional<Micros> effective_from;
  std::optional<Subscribes> subscribes;
  // Metadata that is empty here, of the customer or of a subscription, stays as it is stored.
  bool keeps_metadata = false;
};

// Plans to which no customer may have subscribed since `commit_sequence`, a value of
// Store::CommitSequence.
struct NotSubscribedSince {
  std::vector<PlanNo> plans;
  uint64_t commit_sequence = 0;
};

// Adds to the catalog if it is still at `generation`, and increments the generation. The caller
// assigns the numbers of features and plans: it read the catalog at `generation`, so it knows which
// are free. Only new versions of a plan are given.
struct PutCatalog {
  uint64_t generation = 0;
  CatalogRecord changes;
  // Present: kUsageAfterChange if a counted event of this tenant is at or after this time.
  std::optional<Micros> effective_from;
  // kConflict if a PutCustomer with `subscribes` was committed to one of these plans since.
  NotSubscribedSince not_subscribed;
};

// Creates an invoice that covers usage, if no other invoice of the customer was created or voided
// since `invoice_version` was read. An open invoice gets the next number of its series.
struct CreateInvoice {
  // REQUIRES: the lines' amounts sum to its subtotal. The store sets its sequence and revision.
  InvoiceRecord invoice;
  // Of the account that it was decided on; kConflict if the account has another one.
  uint64_t invoice_version = 0;
  // Read together with invoice_version. Usage counted since then is no conflict: it is not covered.
  uint64_t usage_version = 0;
  // Counters without anything left to bill. One that changed since stays open.
  std::vector<ClosedCounterRecord> closed_counters;
};

// Updates an invoice if it is still at invoice.revision: replaces its status, times and void
// reason, and appends payments (when n are stored, those from index n on). All other fields of
// `invoice` are ignored. An invoice that becomes open gets a number; one that becomes void releases
// its coverage.
struct UpdateInvoice {
  InvoiceRecord invoice;
};

// Changes tenants and API keys if they are still at `generation`, and increments the generation. So
// whoever decided it knew all tenants and keys, and the store checks nothing else: neither numbers,
// nor slugs, nor ids. REQUIRES: the tenant of the mutation, to which its request belongs, is that
// of the keys, or kNoTenant.
struct PutAccess {
  uint64_t generation = 0;
  // Its generation is ignored.
  AccessChangeRecord changes;
};

// Records when keys were last used. Keys that are not stored are skipped.
struct PutKeyUses {
  std::vector<ApiKeyUseRecord> uses;
};

// Changes nothing. For a request whose result existed already, so that its request id is
// remembered.
struct NoChange {};

// A change to commit. All that belongs to it is written atomically, with the request's claim.
struct Mutation {
  TenantId tenant = kDefaultTenant;
  // The tenant's time. Decides which requests are older than 30 days, and so forgotten.
  Micros now = 0;
  // Absent: a repeat is made again.
  std::optional<RequestClaim> request;
  std::variant<PutCustomer, PutCatalog, CreateInvoice, UpdateInvoice, PutAccess, PutKeyUses,
               NoChange>
      change;
};

// What became of a mutation. All but kCommitted changed nothing.
enum class MutationCode : uint8_t {
  kCommitted,
  // The same request succeeded before; see MutationResult::request.
  kReplayed,  // the same request succeeded before; see MutationResult::request
  // The request id was used with other content.
  kRequestReused,  // the request id was used with other content
  // What was read has changed: read and decide again.
  kConflict,
  // Another customer has this id as id or email, or this email as id.
  kExists,  // another customer has this id as id or email, or this email as id
  // Usage was counted at or after effective_from.
  kUsageAfterChange,  // counted usage at or after effective_from
};

// The answer to a mutation.
struct MutationResult {
  MutationCode code = MutationCode::kCommitted;
  // Of kReplayed: what the first request stored.
  RequestRecord request;
  // Of PutCustomer: the number of the customer, which a new one got in this commit.
  CustomerNo customer{};
  // Of CreateInvoice and UpdateInvoice: its row, a serialized InvoiceRecord.
  std::string invoice;
};

}  // namespace owo::storage

#endif  // OWO_STORAGE_COMMANDS_H_
