#include "tests/support/store.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace owo::storage {
namespace {

// Receives one answer, from any thread.
template <typename Value>
class Answer {
 public:
  auto Taker() {
    return [this](absl::StatusOr<Value> value) {
      // Notified under the lock: the waiting thread may destroy this as soon as it is released.
      const std::lock_guard lock(mutex_);
      value_.emplace(std::move(value));
      answered_.notify_one();
    };
  }
  absl::StatusOr<Value> Wait() {
    std::unique_lock lock(mutex_);
    answered_.wait(lock, [this] { return value_.has_value(); });
    return *std::move(value_);
  }

 private:
  std::mutex mutex_;
  std::condition_variable answered_;
  std::optional<absl::StatusOr<Value>> value_;
};

// Thread-safe.
class Keeper {
 public:
  // Returns the target of events on this counter, unless a test needs a different one.
  const Target& Usual(const CounterKey& counter) {
    const std::lock_guard lock(mutex_);
    const auto [at, is_new] = usual_.try_emplace(counter);
    if (is_new) {
      at->second = {.counter = counter,
                    .total_max = TotalMax(),
                    .group_segments = counter.segment + 1,
                    .terms = {.plan = PlanNo{1},
                              .plan_version = 1,
                              .subscription = 1,
                              .period_start = counter.period.ordinal * kDay,
                              .period_end = (counter.period.ordinal + 30) * kDay}};
    }
    return at->second;
  }
  Target& Add(const Target& target) {
    const std::lock_guard lock(mutex_);
    return targets_.emplace_back(target);
  }
  std::string_view Add(std::string text) {
    const std::lock_guard lock(mutex_);
    return texts_.emplace_back(std::move(text));
  }

 private:
  std::mutex mutex_;
  std::map<CounterKey, Target> usual_;
  std::deque<Target> targets_;
  std::deque<std::string> texts_;
} kept;

}  // namespace

absl::StatusOr<std::vector<TrackOutcome>> Track(Store& store, TrackCommand command) {
  Answer<std::vector<TrackOutcome>> answer;
  store.Track(std::move(command), answer.Taker());
  return answer.Wait();
}

absl::StatusOr<MutationResult> Commit(Store& store, Mutation mutation) {
  Answer<MutationResult> answer;
  store.Commit(std::move(mutation), answer.Taker());
  return answer.Wait();
}

void InParallel(int count, const std::function<void(int)>& body) {
  std::vector<std::thread> threads;
  threads.reserve(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) threads.emplace_back(body, i);
  for (std::thread& thread : threads) thread.join();
}

CounterKey Subject::Counter(uint32_t segment, FeatureNo feature, PeriodKey period) const {
  return {.customer = customer, .feature = feature, .period = period, .segment = segment};
}

TrackEvent Subject::Event(std::string_view id, Quantity quantity, const CounterKey& counter) const {
  TrackEvent event{.id = EventId::Of(id),
                   .feature = counter.feature,
                   .customer = customer,
                   .quantity = quantity,
                   .time = kNow,
                   .customer_generation = customer_generation,
                   .target = &kept.Usual(counter)};
  if (!event.id.is_uuid()) event.id_text = Kept(std::string(id));
  return event;
}

Target& TargetOf(TrackEvent& event) {
  Target& own = kept.Add(*event.target);
  event.target = &own;
  return own;
}

std::string_view Kept(std::string text) { return kept.Add(std::move(text)); }

TrackCommand Subject::Command(std::vector<TrackEvent> events) const {
  return {.tenant = tenant, .catalog_generation = catalog_generation, .events = std::move(events)};
}

Subject AddSubject(Store& store, std::string_view id, TenantId tenant) {
  Subject subject{.tenant = tenant};
  const auto catalog = store.ReadCatalog(kReadAll, tenant);
  EXPECT_TRUE(catalog.ok()) << catalog.status();
  if (catalog.ok() && catalog->generation() == 0) {
    const auto put = Commit(store, Change(subject, FirstCatalog()));
    EXPECT_TRUE(put.ok() && put->code == MutationCode::kCommitted) << put.status();
  }
  const auto added = Commit(store, Change(subject, NewCustomer(id)));
  EXPECT_TRUE(added.ok() && added->code == MutationCode::kCommitted) << added.status();
  if (added.ok()) subject.customer = added->customer;
  return subject;
}

std::vector<TrackOutcome> TrackAll(Store& store, const Subject& subject,
                                   std::vector<TrackEvent> events) {
  const size_t asked = events.size();
  auto outcomes = Track(store, subject.Command(std::move(events)));
  EXPECT_TRUE(outcomes.ok()) << outcomes.status();
  if (!outcomes.ok()) return {};
  EXPECT_EQ(outcomes->size(), asked);
  return *std::move(outcomes);
}

TrackOutcome TrackOne(Store& store, const Subject& subject, const TrackEvent& event) {
  const std::vector<TrackOutcome> outcomes = TrackAll(store, subject, {event});
  return outcomes.empty() ? TrackOutcome{} : outcomes.front();
}

Mutation Change(const Subject& subject, decltype(Mutation::change) change) {
  return {.tenant = subject.tenant, .now = kNow, .change = std::move(change)};
}

PutCustomer NewCustomer(std::string_view id, std::string_view email) {
  PutCustomer put;
  put.record.set_id(std::string(id));
  put.record.set_email(std::string(email));
  put.record.set_created_us(kNow);
  ZoneRecord& zone = *put.contract.add_zones();
  zone.set_zone("UTC");
  zone.set_since_us(INT64_MIN);
  return put;
}

PutCatalog FirstCatalog() {
  PutCatalog put;
  for (const uint32_t number : {1U, 2U}) {
    FeatureRecord& feature = *put.changes.add_features();
    feature.set_number(number);
    feature.set_slug("feature-" + std::to_string(number));
  }
  PlanRecord& plan = *put.changes.add_plans();
  plan.set_number(1);
  plan.set_slug("plan-1");
  plan.set_currency("USD");
  plan.set_interval(static_cast<uint32_t>(IntervalCode::kMonth));
  plan.add_versions()->set_version(1);
  return put;
}

CatalogRecord WholeCatalog(const CatalogSource& source, TenantId tenant) {
  absl::StatusOr<CatalogRecord> catalog = source.ReadCatalog(kReadAll, tenant);
  EXPECT_TRUE(catalog.ok()) << catalog.status();
  if (!catalog.ok()) return {};
  for (PlanRecord& plan : *catalog->mutable_plans()) {
    const PlanNo number{plan.number()};
    const auto heads = source.ReadPlanVersions(kReadAll, tenant, number, 0);
    EXPECT_TRUE(heads.ok()) << heads.status();
    if (!heads.ok()) return {};
    for (const PlanVersionHead& head : *heads) {
      auto version = source.ReadPlanVersion(kReadAll, tenant, number, head.record.version());
      EXPECT_TRUE(version.ok() && version->has_value()) << version.status();
      if (!version.ok() || !version->has_value()) return {};
      EXPECT_EQ(head.bytes, (*version)->ByteSizeLong());
      *plan.add_versions() = **std::move(version);
    }
  }
  return *std::move(catalog);
}

Account ReadAccount(const Store& store, const Subject& subject,
                    const std::vector<CounterKey>& asked) {
  auto account = store.ReadAccount(kReadAll, subject.tenant, subject.customer, asked);
  EXPECT_TRUE(account.ok()) << account.status();
  return account.ok() ? *std::move(account) : Account{};
}

Counter ReadCounter(const Store& store, const Subject& subject, const CounterKey& key) {
  Account account = ReadAccount(store, subject, {key});
  EXPECT_TRUE(account.asked.size() == 1 && account.asked[0].has_value());
  return account.asked.size() == 1 ? account.asked[0].value_or(Counter{}) : Counter{};
}

}  // namespace owo::storage
