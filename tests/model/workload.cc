#include "tests/model/workload.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "tests/model/calendar.h"
#include "tests/model/explanation.h"
#include "tests/model/random_terms.h"

namespace owo::model {
namespace {

using ledger::Must;

constexpr Micros kMinute = 60 * int64_t{1'000'000};
constexpr const char* kPlans[] = {"a", "b", "c"};

std::string Text(const PlainEvent& event) {
  return absl::StrCat(event.id, " ", event.customer, " ", event.feature, " ", event.quantity,
                      " at ", event.time, event.always ? " always" : "");
}

std::string Text(const std::optional<Reason>& reason) {
  return reason.has_value() ? std::string(ledger::NameOf(*reason)) : "OK";
}

constexpr const char* kWords[] = {"x", "y"};

}  // namespace

Workload::Workload(Random& random, Events events, size_t ledgers)
    : events_(events),
      ledgers_(ledgers),
      random_(random),
      real_(ledger::CatalogSpec(), {.allow_negative_quantities = true}) {
  SetNow(ledger::At("2026-11-15T12:00:00Z"));
  plain_.features = {std::begin(kFeatures), std::end(kFeatures)};
  for (const char* const plan : kPlans) Sync(plan, false, false);
  for (const char* const customer : {"ada", "bob", "cleo"}) {
    const bool tokyo = std::string(customer) == "bob";
    Must(real_.Create({.id = customer, .time_zone = tokyo ? "Asia/Tokyo" : "UTC"}));
    plain_.customers[customer].hours_ahead = tokyo ? 9 : 0;
  }
}

const std::vector<Workload::Weighted>& Workload::Operations() {
  static const std::vector<Weighted>* const operations = new std::vector<Weighted>{
      {40, &Workload::TrackOne},  {6, &Workload::TrackBatch},
      {4, &Workload::TrackAgain}, {2, &Workload::TrackOtherUnderAKnownId},
      {6, &Workload::Invoice},    {3, &Workload::Draft},
      {3, &Workload::Finalize},   {3, &Workload::Pay},
      {6, &Workload::Void},       {3, &Workload::ChangePlan},
      {4, &Workload::Subscribe},  {2, &Workload::Cancel},
      {2, &Workload::SetCap},     {1, &Workload::Restart},
      {12, &Workload::MoveClock}, {1, &Workload::MoveClockToPeriodEnd},
      {2, &Workload::Resume},
  };
  return *operations;
}

void Workload::Step() {
  int sum = 0;
  for (const Weighted& operation : Operations()) sum += operation.weight;
  int64_t at = random_.Between(1, sum);
  touched_.clear();
  GoToAnyLedger();
  for (const Weighted& operation : Operations()) {
    at -= operation.weight;
    if (at > 0) continue;
    (this->*operation.run)();
    break;
  }
  GoToAnyLedger();
  if (!touched_.empty()) ExpectSameCustomer(real_, plain_, touched_);
  if (++steps_ % 100 == 0) ExpectSame();
}

void Workload::Retire(const std::string& customer) { std::erase(active_, customer); }

void Workload::BeginLife(bool crash) {
  crash ? real_.Crash(random_) : real_.Reopen();
  SetNow(plain_.now + 1000);
  Note(crash ? "crash" : "restart");
  ExpectSame();
}

void Workload::ExpectSame() {
  for (const auto& [customer, unused] : plain_.customers) {
    ExpectSameCustomer(real_, plain_, customer);
    ExpectLaws(real_, customer);
  }
  ExpectSameInvoices(real_, plain_, invoices_);
  if (events_ == Events::kKept) ExpectExplained(real_, plain_, counted_);
}

void Workload::Compare(const std::string& what, const absl::Status& real,
                       std::optional<Reason> plain) {
  Note(absl::StrCat(what, ": ", Text(plain)));
  std::optional<Reason> answered;
  if (!real.ok()) answered = ledger::RefusalOf(real).reason;
  EXPECT_EQ(Text(answered), Text(plain)) << what;
}

std::string Workload::PickCustomer() {
  return touched_ = active_[random_.Between(0, int64_t(active_.size()) - 1)];
}
std::string Workload::PickPlan() { return kPlans[random_.Between(0, 2)]; }

void Workload::SetNow(Micros now) {
  plain_.now = now;
  real_.SetNow(now);
}

// It takes a moment: ids that two ledgers make at one time are in no order.
void Workload::GoToAnyLedger() {
  if (ledgers_ == 1) return;
  const int64_t ledger = random_.Between(0, static_cast<int64_t>(ledgers_) - 1);
  real_.On(static_cast<size_t>(ledger));
  SetNow(plain_.now + 1000);
  Note(absl::StrCat("ledger ", ledger));
}

// ---- Tracking.

PlainEvent Workload::NewEvent() {
  PlainEvent event{.id = absl::StrCat("e", next_event_++),
                   .customer = PickCustomer(),
                   .feature = kFeatures[random_.Between(0, 3)],
                   .quantity = random_.Between(0, 30) * 1000,
                   .time = plain_.now,
                   .always = random_.OneIn(8)};
  if (random_.OneIn(3)) event.quantity = random_.Between(1, 30'000);
  if (random_.OneIn(7)) event.quantity = -event.quantity;
  if (random_.OneIn(60)) event.feature = "no-such";
  if (random_.OneIn(3)) event.time -= random_.Between(0, 3 * kDay);
  if (random_.OneIn(8)) event.time -= random_.Between(0, 36 * kDay);
  if (random_.OneIn(20)) event.time += random_.Between(0, 6 * kMinute);
  return event;
}

ledger::UsageEvent Workload::ToReal(const PlainEvent& event) const {
  ledger::UsageEvent real{.customer = event.customer,
                          .feature = event.feature,
                          .quantity = ToDecimal(event.quantity),
                          .record_always = event.always};
  real.SetId(event.id);
  if (event.time != plain_.now) real.time = event.time;
  return real;
}

void Workload::Track(const std::vector<PlainEvent>& events) {
  std::vector<ledger::UsageEvent> real;
  for (const PlainEvent& event : events) real.push_back(ToReal(event));
  const std::vector<ledger::TrackResult> results = Must(real_.Track(real));
  ASSERT_EQ(results.size(), events.size());
  for (size_t i = 0; i < events.size(); ++i) {
    const PlainAnswer expected = plain_.Track(events[i]);
    const std::string what = absl::StrCat("track ", Text(events[i]));
    Note(absl::StrCat(what, ": ", static_cast<int>(expected.code), " ", Text(expected.reason),
                      expected.duplicate ? " duplicate" : ""));
    EXPECT_EQ(results[i].code, expected.code) << what << results[i].error;
    EXPECT_EQ(results[i].duplicate, expected.duplicate) << what;
    std::optional<Reason> answered;
    if (!results[i].error.ok()) answered = ledger::RefusalOf(results[i].error).reason;
    EXPECT_EQ(Text(answered), Text(expected.reason)) << what;
    if (results[i].recorded && !results[i].duplicate) counted_.push_back(events[i]);
  }
}

void Workload::TrackOne() { Track({NewEvent()}); }

void Workload::TrackBatch() {
  std::vector<PlainEvent> events;
  for (int64_t left = random_.Between(2, 12); left > 0; --left) {
    events.push_back(NewEvent());
    if (random_.OneIn(4)) events.push_back(events[random_.Between(0, int64_t(events.size()) - 1)]);
    if (random_.OneIn(6) && !counted_.empty()) {
      events.push_back(counted_[random_.Between(0, int64_t(counted_.size()) - 1)]);
    }
  }
  Track(events);
  for (const auto& [customer, unused] : plain_.customers) {
    ExpectSameCustomer(real_, plain_, customer);
  }
}

void Workload::TrackAgain() {
  if (counted_.empty()) return;
  PlainEvent event = counted_[random_.Between(0, int64_t(counted_.size()) - 1)];
  if (random_.OneIn(2)) event.time = plain_.now - random_.Between(-10 * kMinute, 50 * kDay);
  touched_ = event.customer;
  Track({event});
}

void Workload::TrackOtherUnderAKnownId() {
  if (counted_.empty()) return;
  PlainEvent event = NewEvent();
  event.id = counted_[random_.Between(0, int64_t(counted_.size()) - 1)].id;
  Track({event});
}

// ---- Plans and customers.

void Workload::Sync(const std::string& plan, bool at_once, bool allow_removal) {
  const std::vector<PlainVersion>& versions = plain_.plans[plan];
  PlainFeatures features;
  if (random_.OneIn(5) && !versions.empty()) {
    features = versions.back().features;
  } else if (random_.OneIn(4) && !versions.empty()) {
    features = versions[random_.Between(0, int64_t(versions.size()) - 1)].features;
  } else {
    features = RandomFeatures(random_);
  }
  ledger::CatalogSpec spec{.plans = {PlanOf(plan, features)},
                           .at_once = at_once,
                           .allow_feature_removal = allow_removal};
  for (const char* const feature : kFeatures) spec.features.push_back({feature, feature});
  const auto synced = real_.Sync(spec);
  const std::optional<Reason> expected = plain_.Sync(plan, features, at_once, allow_removal);
  Compare(absl::StrCat("sync ", plan, at_once ? " at once" : ""), synced.status(), expected);
  if (!synced.ok()) return;
  EXPECT_EQ(synced->value.back().version, plain_.plans[plan].size());
}

void Workload::ChangePlan() {
  const std::string plan = PickPlan();
  const bool at_once = random_.OneIn(2);
  Sync(plan, at_once, /*allow_removal=*/!random_.OneIn(4));
  PickCustomer();
}

void Workload::Subscribe() {
  const std::string customer = PickCustomer();
  const std::string plan = PickPlan();
  std::optional<Micros> start;
  if (random_.OneIn(4)) start = plain_.now + random_.Between(-5 * kDay, 2 * kDay);
  const auto real = real_.Subscribe({.customer = customer, .plan = plan, .start = start});
  Compare(absl::StrCat("subscribe ", customer, " ", plan, " ", start.value_or(0)), real.status(),
          plain_.Subscribe(customer, plan, start));
}

void Workload::Cancel() {
  const std::string customer = PickCustomer();
  ledger::CancelParams params{.customer = customer};
  if (random_.OneIn(3)) params.end = plain_.now + random_.Between(-2 * kDay, 5 * kDay);
  params.at_period_end = !params.end.has_value() && random_.OneIn(3);
  const auto real = real_.Cancel(params);
  Compare(absl::StrCat("cancel ", customer, " ", params.end.value_or(0), " ", params.at_period_end),
          real.status(), plain_.Cancel(customer, params.end, params.at_period_end));
}

void Workload::Resume() {
  const std::string customer = PickCustomer();
  const auto real = real_.Resume({.customer = customer});
  Compare(absl::StrCat("resume ", customer), real.status(), plain_.Resume(customer));
}

void Workload::SetCap() {
  const std::string customer = PickCustomer();
  std::optional<int64_t> cap;
  if (random_.OneIn(2)) cap = random_.Between(0, 2000);
  const auto real = real_.Update(customer, {.spend_cap = cap});
  plain_.customers[customer].cap = cap;
  Compare(absl::StrCat("cap ", customer, " ", cap.value_or(-1)), real.status(), std::nullopt);
}

// Advances the clock a little, because invoices are listed by their time of creation.
void Workload::Restart() {
  if (events_ == Events::kKept) random_.OneIn(2) ? real_.Crash(random_) : real_.Reopen();
  // Even periods that end years from now count as old, so the events of all invoiced usage are
  // dropped.
  if (events_ == Events::kDropped) real_.DropEvents(-absl::Hours(24 * 366 * 100));
  SetNow(plain_.now + 1000);
  Note("restart");
  PickCustomer();
}

void Workload::MoveClock() {
  const Micros hours = random_.OneIn(4) ? 60 : 6;
  SetNow(plain_.now + random_.Between(1, hours * kHour));
  Note(absl::StrCat("now ", plain_.now));
}

void Workload::MoveClockToPeriodEnd() {
  const int64_t ahead = plain_.customers.at(PickCustomer()).hours_ahead;
  const Micros end = StartOfDay(FirstOfMonth(plain_.now + 1, ahead, 1), ahead);
  SetNow(end - random_.Between(0, 1));
  Note(absl::StrCat("now ", plain_.now));
}

// ---- Invoices.

using storage::InvoiceRecord;

void Workload::MakeInvoice(bool draft) {
  const std::string customer = PickCustomer();
  const auto real = real_.Invoice({.customer = customer, .draft = draft});
  const std::optional<Reason> refused = plain_.Invoice(customer, draft);
  Note(absl::StrCat("invoice ", customer, " ", draft, ": ",
                    refused ? std::string(ledger::NameOf(*refused)) : "OK"));
  ASSERT_EQ(real.ok(), !refused.has_value()) << real.status();
  if (!real.ok()) {
    EXPECT_EQ(ledger::RefusalOf(real.status()).reason, *refused);
    if (*refused == Reason::kCreditBalance) {
      EXPECT_EQ(ledger::ValueIn(real.status(), "amount"),
                absl::StrCat(TotalOf(plain_.NextLines(customer))));
    }
    return;
  }
  invoices_.push_back(real->value.record.id());
  ExpectSameInvoice(real_, plain_, invoices_.size() - 1, invoices_);
}

void Workload::Invoice() { MakeInvoice(/*draft=*/false); }
void Workload::Draft() { MakeInvoice(/*draft=*/true); }

std::optional<size_t> Workload::PickInvoice() {
  if (invoices_.empty()) return std::nullopt;
  const auto last = static_cast<int64_t>(invoices_.size()) - 1;
  const int64_t picked = random_.OneIn(2) ? random_.Between(0, last)
                                          : random_.Between(std::max(last - 3, int64_t{0}), last);
  const std::string& customer = plain_.invoices[picked].customer;
  if (std::find(active_.begin(), active_.end(), customer) == active_.end()) return std::nullopt;
  touched_ = customer;
  return picked;
}

void Workload::Finalize() {
  const std::optional<size_t> picked = PickInvoice();
  if (!picked.has_value()) return;
  InvoiceRecord invoice;
  invoice.set_id(invoices_[*picked]);
  const auto real = real_.Finalize(invoice);
  Compare(absl::StrCat("finalise ", *picked), real.status(),
          plain_.Finalize(plain_.invoices[*picked]));
  ExpectSameInvoice(real_, plain_, *picked, invoices_);
}

void Workload::Pay() {
  const std::optional<size_t> picked = PickInvoice();
  if (!picked.has_value()) return;
  InvoiceRecord invoice;
  invoice.set_id(invoices_[*picked]);
  const std::string reference = kWords[random_.Between(0, 1)];
  const auto real = real_.Pay(invoice, reference);
  Compare(absl::StrCat("pay ", *picked, " ", reference), real.status(),
          PlainLedger::Pay(plain_.invoices[*picked], reference));
  ExpectSameInvoice(real_, plain_, *picked, invoices_);
}

void Workload::Void() {
  const std::optional<size_t> picked = PickInvoice();
  if (!picked.has_value()) return;
  InvoiceRecord invoice;
  invoice.set_id(invoices_[*picked]);
  const std::string reason = kWords[random_.Between(0, 1)];
  const auto real = real_.Void(invoice, reason);
  Compare(absl::StrCat("void ", *picked, " ", reason), real.status(),
          PlainLedger::Void(plain_.invoices[*picked], reason));
  ExpectSameInvoice(real_, plain_, *picked, invoices_);
}

}  // namespace owo::model
