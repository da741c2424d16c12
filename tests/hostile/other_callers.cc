#include "tests/hostile/other_callers.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "absl/time/clock.h"
#include "tests/end_to_end/metered_customer.h"

namespace owo {
namespace {

OwostackOptions WithoutRetries(const std::string& endpoint) {
  OwostackOptions options{.endpoint = endpoint};
  options.retry.attempts_max = 1;
  return options;
}

}  // namespace

OtherCaller::OtherCaller(const std::string& endpoint) : owo_(WithoutRetries(endpoint)) {
  AddMeteredCustomer(owo_);
}

absl::Duration OtherCaller::P99(absl::Duration window) {
  std::vector<absl::Duration> took;
  for (const absl::Time end = absl::Now() + window; absl::Now() < end;) {
    const absl::Time before = absl::Now();
    const auto tracked =
        owo_.track_now({.customer = kCustomer, .feature = "calls", .quantity = "1"});
    EXPECT_TRUE(tracked.ok()) << tracked.status();
    took.push_back(absl::Now() - before);
    // As callers do who have something else to do: a caller in a closed loop would be a load
    // itself.
    absl::SleepFor(absl::Microseconds(500));
  }
  std::ranges::sort(took);
  return took[took.size() * 99 / 100];
}

}  // namespace owo
