// Limits how many calls and how many events a tenant may send per second.
//
//   RateLimits limits({.calls_per_second = 1000});          // the default of every tenant
//   limits.SetTenant(tenant, {.events_per_second = 50});    // its own limits, in place of that
//   absl::Duration wait = limits.ChargeCall(tenant, now);   // zero: admitted
//
// Each limit is a token bucket that holds one second's worth. A bucket with a token admits a
// charge of any size and may owe tokens afterwards: no batch is too large to be ever admitted, and
// the average rate holds.

#ifndef OWO_SERVICE_RPC_RATE_LIMITS_H_
#define OWO_SERVICE_RPC_RATE_LIMITS_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "service/ledger/call_context.h"

namespace owo::rpc {

// The highest rate, in tokens per second.
inline constexpr int64_t kRateMax = 1'000'000'000;

// A token bucket. Thread-safe and lock-free: its whole state is one number.
class TokenBucket {
 public:
  // The bucket starts full. `per_second`: 0 to kRateMax; 0 admits everything.
  explicit TokenBucket(int64_t per_second) : per_second_(per_second) {}

  // Takes `tokens` and returns zero if the bucket has at least one at `now`. Otherwise takes
  // nothing, and returns how long it takes until it has one. `now` is of a steady clock.
  // REQUIRES: tokens ≤ 1,000,000.
  absl::Duration Take(int64_t tokens, absl::Duration now);

  // Changes the rate. What the bucket owes is kept as a time.
  void SetRate(int64_t per_second) { per_second_ = per_second; }
  int64_t per_second() const { return per_second_; }

 private:
  std::atomic<int64_t> per_second_;
  // When the bucket is, or was, empty: each token taken moves this time ahead by 1/per_second_. In
  // nanoseconds.
  std::atomic<int64_t> empty_at_ = INT64_MIN;
};

// The limits of one tenant, per second. 0: no limit; nullopt: the default.
struct TenantRates {
  std::optional<int64_t> calls_per_second;
  std::optional<int64_t> events_per_second;
};

// Defaults for all tenants. 0: no limit.
struct DefaultRates {
  int64_t calls_per_second = 0;
  int64_t events_per_second = 0;
};

// Thread-safe. Keeps a few dozen bytes for each tenant that has called or has its own limits, so
// tenants must be authenticated before they are charged.
class RateLimits {
 public:
  explicit RateLimits(const DefaultRates& rates);

  // Replaces the limits of a tenant. Holds for the next call.
  void SetTenant(storage::TenantId tenant, const TenantRates& rates);

  // Charges one call, or `events` events. Returns zero if the tenant is within its rate; otherwise
  // nothing is charged, and the result is the time after which to try again.
  absl::Duration ChargeCall(storage::TenantId tenant, absl::Duration now);
  absl::Duration ChargeEvents(storage::TenantId tenant, int64_t events, absl::Duration now);

  // The limit that holds for a tenant; 0: none.
  int64_t CallsPerSecond(storage::TenantId tenant);
  int64_t EventsPerSecond(storage::TenantId tenant);

  // False as long as nobody has a limit: then charging is not necessary.
  bool enabled() const { return enabled_.load(std::memory_order_relaxed); }

 private:
  struct Buckets {
    explicit Buckets(const DefaultRates& rates)
        : calls(rates.calls_per_second), events(rates.events_per_second) {}
    TokenBucket calls;
    TokenBucket events;
  };

  Buckets& Of(storage::TenantId tenant);

  const DefaultRates defaults_;
  std::atomic<bool> enabled_;
  absl::Mutex mutex_;
  // Entries are never removed, so that they are used without the lock.
  absl::flat_hash_map<storage::TenantId, std::unique_ptr<Buckets>> tenants_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_RATE_LIMITS_H_
