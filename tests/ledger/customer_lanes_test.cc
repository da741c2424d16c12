#include "service/ledger/customer_lanes.h"

#include <gmock/gmock.h>

#include <atomic>
#include <map>
#include <thread>

#include "tests/support/random.h"

namespace owo::ledger {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

using Lanes = CustomerLanes<int>;

LaneKey Customer(uint64_t number) { return {storage::kDefaultTenant, storage::CustomerNo{number}}; }

std::vector<int> Calls(const Lanes::Turn& turn) {
  std::vector<int> calls;
  for (const auto& entry : turn) calls.push_back(*entry->call);
  return calls;
}

class CustomerLanesTest : public ::testing::Test {
 protected:
  Lanes::Turns Enter(int call, std::vector<LaneKey> customers) {
    Lanes::Turns ready;
    EXPECT_TRUE(lanes_.Enter(std::make_shared<int>(call), std::move(customers), 1, ready));
    return ready;
  }
  Lanes::Turns Leave(const Lanes::Turn& turn) {
    Lanes::Turns ready;
    lanes_.Leave(turn, ready);
    return ready;
  }

  Lanes lanes_{20'000};
};

TEST_F(CustomerLanesTest, WhatWaitsForOneCustomerRunsTogetherInOrder) {
  const Lanes::Turns first = Enter(1, {Customer(7)});
  ASSERT_THAT(first, SizeIs(1));
  EXPECT_THAT(Calls(first[0]), ElementsAre(1));
  EXPECT_THAT(Enter(2, {Customer(7)}), IsEmpty());
  EXPECT_THAT(Enter(3, {Customer(7)}), IsEmpty());
  const Lanes::Turns next = Leave(first[0]);
  ASSERT_THAT(next, SizeIs(1));
  EXPECT_THAT(Calls(next[0]), ElementsAre(2, 3));
  EXPECT_THAT(Leave(next[0]), IsEmpty());
  EXPECT_THAT(Enter(4, {Customer(7)}), SizeIs(1));
}

TEST_F(CustomerLanesTest, CustomersDoNotWaitForEachOther) {
  EXPECT_THAT(Enter(1, {Customer(1)}), SizeIs(1));
  EXPECT_THAT(Enter(2, {Customer(2)}), SizeIs(1));
  EXPECT_THAT(Enter(3, {{storage::TenantId{2}, storage::CustomerNo{1}}}), SizeIs(1));
}

TEST_F(CustomerLanesTest, ACallOfSeveralCustomersRunsWhenItIsFirstForAll) {
  const auto one = Enter(1, {Customer(1)});
  const auto two = Enter(2, {Customer(2)});
  EXPECT_THAT(Enter(3, {Customer(2), Customer(1)}), IsEmpty());
  EXPECT_THAT(Enter(4, {Customer(1)}), IsEmpty()) << "it came later";
  EXPECT_THAT(Leave(one[0]), IsEmpty());
  const auto both = Leave(two[0]);
  ASSERT_THAT(both, SizeIs(1));
  EXPECT_THAT(Calls(both[0]), ElementsAre(3));
  const auto last = Leave(both[0]);
  ASSERT_THAT(last, SizeIs(1));
  EXPECT_THAT(Calls(last[0]), ElementsAre(4));
}

TEST_F(CustomerLanesTest, AreBounded) {
  Lanes lanes(2);
  Lanes::Turns ready;
  EXPECT_TRUE(lanes.Enter(std::make_shared<int>(1), {Customer(1)}, 1, ready));
  EXPECT_TRUE(lanes.Enter(std::make_shared<int>(2), {Customer(1)}, 1, ready));
  EXPECT_FALSE(lanes.Enter(std::make_shared<int>(3), {Customer(2)}, 1, ready));
  const Lanes::Turn first = ready[0];
  lanes.Leave(first, ready);
  EXPECT_TRUE(lanes.Enter(std::make_shared<int>(3), {Customer(2)}, 1, ready));
}

TEST_F(CustomerLanesTest, TurnsAreBounded) {
  Lanes::Turns ready;
  for (int call = 0; call < 5; ++call) {
    EXPECT_TRUE(lanes_.Enter(std::make_shared<int>(call), {Customer(1)}, 400, ready));
  }
  EXPECT_THAT(Calls(ready[0]), ElementsAre(0));
  const auto next = Leave(ready[0]);
  EXPECT_THAT(Calls(next[0]), ElementsAre(1, 2));
  EXPECT_THAT(Calls(Leave(next[0])[0]), ElementsAre(3, 4));
}

// Random calls of one to three customers from four threads: all run, never two of one customer at
// once, those of one customer in order of arrival. Of arrivals the order is known within a thread.
TEST_F(CustomerLanesTest, RandomCallsAllRunInOrderAndNeverOverlap) {
  constexpr int kCallsPerThread = 5000;
  constexpr int kThreads = 4;
  constexpr uint64_t kCustomers = 4;
  std::atomic<int> last[kThreads][kCustomers + 1] = {};  // call that ran last, by thread, customer
  std::atomic<int> running[kCustomers + 1] = {};
  std::atomic<int> ran = 0;
  const auto run = [&](Lanes::Turns ready) {
    while (!ready.empty()) {
      const Lanes::Turn turn = std::move(ready.back());
      ready.pop_back();
      for (const LaneKey& key : turn.front()->customers) {
        EXPECT_EQ(running[static_cast<uint64_t>(key.second)].fetch_add(1), 0);
      }
      for (const auto& entry : turn) {
        const int thread = *entry->call / kCallsPerThread;
        for (const LaneKey& key : entry->customers) {
          const auto customer = static_cast<uint64_t>(key.second);
          EXPECT_LE(last[thread][customer].exchange(*entry->call), *entry->call);
        }
      }
      ran += static_cast<int>(turn.size());
      for (const LaneKey& key : turn.front()->customers) {
        running[static_cast<uint64_t>(key.second)].fetch_sub(1);
      }
      lanes_.Leave(turn, ready);
    }
  };
  {
    std::vector<std::jthread> threads;
    for (uint64_t thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&, thread] {
        Random random(thread);
        for (int i = 0; i < kCallsPerThread; ++i) {
          std::vector<LaneKey> customers;
          for (uint64_t c = 1; c <= kCustomers; ++c) {
            if (random.OneIn(3)) customers.push_back(Customer(c));
          }
          if (customers.empty()) customers.push_back(Customer(1));
          run(Enter(static_cast<int>(thread) * kCallsPerThread + i, std::move(customers)));
        }
      });
    }
  }
  EXPECT_EQ(ran, kThreads * kCallsPerThread);
}

}  // namespace
}  // namespace owo::ledger
