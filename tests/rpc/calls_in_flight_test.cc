#include "service/rpc/calls_in_flight.h"

#include <gtest/gtest.h>

#include <memory>
#include <thread>
#include <vector>

#include "absl/time/clock.h"

namespace owo::rpc {
namespace {

using Admission = CallsInFlight::Admission;
using Hold = CallsInFlight::Hold;

TEST(CallsInFlightTest, AFloodOfReadsLeavesTheWritesTheirBudget) {
  CallsInFlight in_flight({.read_bytes = 1000, .write_bytes = 1000});
  Hold reads[3];
  EXPECT_EQ(in_flight.Admit(CallKind::kRead, 600, reads[0]), Admission::kAdmitted);
  EXPECT_EQ(in_flight.Admit(CallKind::kRead, 600, reads[1]), Admission::kAdmitted);
  EXPECT_EQ(in_flight.Admit(CallKind::kRead, 1, reads[2]), Admission::kOverBudget);
  Hold write;
  EXPECT_EQ(in_flight.Admit(CallKind::kWrite, 600, write), Admission::kAdmitted);
  reads[0].Release();
  EXPECT_EQ(in_flight.Admit(CallKind::kRead, 1, reads[2]), Admission::kAdmitted);
}

TEST(CallsInFlightTest, RefusalsThatAreNotSentAreCountedUntilTheyAre) {
  CallsInFlight in_flight({.read_bytes = 1, .write_bytes = 1, .refusals_max = 2});
  Hold admitted;
  ASSERT_EQ(in_flight.Admit(CallKind::kRead, 1, admitted), Admission::kAdmitted);
  Hold refused[3];
  EXPECT_EQ(in_flight.Admit(CallKind::kRead, 1, refused[0]), Admission::kOverBudget);
  EXPECT_EQ(in_flight.Admit(CallKind::kRead, 1, refused[1]), Admission::kOverBudget);
  EXPECT_EQ(in_flight.Admit(CallKind::kRead, 1, refused[2]), Admission::kTooManyRefused);
  refused[0].Release();
  refused[2].Release();
  EXPECT_EQ(in_flight.Admit(CallKind::kRead, 1, refused[0]), Admission::kOverBudget);
  EXPECT_EQ(in_flight.calls(), 1);
}

TEST(CallsInFlightTest, NoCallIsTooLargeForAServerThatIsIdle) {
  CallsInFlight in_flight({.read_bytes = 1000, .write_bytes = 1000});
  Hold hold;
  EXPECT_EQ(in_flight.Admit(CallKind::kWrite, 1'000'000, hold), Admission::kAdmitted);
}

TEST(CallsInFlightTest, AHoldThatCannotGrowStaysAsItWas) {
  CallsInFlight in_flight({.read_bytes = 1000, .write_bytes = 1000});
  Hold first;
  Hold second;
  ASSERT_EQ(in_flight.Admit(CallKind::kRead, 100, first), Admission::kAdmitted);
  EXPECT_TRUE(first.Resize(1500));
  EXPECT_FALSE(first.Resize(1501));
  EXPECT_EQ(in_flight.bytes(CallKind::kRead), 1500U);
  EXPECT_TRUE(first.Resize(10));
  ASSERT_EQ(in_flight.Admit(CallKind::kRead, 10, second), Admission::kAdmitted);
  second.ForceResize(5000);
  EXPECT_EQ(in_flight.bytes(CallKind::kRead), 5010U);
  second.ForceResize(0);
  second.Release();
  first.Release();
  EXPECT_EQ(in_flight.bytes(CallKind::kRead), 0U);
  EXPECT_EQ(in_flight.calls(), 0);
}

TEST(CallsInFlightTest, StoppingWaitsForWhatWasAdmittedAndAdmitsNothing) {
  CallsInFlight in_flight({.read_bytes = 1000, .write_bytes = 1000});
  auto hold = std::make_unique<Hold>();
  ASSERT_EQ(in_flight.Admit(CallKind::kRead, 1, *hold), Admission::kAdmitted);
  in_flight.Stop();
  Hold late;
  EXPECT_EQ(in_flight.Admit(CallKind::kRead, 1, late), Admission::kStopping);
  EXPECT_FALSE(in_flight.AwaitNone(absl::Now()));
  std::jthread ends([&hold] { hold.reset(); });
  EXPECT_TRUE(in_flight.AwaitNone(absl::InfiniteFuture()));
}

// In any interleaving, a call is either waited for or refused.
TEST(CallsInFlightTest, NoCallIsAdmittedAfterStoppingSawNone) {
  for (int round = 0; round < 200; ++round) {
    CallsInFlight in_flight({.read_bytes = 1000, .write_bytes = 1000});
    std::atomic<bool> seen_none = false;
    std::vector<std::jthread> callers;
    for (int i = 0; i < 2; ++i) {
      callers.emplace_back([&] {
        for (;;) {
          Hold hold;
          if (in_flight.Admit(CallKind::kRead, 1, hold) == Admission::kStopping) return;
          EXPECT_FALSE(seen_none);
        }
      });
    }
    in_flight.Stop();
    EXPECT_TRUE(in_flight.AwaitNone(absl::InfiniteFuture()));
    seen_none = true;
  }
}

}  // namespace
}  // namespace owo::rpc
