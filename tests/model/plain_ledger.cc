#include "tests/model/plain_ledger.h"

#include <algorithm>
#include <set>
#include <utility>

#include "tests/model/calendar.h"

namespace owo::model {
namespace {

constexpr Micros kAheadMax = int64_t{5} * 60 * 1'000'000;
constexpr Micros kAgeMax = 35 * kDay;

bool Charged(const PlainTerms& terms) { return terms.kind != Kind::kBlock; }

PlainPeriod PeriodOf(const std::string& feature, const PlainTerms& terms, const PlainSpan& span,
                     Micros time, int64_t hours_ahead) {
  switch (terms.reset) {
    case Reset::kDay:
      return {feature, terms.reset, LocalDay(time, hours_ahead)};
    case Reset::kMonth:
      return {feature, terms.reset, FirstOfMonth(time, hours_ahead)};
    case Reset::kNever:
      break;
  }
  return {feature, terms.reset, span.subscription};
}

// The segments of a period share its allowances, in order of time.
void Rate(PlainCounters& counters) {
  std::map<PlainPeriod, std::vector<PlainCounter*>> groups;
  for (auto& [id, counter] : counters) groups[id.period].push_back(&counter);
  for (auto& [period, group] : groups) {
    std::sort(group.begin(), group.end(), [](const PlainCounter* a, const PlainCounter* b) {
      return a->span.start < b->span.start;
    });
    Milli granted = 0;
    for (PlainCounter* const c : group) {
      const bool unlimited = c->terms.kind != Kind::kUsageBased && !c->terms.included.has_value();
      if (unlimited) {
        c->free = c->total;
        continue;
      }
      const Milli included = c->terms.kind == Kind::kUsageBased ? 0 : *c->terms.included;
      c->allowance = std::max(Milli{0}, included - granted);
      c->free = std::min(c->total, *c->allowance);
      granted += c->free;
      if (!Charged(c->terms)) continue;
      c->billable = c->total - c->free;
      c->cost = CostOf(c->terms.price, c->billable);
    }
  }
}

const PlainSpan* At(const std::vector<PlainSpan>& spans, Micros time) {
  for (const PlainSpan& span : spans) {
    if (span.start <= time && time < span.end) return &span;
  }
  return nullptr;
}

PlainAnswer Rejected(Reason reason) { return {TrackCode::kRejected, reason}; }

PlainSubscription* InForceAt(PlainCustomer& customer, Micros time) {
  for (PlainSubscription& s : customer.subscriptions) {
    if (s.start <= time && time < s.end) return &s;
  }
  return nullptr;
}

// Returns the first subscription that starts after `time`.
PlainSubscription* NextAfter(PlainCustomer& customer, Micros time) {
  PlainSubscription* next = nullptr;
  for (PlainSubscription& s : customer.subscriptions) {
    if (s.start <= time || s.start == s.end) continue;
    if (next == nullptr || s.start < next->start) next = &s;
  }
  return next;
}

bool HasUsageFrom(const PlainCustomer& customer, Micros time) {
  return std::any_of(customer.events.begin(), customer.events.end(),
                     [time](const PlainEvent& event) { return event.time >= time; });
}

bool Held(const PlainSubscription& s) { return s.start < s.end; }

// Returns whether a cancel at this time would change nothing, because an earlier one did it.
bool WasCancelledAt(const PlainCustomer& customer, Micros end) {
  const auto any = [&](const auto& is) {
    return std::any_of(customer.subscriptions.begin(), customer.subscriptions.end(), is);
  };
  if (any([&](const PlainSubscription& s) { return Held(s) && s.end == end; })) return true;
  return any([&](const PlainSubscription& s) { return !Held(s) && s.start >= end; }) &&
         !any([&](const PlainSubscription& s) { return Held(s) && s.end > end; });
}

// Returns the first instant with a different subscription in force, or none; kForever if nothing
// differs.
Micros FirstChange(const std::vector<PlainSubscription>& before,
                   const std::vector<PlainSubscription>& after) {
  Micros first = storage::kForever;
  for (size_t i = 0; i < before.size(); ++i) {
    if (before[i].end == after[i].end) continue;
    first = std::min({first, before[i].end, after[i].end});
  }
  return first;
}

}  // namespace

int64_t TotalOf(const PlainLines& lines) {
  int64_t total = 0;
  for (const auto& [id, line] : lines) total += line.amount;
  return total;
}

std::vector<PlainSpan> PlainLedger::SpansOf(const PlainCustomer& customer) const {
  std::vector<PlainSpan> spans;
  for (const PlainSubscription& s : customer.subscriptions) {
    const std::vector<PlainVersion>& versions = plans.at(s.plan);
    Micros end = s.end;
    // From newest to oldest: each version is in force until the next one.
    for (auto v = versions.rbegin(); v != versions.rend(); ++v) {
      Micros from = v->effective;
      if (v->number == 1 || v->effective <= s.start) {
        from = s.start;
      } else if (v->number <= s.newest) {
        from = std::max(s.start, std::min(v->effective, s.created));
      } else if (v->effective > s.created) {
        const int64_t ahead = customer.hours_ahead;
        from = StartOfDay(FirstOfMonth(v->effective - 1, ahead, 1), ahead);
        from = std::min(from, v->at_once_from);
      }
      if (from >= end) continue;
      spans.push_back({from, end, s.number, &*v});
      end = from;
    }
  }
  return spans;
}

PlainCounters PlainLedger::CountersOf(const std::string& name, const std::string& feature) const {
  const PlainCustomer& customer = customers.at(name);
  const std::vector<PlainSpan> spans = SpansOf(customer);
  PlainCounters counters;
  for (const PlainEvent& event : customer.events) {
    if (!feature.empty() && event.feature != feature) continue;
    const PlainSpan& span = *At(spans, event.time);
    const PlainTerms& terms = span.version->features.at(event.feature);
    const PlainCounterId id{PeriodOf(event.feature, terms, span, event.time, customer.hours_ahead),
                            span.subscription, span.version->number};
    PlainCounter& counter = counters[id];
    counter.terms = terms;
    counter.span = span;
    counter.total += event.quantity;
    ++counter.events;
  }
  Rate(counters);
  return counters;
}

Micros PlainLedger::EffectiveTime(const std::string& customer) const {
  Micros effective = now;
  for (const auto& [name, c] : customers) {
    if (!customer.empty() && name != customer) continue;
    for (const PlainEvent& event : c.events) effective = std::max(effective, event.time + 1);
  }
  return effective;
}

// ---- Tracking.

std::optional<PlainAnswer> PlainLedger::Known(const PlainEvent& event) const {
  const auto found = known_.find(event.id);
  if (found == known_.end()) return std::nullopt;
  const auto& [first, code] = found->second;
  const bool same = first.customer == event.customer && first.feature == event.feature &&
                    first.quantity == event.quantity;
  if (!same) return Rejected(Reason::kEventIdReused);
  return PlainAnswer{code, std::nullopt, true};
}

// Returns the cost of the month's counters, and the unbilled cost of counters that never reset.
int64_t PlainLedger::Spend(const std::string& name, Micros time) const {
  const PlainCustomer& customer = customers.at(name);
  const int64_t month = FirstOfMonth(time, customer.hours_ahead);
  const Micros start = StartOfDay(month, customer.hours_ahead);
  const Micros end = StartOfDay(FirstOfMonth(time, customer.hours_ahead, 1), customer.hours_ahead);
  const PlainLines covered = CoveredOf(name);
  int64_t spend = 0;
  for (const auto& [id, counter] : CountersOf(name)) {
    if (id.period.reset == Reset::kMonth && id.period.ordinal == month) spend += counter.cost;
    if (id.period.reset != Reset::kNever) continue;
    if (counter.span.end <= start || end <= counter.span.start) continue;
    const auto line = covered.find(id);
    spend += counter.cost - (line == covered.end() ? 0 : line->second.amount);
  }
  return spend;
}

PlainAnswer PlainLedger::Answer(const PlainEvent& event, const PlainCounterId& id) {
  PlainCustomer& customer = customers.at(event.customer);
  const int64_t spent = customer.cap ? Spend(event.customer, event.time) : 0;
  customer.events.push_back(event);  // counted temporarily, to derive the resulting state
  const PlainCounter counter = CountersOf(event.customer, event.feature).at(id);
  const int64_t spend = customer.cap ? Spend(event.customer, event.time) : 0;
  customer.events.pop_back();

  if (counter.total < 0) return Rejected(Reason::kQuantityOutOfRange);
  if (event.quantity > 0 && !event.always) {
    std::optional<Milli> limit = counter.allowance;
    if (Charged(counter.terms) && limit.has_value()) {
      limit =
          counter.terms.max_over ? std::optional(*limit + *counter.terms.max_over) : std::nullopt;
    }
    if (limit.has_value() && counter.total > *limit) return {TrackCode::kLimitExceeded};
    if (customer.cap && spend > *customer.cap && spend > spent) return {TrackCode::kLimitExceeded};
  }
  const bool over = counter.allowance.has_value() && counter.total > *counter.allowance;
  return {over ? TrackCode::kTrackedOverage : TrackCode::kTracked};
}

PlainAnswer PlainLedger::Track(const PlainEvent& event) {
  if (const std::optional<PlainAnswer> known = Known(event)) return *known;
  if (event.time > now + kAheadMax) return Rejected(Reason::kEventInFuture);
  if (event.time < now - kAgeMax) return Rejected(Reason::kEventTooOld);
  if (!features.contains(event.feature)) return Rejected(Reason::kFeatureNotFound);
  PlainCustomer& customer = customers.at(event.customer);
  const std::vector<PlainSpan> spans = SpansOf(customer);
  const PlainSpan* const span = At(spans, event.time);
  if (span == nullptr) return {TrackCode::kNoActiveSubscription};
  const auto terms = span->version->features.find(event.feature);
  if (terms == span->version->features.end()) return {TrackCode::kFeatureNotInPlan};
  const PlainPeriod period =
      PeriodOf(event.feature, terms->second, *span, event.time, customer.hours_ahead);
  const PlainAnswer answer = Answer(event, {period, span->subscription, span->version->number});
  if (answer.code == TrackCode::kTracked || answer.code == TrackCode::kTrackedOverage) {
    customer.events.push_back(event);
    known_[event.id] = {event, answer.code};
  }
  return answer;
}

// ---- Contracts.

std::optional<Reason> PlainLedger::Sync(const std::string& plan, const PlainFeatures& features,
                                        bool at_once, bool allow_removal) {
  std::vector<PlainVersion>& versions = plans[plan];
  const Micros effective = EffectiveTime("");
  const Micros at_once_from = at_once ? effective : storage::kForever;
  if (!versions.empty()) {
    PlainVersion& newest = versions.back();
    const bool removes =
        std::any_of(newest.features.begin(), newest.features.end(),
                    [&](const auto& entry) { return !features.contains(entry.first); });
    bool used = false;
    for (const auto& [name, customer] : customers) {
      for (const PlainSubscription& s : customer.subscriptions) {
        used |= s.plan == plan && Held(s) && s.end > now;
      }
    }
    if (removes && used && !allow_removal) return Reason::kFeatureInUse;
    if (newest.features == features) {
      const bool waits = versions.size() > 1 && newest.at_once_from == storage::kForever;
      if (waits) newest.at_once_from = at_once_from;
      return std::nullopt;
    }
  }
  const auto number = static_cast<uint32_t>(versions.size() + 1);
  versions.push_back({number, effective, at_once_from, features});
  return std::nullopt;
}

std::optional<Reason> PlainLedger::GoOn(PlainCustomer& customer, PlainSubscription& subscription) {
  if (subscription.end == storage::kForever) return std::nullopt;
  if (NextAfter(customer, subscription.start) != nullptr) return Reason::kSubscriptionConflict;
  subscription.end = storage::kForever;
  return std::nullopt;
}

std::optional<Reason> PlainLedger::Subscribe(const std::string& name, const std::string& plan,
                                             std::optional<Micros> start) {
  PlainCustomer& customer = customers.at(name);
  const Micros from = start.value_or(EffectiveTime(name));
  PlainSubscription* const current = InForceAt(customer, from);
  if (current != nullptr && current->plan == plan) return GoOn(customer, *current);
  if (NextAfter(customer, from) != nullptr) return Reason::kSubscriptionConflict;
  if (HasUsageFrom(customer, from)) return Reason::kUsageAfterChange;
  if (current != nullptr) current->end = from;
  const auto number = static_cast<uint32_t>(customer.subscriptions.size() + 1);
  customer.subscriptions.push_back(
      {number, plan, from, storage::kForever, now, plans.at(plan).back().number});
  return std::nullopt;
}

std::optional<Reason> PlainLedger::Cancel(const std::string& name, std::optional<Micros> end,
                                          bool at_period_end) {
  PlainCustomer& customer = customers.at(name);
  const Micros effective = EffectiveTime(name);
  const PlainSubscription* const current = InForceAt(customer, effective);
  const PlainSubscription* const first =
      current != nullptr ? current : NextAfter(customer, effective);
  if (first == nullptr) {
    const bool was = end.has_value() && WasCancelledAt(customer, *end);
    return was ? std::nullopt : std::optional(Reason::kSubscriptionNotFound);
  }
  Micros until = end.value_or(effective);
  if (at_period_end) {
    const Micros within = std::max(effective, first->start);
    until = StartOfDay(FirstOfMonth(within, customer.hours_ahead, 1), customer.hours_ahead);
  }
  if (current != nullptr && until < current->start) return Reason::kInvalidRequest;

  // The last subscription that starts before that time ends then; later ones never start.
  std::vector<PlainSubscription> after = customer.subscriptions;
  PlainSubscription* last = nullptr;
  for (PlainSubscription& s : after) {
    if (!Held(s) || s.start < first->start) continue;
    const bool starts_before =
        s.start < until || (current != nullptr && s.number == current->number);
    if (!starts_before) {
      s.end = s.start;
    } else if (last == nullptr || last->start < s.start) {
      last = &s;
    }
  }
  if (last != nullptr) last->end = until;
  if (HasUsageFrom(customer, FirstChange(customer.subscriptions, after))) {
    return Reason::kUsageAfterChange;
  }
  customer.subscriptions = after;
  return std::nullopt;
}

std::optional<Reason> PlainLedger::Resume(const std::string& name) {
  PlainCustomer& customer = customers.at(name);
  PlainSubscription* current = InForceAt(customer, EffectiveTime(name));
  if (current == nullptr) current = InForceAt(customer, now);
  return current == nullptr ? Reason::kSubscriptionNotFound : GoOn(customer, *current);
}

// ---- Invoices.

PlainLines PlainLedger::CoveredOf(const std::string& customer) const {
  PlainLines covered;
  for (const PlainInvoice& invoice : invoices) {
    if (invoice.customer != customer) continue;
    if (invoice.status == storage::INVOICE_STATUS_RECORD_VOID) continue;
    for (const auto& [id, line] : invoice.lines) {
      PlainCovered& sum = covered[id];
      sum.usage += line.usage;
      sum.free += line.free;
      sum.billable += line.billable;
      sum.amount += line.amount;
      sum.events.insert(sum.events.end(), line.events.begin(), line.events.end());
      sum.units.Add(line.units);
      sum.tiers = TiersOf(sum.units);
    }
  }
  return covered;
}

PlainLines PlainLedger::NextLines(const std::string& customer) const {
  PlainLines covered = CoveredOf(customer);
  PlainLines lines;
  for (const auto& [id, counter] : CountersOf(customer)) {
    const PlainCovered& before = covered[id];
    if (counter.billable == before.billable && counter.cost == before.amount) continue;
    PlainCovered& line = lines[id];
    line.usage = counter.total - before.usage;
    line.free = counter.free - before.free;
    line.billable = counter.billable - before.billable;
    line.amount = counter.cost - before.amount;
    const std::set<uint64_t> seen(before.events.begin(), before.events.end());
    for (uint64_t event = 0; event < counter.events; ++event) {
      if (!seen.contains(event)) line.events.push_back(event);
    }
    line.units = UnitsOf(counter.terms.price, counter.billable);
    line.units.Add(before.units, -1);
    line.tiers = TiersOf(line.units);
    line.unit_price = UnitPriceOf(counter.terms.price, line.billable, line.units);
  }
  return lines;
}

std::optional<Reason> PlainLedger::Invoice(const std::string& customer, bool draft) {
  PlainLines lines = NextLines(customer);
  const int64_t total = TotalOf(lines);
  if (lines.empty()) return Reason::kNoUnbilledUsage;
  if (total <= 0) return Reason::kCreditBalance;
  PlainInvoice& invoice = invoices.emplace_back();
  invoice.customer = customer;
  invoice.status = storage::INVOICE_STATUS_RECORD_DRAFT;
  invoice.total = total;
  invoice.lines = std::move(lines);
  return draft ? std::nullopt : Finalize(invoice);
}

std::optional<Reason> PlainLedger::Finalize(PlainInvoice& invoice) {
  if (invoice.status == storage::INVOICE_STATUS_RECORD_VOID) return Reason::kInvoiceStatusConflict;
  if (invoice.status != storage::INVOICE_STATUS_RECORD_DRAFT) return std::nullopt;
  invoice.status = storage::INVOICE_STATUS_RECORD_OPEN;
  invoice.number = ++last_number_;
  return std::nullopt;
}

std::optional<Reason> PlainLedger::Pay(PlainInvoice& invoice, const std::string& reference) {
  if (invoice.status == storage::INVOICE_STATUS_RECORD_PAID && invoice.reference == reference) {
    return std::nullopt;
  }
  if (invoice.status != storage::INVOICE_STATUS_RECORD_OPEN) return Reason::kInvoiceStatusConflict;
  invoice.status = storage::INVOICE_STATUS_RECORD_PAID;
  invoice.reference = reference;
  return std::nullopt;
}

std::optional<Reason> PlainLedger::Void(PlainInvoice& invoice, const std::string& reason) {
  if (invoice.status == storage::INVOICE_STATUS_RECORD_VOID && invoice.reason == reason) {
    return std::nullopt;
  }
  if (invoice.status != storage::INVOICE_STATUS_RECORD_DRAFT &&
      invoice.status != storage::INVOICE_STATUS_RECORD_OPEN) {
    return Reason::kInvoiceStatusConflict;
  }
  invoice.status = storage::INVOICE_STATUS_RECORD_VOID;
  invoice.reason = reason;
  return std::nullopt;
}

}  // namespace owo::model
