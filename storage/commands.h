// What a store is asked to commit, and what it answers. The store compares numbers it is given;
// what they mean (allowance, price, cap) is known above.

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

// Where events count, and what the total there is compared with: the same for all events of a
// counter, as long as nothing but the counter decides about them.
struct Target {
  CounterKey counter;
  uint64_t customer_generation = 0;  // that this was resolved against
  Quantity total_max;                // beyond: kOutOfRange
  std::optional<Quantity> limit;  // a positive quantity may not take the total beyond: kOverLimit
  std::optional<Quantity> allowance;  // beyond: counted as kCountedOver. Absent: never beyond
  // Up to here a counter that no line covers holds nothing to bill, whatever other counters do.
  std::optional<Quantity> closed_up_to;
  uint32_t group_segments = 1;                     // segments that this counter's period has
  std::optional<uint64_t> expected_usage_version;  // count only if the account is still there
  CounterTerms terms;                              // the counter's, if an event opens it
};

// One usage event and all that it is checked by. Checked in this order: a known id; a refusal;
// staleness and expected version; range; limit.
struct TrackEvent {
  EventId id;
  // Not 0: whoever resolved the event refuses it. Answered as it is, unless the id is known.
  uint8_t refusal = 0;
  bool unlimited = false;  // the target's limit is not for this event
  FeatureNo feature{};     // 0: no such feature; then `refusal` is set
  CustomerNo customer{};
  Quantity quantity;
  Micros time = 0;
  const Target* target = nullptr;  // used when `refusal` is 0
  std::string_view id_text;        // kept when the id is not a UUID
  std::string_view properties;     // kept, not interpreted
};

enum class TrackCode : uint8_t {
  kCounted,
  kCountedOver,  // counted, and the total is now beyond the allowance
  kIdReused,     // id known with another customer, feature or quantity
  kRefused,      // as `refusal` said
  kStale,        // resolved against an older catalog or customer: resolve and ask again
  kConflict,     // the account is not at the expected version: read and ask again
  kOutOfRange,   // total_max
  kBelowZero,    // the total would be negative
  kOverLimit,
};

struct TrackOutcome {
  TrackCode code = TrackCode::kRefused;
  bool duplicate = false;  // code is kCounted or kCountedOver: the one first answered
  Quantity total;          // of the counter, after this event
};

// Checked in order; each on its own: an event that is not counted changes nothing. What the events
// refer to stays as it is until the command is answered.
struct TrackCommand {
  TenantId tenant = kDefaultTenant;
  uint64_t catalog_generation = 0;
  std::vector<TrackEvent> events;
};

// ---- Everything else.

// A request that may be repeated: remembered in the same commit, never when the commit does not
// happen.
struct RequestClaim {
  std::string method;
  std::string id;
  std::string fingerprint;  // of the request's content
  std::string object;       // what the repeat is answered from; "": the customer's number
};

// What a change of a customer says of a plan: it gives the customer a subscription to it, or a
// later end of one.
struct Subscribes {
  PlanNo plan{};
  uint64_t catalog_generation = 0;  // at which the change was decided: kConflict at a newer one
};

// Writes a customer. Creates it when record.number is 0 (the store then gives the number and
// generation 1); else changes it if it is still at contract.generation, which goes up by one. The
// store compares with what it has, and writes and journals what differs.
//
// The record, the currency and the spend cap are replaced. Zones are only added: those after as
// many as are stored. Subscriptions are added or replaced by number, each with its metadata; those
// that are not given stay as they are, and need not be given.
struct PutCustomer {
  CustomerRecord record;
  ContractRecord contract;
  // Present: no event of this customer may lie at or behind this time.
  std::optional<Micros> effective_from;
  std::optional<Subscribes> subscribes;
};

// Plans to which no customer subscribed since a time that Store::CommitSequence gave.
struct NotSubscribedSince {
  std::vector<PlanNo> plans;
  uint64_t commit_sequence = 0;
};

// Adds to the catalog if it is still at `generation`, which goes up by one. Features and plans come
// with their numbers: who reads the catalog at `generation` knows which are free. Of a plan's
// versions only new ones are given.
struct PutCatalog {
  uint64_t generation = 0;
  CatalogRecord changes;
  // Present: no event of this tenant may lie at or behind this time.
  std::optional<Micros> effective_from;
  // kConflict if a PutCustomer with `subscribes` was committed to one of these plans since.
  NotSubscribedSince not_subscribed;
};

// Makes an invoice that covers usage, if no other invoice of the customer was made or voided since
// `invoice_version` was read. An open invoice gets the next number of its series.
struct CreateInvoice {
  InvoiceRecord invoice;  // REQUIRES: the lines' amounts sum to its subtotal
  uint64_t invoice_version = 0;
  uint64_t usage_version = 0;  // read with it
  std::vector<ClosedCounterRecord> closed_counters;
};

// Replaces an invoice's status, times and void reason, and adds payments: those after as many as
// are stored; if it is still at invoice.revision. Everything else of `invoice` is ignored. One that
// becomes open gets a number; one that becomes void gives its coverage back.
struct UpdateInvoice {
  InvoiceRecord invoice;
};

// Changes nothing: for a request whose answer was there already, so that its id is remembered.
struct NoChange {};

struct Mutation {
  TenantId tenant = kDefaultTenant;
  Micros now = 0;
  std::optional<RequestClaim> request;
  std::variant<PutCustomer, PutCatalog, CreateInvoice, UpdateInvoice, NoChange> change;
};

enum class MutationCode : uint8_t {
  kCommitted,
  kReplayed,          // the same request succeeded before; `request` is what was remembered
  kRequestReused,     // the request's id is known with another content
  kConflict,          // what was read has moved: read and decide again
  kExists,            // another customer has this id, or has it as email, or has the email as id
  kUsageAfterChange,  // effective_from: counted usage lies there
};

struct MutationResult {
  MutationCode code = MutationCode::kCommitted;
  RequestRecord request;  // kReplayed
  CustomerNo customer{};  // PutCustomer
  std::string invoice;    // CreateInvoice, UpdateInvoice: its row, a serialized InvoiceRecord
};

}  // namespace owo::storage

#endif  // OWO_STORAGE_COMMANDS_H_
