#include "tests/model/plain_ledger.h"

#include <algorithm>

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

// The allowances of a period are shared along its segments, in the order of time.
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
    // From the newest to the oldest: each is in force until a newer one is.
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

Micros PlainLedger::Quiet(const std::string& customer) const {
  Micros quiet = now;
  for (const auto& [name, c] : customers) {
    if (!customer.empty() && name != customer) continue;
    for (const PlainEvent& event : c.events) quiet = std::max(quiet, event.time + 1);
  }
  return quiet;
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

// What the charged counters of the month cost; of those that never reset, what is not invoiced.
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

PlainAnswer PlainLedger::Judge(const PlainEvent& event, const PlainCounterId& id) {
  PlainCustomer& customer = customers.at(event.customer);
  const int64_t spent = customer.cap ? Spend(event.customer, event.time) : 0;
  customer.events.push_back(event);  // as if it counted: the rest follows
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
  const PlainAnswer answer = Judge(event, {period, span->subscription, span->version->number});
  if (answer.code == TrackCode::kTracked || answer.code == TrackCode::kTrackedOverage) {
    customer.events.push_back(event);
    known_[event.id] = {event, answer.code};
  }
  return answer;
}

}  // namespace owo::model
