// The part of PlainLedger that concerns plans and who is on them.

#include <algorithm>

#include "tests/model/calendar.h"
#include "tests/model/plain_ledger.h"

namespace owo::model {
namespace {

PlainSubscription* InForceAt(PlainCustomer& customer, Micros time) {
  for (PlainSubscription& s : customer.subscriptions) {
    if (s.start <= time && time < s.end) return &s;
  }
  return nullptr;
}

// The first that is to start behind `time`.
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

}  // namespace

void PlainLedger::Sync(const std::string& plan, const PlainFeatures& features, bool at_once) {
  std::vector<PlainVersion>& versions = plans[plan];
  if (!versions.empty() && versions.back().features == features) return;
  const auto number = static_cast<uint32_t>(versions.size() + 1);
  versions.push_back({number, Quiet(""), at_once, features});
}

std::optional<Reason> PlainLedger::Subscribe(const std::string& name, const std::string& plan,
                                             std::optional<Micros> start) {
  PlainCustomer& customer = customers.at(name);
  const Micros from = start.value_or(Quiet(name));
  PlainSubscription* const current = InForceAt(customer, from);
  if (current != nullptr && current->plan == plan) return std::nullopt;
  if (NextAfter(customer, from) != nullptr) return Reason::kSubscriptionConflict;
  if (HasUsageFrom(customer, from)) return Reason::kUsageAfterChange;
  if (current != nullptr) current->end = from;
  const auto number = static_cast<uint32_t>(customer.subscriptions.size() + 1);
  customer.subscriptions.push_back({number, plan, from, storage::kForever, now});
  return std::nullopt;
}

std::optional<Reason> PlainLedger::Cancel(const std::string& name, std::optional<Micros> end,
                                          bool at_period_end) {
  PlainCustomer& customer = customers.at(name);
  const Micros quiet = Quiet(name);
  PlainSubscription* current = InForceAt(customer, quiet);
  const bool scheduled = current == nullptr;
  if (scheduled) current = NextAfter(customer, quiet);
  if (current == nullptr) {
    const bool ended_then =
        std::any_of(customer.subscriptions.begin(), customer.subscriptions.end(),
                    [&](const PlainSubscription& s) { return s.end == end && s.start < s.end; });
    return ended_then ? std::nullopt : std::optional(Reason::kSubscriptionNotFound);
  }
  Micros until = end.value_or(scheduled ? current->start : quiet);
  if (at_period_end) {
    until = StartOfDay(FirstOfMonth(until, customer.hours_ahead, 1), customer.hours_ahead);
  }
  if (until < current->start) return Reason::kInvalidRequest;
  if (until == current->end) return std::nullopt;
  const PlainSubscription* const next = NextAfter(customer, current->start);
  if (next != nullptr && next->start < until) return Reason::kSubscriptionConflict;
  if (HasUsageFrom(customer, until)) return Reason::kUsageAfterChange;
  current->end = until;
  return std::nullopt;
}

}  // namespace owo::model
