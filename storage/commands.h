// What a store is asked to commit, and what it answers. The store only compares numbers that it is
// given; the caller knows what they mean (allowance, price, cap).

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
  Quantity total_max;  // a total beyond this: kOutOfRange
  // A positive quantity that would take the total beyond this: kOverLimit. Absent: no limit.
  std::optional<Quantity> limit;
  std::optional<Quantity> allowance;  // a total beyond this: kCountedOver. Absent: no bound
  // A counter that no invoice line covers has nothing to bill up to this total, whatever other
  // counters hold.
  std::optional<Quantity> closed_up_to;
  uint32_t group_segments = 1;                     // number of segments in the counter's period
  std::optional<uint64_t> expected_usage_version;  // count only at this account version
  CounterTerms terms;                              // given to the counter if an event opens it
};

// One usage event, with everything needed to check it. Checks run in this order: known id;
// staleness; refusal; expected version; range; limit.
struct TrackEvent {
  EventId id;
  // Not 0: the event was refused when it was resolved. Answered kRefused, unless the id is known or
  // the event is stale.
  uint8_t refusal = 0;
  bool unlimited = false;  // the target's limit does not apply to this event
  FeatureNo feature{};     // 0: no such feature; then `refusal` is set
  CustomerNo customer{};
  Quantity quantity;
  Micros time = 0;
  uint64_t customer_generation = 0;  // that the event was resolved against
  const Target* target = nullptr;    // used when `refusal` is 0
  std::string_view id_text;          // kept when the id is not a UUID
  std::string_view properties;       // kept, not interpreted
};

enum class TrackCode : uint8_t {
  kCounted,
  kCountedOver,  // counted, and the total is now beyond the allowance
  kIdReused,     // id known with another customer, feature or quantity
  kRefused,      // `refusal` was set
  kStale,        // resolved against an older catalog or customer: resolve again, then retry
  kConflict,     // the account is not at the expected version: read again, then retry
  kOutOfRange,   // the total would be beyond total_max
  kBelowZero,    // the total would be negative
  kOverLimit,
};

struct TrackOutcome {
  TrackCode code = TrackCode::kRefused;
  bool duplicate = false;  // id was counted before; `code` is the first answer
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
  std::string method;
  std::string id;
  std::string fingerprint;  // of the request's content
  std::string object;       // what a repeat is answered from; "": the customer's number
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
  InvoiceRecord invoice;  // REQUIRES: the lines' amounts sum to its subtotal
  uint64_t invoice_version = 0;
  uint64_t usage_version = 0;  // read together with invoice_version
  std::vector<ClosedCounterRecord> closed_counters;
};

// Updates an invoice if it is still at invoice.revision: replaces its status, times and void
// reason, and appends payments (when n are stored, those from index n on). All other fields of
// `invoice` are ignored. An invoice that becomes open gets a number; one that becomes void releases
// its coverage.
struct UpdateInvoice {
  InvoiceRecord invoice;
};

// Changes nothing. For a request whose result existed already, so that its request id is
// remembered.
struct NoChange {};

struct Mutation {
  TenantId tenant = kDefaultTenant;
  Micros now = 0;
  std::optional<RequestClaim> request;
  std::variant<PutCustomer, PutCatalog, CreateInvoice, UpdateInvoice, NoChange> change;
};

enum class MutationCode : uint8_t {
  kCommitted,
  kReplayed,          // the same request succeeded before; see MutationResult::request
  kRequestReused,     // the request id was used with other content
  kConflict,          // what was read has changed: read and decide again
  kExists,            // another customer has this id as id or email, or this email as id
  kUsageAfterChange,  // counted usage at or after effective_from
};

struct MutationResult {
  MutationCode code = MutationCode::kCommitted;
  RequestRecord request;  // kReplayed
  CustomerNo customer{};  // PutCustomer
  std::string invoice;    // CreateInvoice, UpdateInvoice: its row, a serialized InvoiceRecord
};

}  // namespace owo::storage

#endif  // OWO_STORAGE_COMMANDS_H_
