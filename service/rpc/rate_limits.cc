#include "service/rpc/rate_limits.h"

#include <algorithm>

namespace owo::rpc {
namespace {

constexpr int64_t kSecondNs = 1'000'000'000;

}  // namespace

absl::Duration TokenBucket::Take(int64_t tokens, absl::Duration now) {
  const int64_t rate = per_second_.load(std::memory_order_relaxed);
  if (rate == 0) return absl::ZeroDuration();
  const int64_t now_ns = absl::ToInt64Nanoseconds(now);
  const int64_t one = std::max<int64_t>(1, kSecondNs / rate);
  const int64_t cost = std::max(one, tokens * kSecondNs / rate);
  int64_t empty_at = empty_at_.load(std::memory_order_relaxed);
  for (;;) {
    // A full bucket holds one second's worth.
    const int64_t from = std::max(empty_at, now_ns - kSecondNs);
    if (from + one > now_ns) return absl::Nanoseconds(from + one - now_ns);
    const int64_t charged = from + cost;
    if (empty_at_.compare_exchange_weak(empty_at, charged, std::memory_order_relaxed)) {
      return absl::ZeroDuration();
    }
  }
}

RateLimits::RateLimits(const DefaultRates& rates)
    : defaults_(rates), enabled_(rates.calls_per_second > 0 || rates.events_per_second > 0) {}

RateLimits::Buckets& RateLimits::Of(storage::TenantId tenant) {
  {
    const absl::ReaderMutexLock lock(&mutex_);
    if (const auto found = tenants_.find(tenant); found != tenants_.end()) return *found->second;
  }
  const absl::MutexLock lock(&mutex_);
  std::unique_ptr<Buckets>& buckets = tenants_[tenant];
  if (buckets == nullptr) buckets = std::make_unique<Buckets>(defaults_);
  return *buckets;
}

void RateLimits::SetTenant(storage::TenantId tenant, const TenantRates& rates) {
  Buckets& buckets = Of(tenant);
  const int64_t calls = rates.calls_per_second.value_or(defaults_.calls_per_second);
  const int64_t events = rates.events_per_second.value_or(defaults_.events_per_second);
  buckets.calls.SetRate(calls);
  buckets.events.SetRate(events);
  if (calls > 0 || events > 0) enabled_ = true;
}

absl::Duration RateLimits::ChargeCall(storage::TenantId tenant, absl::Duration now) {
  return Of(tenant).calls.Take(1, now);
}

absl::Duration RateLimits::ChargeEvents(storage::TenantId tenant, int64_t events,
                                        absl::Duration now) {
  return Of(tenant).events.Take(events, now);
}

int64_t RateLimits::CallsPerSecond(storage::TenantId tenant) {
  return Of(tenant).calls.per_second();
}

int64_t RateLimits::EventsPerSecond(storage::TenantId tenant) {
  return Of(tenant).events.per_second();
}

}  // namespace owo::rpc
