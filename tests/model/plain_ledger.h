// A ledger in plain code. It keeps the counted events, the plans, the subscriptions and the
// invoices, and derives everything else from these lists on each call.
//
//   PlainLedger plain;
//   plain.Sync("pro", {{"calls", terms}}, /*at_once=*/false);
//   plain.Track({.id = "e", .customer = "ada", .feature = "calls", .quantity = 1500});
//   plain.NextLines("ada");
#ifndef OWO_TESTS_MODEL_PLAIN_LEDGER_H_
#define OWO_TESTS_MODEL_PLAIN_LEDGER_H_

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "service/ledger/errors.h"
#include "service/ledger/metering.h"
#include "storage/records.pb.h"
#include "tests/model/plain_rating.h"

namespace owo::model {

using ledger::Reason;
using ledger::TrackCode;
using storage::Micros;

// Every plan is billed monthly.
enum class Reset { kDay, kMonth, kNever };
enum class Kind { kBlock, kCharge, kUsageBased };

struct PlainTerms {
  Kind kind = Kind::kBlock;
  std::optional<Milli> included;  // absent: unlimited
  std::optional<Milli> max_over;
  PlainPrice price;
  Reset reset = Reset::kMonth;
  friend bool operator==(const PlainTerms&, const PlainTerms&) = default;
};
using PlainFeatures = std::map<std::string, PlainTerms>;

struct PlainVersion {
  uint32_t number = 0;
  Micros effective = 0;
  // Subscriptions that wait for the end of the month move then.
  Micros at_once_from = storage::kForever;
  PlainFeatures features;
};

struct PlainSubscription {
  uint32_t number = 0;
  std::string plan;
  Micros start = 0;
  Micros end = storage::kForever;
  Micros created = 0;
  uint32_t newest = 0;  // version of the plan when the subscription was created
};

struct PlainEvent {
  std::string id;
  std::string customer;
  std::string feature;
  Milli quantity = 0;
  Micros time = 0;
  bool always = false;  // ignores limits
};

struct PlainCustomer {
  int64_t hours_ahead = 0;  // ahead of UTC
  std::optional<int64_t> cap;
  std::vector<PlainSubscription> subscriptions;  // in order of creation
  std::vector<PlainEvent> events;                // the counted ones, in order of arrival
};

// A span of time under one plan version.
struct PlainSpan {
  Micros start = 0;
  Micros end = 0;
  uint32_t subscription = 0;
  const PlainVersion* version = nullptr;
};

struct PlainPeriod {
  std::string feature;
  Reset reset = Reset::kMonth;
  int64_t ordinal = 0;  // local day of its start; kNever: the subscription
  friend auto operator<=>(const PlainPeriod&, const PlainPeriod&) = default;
};
struct PlainCounterId {
  PlainPeriod period;
  uint32_t subscription = 0;
  uint32_t version = 0;
  friend auto operator<=>(const PlainCounterId&, const PlainCounterId&) = default;
};

struct PlainCounter {
  PlainTerms terms;
  PlainSpan span;
  Milli total = 0;
  uint64_t events = 0;
  std::optional<Milli> allowance;  // allowance left for it; absent: unlimited
  Milli free = 0;
  Milli billable = 0;
  int64_t cost = 0;
};
using PlainCounters = std::map<PlainCounterId, PlainCounter>;

// The coverage of a counter. Events are identified by their ordinals.
struct PlainCovered {
  Milli usage = 0;
  Milli free = 0;
  Milli billable = 0;
  int64_t amount = 0;
  std::vector<uint64_t> events;
  PlainTiers tiers;        // the tiers of `units`
  std::string unit_price;  // of a line; "" without billable units
  // Exists only in the plain ledger, so it is not compared.
  PlainUnits units;

  friend bool operator==(const PlainCovered& a, const PlainCovered& b) {
    return std::tie(a.usage, a.free, a.billable, a.amount, a.events, a.tiers, a.unit_price) ==
           std::tie(b.usage, b.free, b.billable, b.amount, b.events, b.tiers, b.unit_price);
  }
};
using PlainLines = std::map<PlainCounterId, PlainCovered>;

struct PlainInvoice {
  std::string customer;
  storage::InvoiceStatusRecord status{};
  uint64_t number = 0;
  int64_t total = 0;
  PlainLines lines;
  std::string reference;
  std::string reason;
};

struct PlainAnswer {
  TrackCode code = TrackCode::kRejected;
  std::optional<Reason> reason;  // set for kRejected
  bool duplicate = false;
};

class PlainLedger {
 public:
  Micros now = 0;
  std::set<std::string> features;
  std::map<std::string, PlainCustomer> customers;
  std::map<std::string, std::vector<PlainVersion>> plans;
  std::vector<PlainInvoice> invoices;  // in order of creation

  // ---- Operations. Each returns the reason for its refusal, or nullopt.

  PlainAnswer Track(const PlainEvent& event);
  // Creates a version of the plan unless the newest one has these features.
  std::optional<Reason> Sync(const std::string& plan, const PlainFeatures& features, bool at_once,
                             bool allow_removal);
  std::optional<Reason> Subscribe(const std::string& name, const std::string& plan,
                                  std::optional<Micros> start);
  std::optional<Reason> Cancel(const std::string& name, std::optional<Micros> end,
                               bool at_period_end);
  std::optional<Reason> Resume(const std::string& name);
  std::optional<Reason> Invoice(const std::string& customer, bool draft);
  std::optional<Reason> Finalize(PlainInvoice& invoice);
  static std::optional<Reason> Pay(PlainInvoice& invoice, const std::string& reference);
  static std::optional<Reason> Void(PlainInvoice& invoice, const std::string& reason);

  // ---- Derived state.

  // Returns the counters of one feature, or of all ("").
  PlainCounters CountersOf(const std::string& name, const std::string& feature = "") const;
  // Returns what non-void invoices cover.
  PlainLines CoveredOf(const std::string& customer) const;
  PlainLines NextLines(const std::string& customer) const;
  // Returns the first instant after now and after all usage of the customer, or of all ("").
  Micros EffectiveTime(const std::string& customer) const;

 private:
  static std::optional<Reason> GoOn(PlainCustomer& customer, PlainSubscription& subscription);
  std::vector<PlainSpan> SpansOf(const PlainCustomer& customer) const;
  std::optional<PlainAnswer> Known(const PlainEvent& event) const;
  PlainAnswer Answer(const PlainEvent& event, const PlainCounterId& id);
  int64_t Spend(const std::string& name, Micros time) const;

  std::map<std::string, std::pair<PlainEvent, TrackCode>> known_;
  uint64_t last_number_ = 0;
};

int64_t TotalOf(const PlainLines& lines);

}  // namespace owo::model

#endif  // OWO_TESTS_MODEL_PLAIN_LEDGER_H_
