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

// The first that is to start after `time`.
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

// Whether nothing is left for a cancel at this time to do, and something is there that it did.
bool WasCancelledAt(const PlainCustomer& customer, Micros end) {
  const auto any = [&](const auto& is) {
    return std::any_of(customer.subscriptions.begin(), customer.subscriptions.end(), is);
  };
  if (any([&](const PlainSubscription& s) { return Held(s) && s.end == end; })) return true;
  return any([&](const PlainSubscription& s) { return !Held(s) && s.start >= end; }) &&
         !any([&](const PlainSubscription& s) { return Held(s) && s.end > end; });
}

// The first instant at which another subscription, or none, is in force; none if nothing differs.
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

std::optional<Reason> PlainLedger::Sync(const std::string& plan, const PlainFeatures& features,
                                        bool at_once, bool allow_removal) {
  std::vector<PlainVersion>& versions = plans[plan];
  const Micros effective = Quiet("");
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
  const Micros from = start.value_or(Quiet(name));
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
  const Micros quiet = Quiet(name);
  const PlainSubscription* const current = InForceAt(customer, quiet);
  const PlainSubscription* const first = current != nullptr ? current : NextAfter(customer, quiet);
  if (first == nullptr) {
    const bool was = end.has_value() && WasCancelledAt(customer, *end);
    return was ? std::nullopt : std::optional(Reason::kSubscriptionNotFound);
  }
  Micros until = end.value_or(quiet);
  if (at_period_end) {
    const Micros within = std::max(quiet, first->start);
    until = StartOfDay(FirstOfMonth(within, customer.hours_ahead, 1), customer.hours_ahead);
  }
  if (current != nullptr && until < current->start) return Reason::kInvalidRequest;

  // The last to start before then ends then; those after it never start.
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
  PlainSubscription* current = InForceAt(customer, Quiet(name));
  if (current == nullptr) current = InForceAt(customer, now);
  return current == nullptr ? Reason::kSubscriptionNotFound : GoOn(customer, *current);
}

}  // namespace owo::model
