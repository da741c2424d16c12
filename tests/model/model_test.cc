// Random operations on a ledger and on the plain one. After each operation both must be in the same
// state.

#include <gmock/gmock.h>

#include <iostream>
#include <vector>

#include "tests/model/workload.h"
#include "tests/support/long_run.h"
#include "tests/support/random.h"

namespace owo::model {
namespace {

// The cost of a comparison grows with the history, so most histories are short.
struct Histories {
  int count = 0;
  int steps = 0;  // of each history
};

std::vector<Histories> AllHistories() {
  if (kSanitized) return {{IsLongRun() ? 10 : 1, 500}};
  if (IsLongRun()) return {{100, 2000}, {1600, 500}};
  return {{1, 2000}, {36, 500}};
}

// Prints the last operations before the first difference.
void PrintEnd(const Workload& workload) {
  const auto& trace = workload.trace();
  const size_t from = trace.size() < 25 ? 0 : trace.size() - 25;
  for (size_t i = from; i < trace.size(); ++i) std::cout << "  " << trace[i] << "\n";
}

void RunHistory(Random& random, int steps, Workload::Events events = Workload::Events::kKept,
                size_t ledgers = 1) {
  Workload workload(random, events, ledgers);
  for (int i = 0; i < steps && !::testing::Test::HasFailure(); ++i) workload.Step();
  if (!::testing::Test::HasFailure()) workload.ExpectSame();
  const storage::VerifyReport report = workload.real().Verify();
  EXPECT_EQ(report.differences(), 0) << report.ToString();
  const bool dropped = report.ToString().find("\narchived counters ") != std::string::npos;
  EXPECT_EQ(dropped, events == Workload::Events::kDropped) << report.ToString();
  if (::testing::Test::HasFailure()) PrintEnd(workload);
}

TEST(ModelTest, TheLedgerAgreesWithThePlainOne) {
  Random random;
  for (const Histories& histories : AllHistories()) {
    for (int i = 0; i < histories.count && !HasFailure(); ++i) RunHistory(random, histories.steps);
  }
}

// As servers over one store are: each has its own caches, and learns from the store alone what the
// others did.
TEST(ModelTest, LedgersOverOneStoreAgreeWithThePlainOne) {
  Random random;
  for (int run = IsLongRun() ? 400 : kSanitized ? 1 : 5; run > 0 && !HasFailure(); --run) {
    const auto ledgers = static_cast<size_t>(random.Between(2, 3));
    RunHistory(random, 500, Workload::Events::kKept, ledgers);
  }
}

TEST(ModelTest, DroppingEventsChangesNothingElse) {
  Random random;
  for (int run = IsLongRun() ? 20 : 1; run > 0 && !HasFailure(); --run) {
    RunHistory(random, 500, Workload::Events::kDropped);
  }
}

// Two customers become inactive early. Their data from the first runs must be readable in all later
// ones.
TEST(ModelTest, EveryLifeReadsWhatEarlierOnesWrote) {
  Random random;
  const int lives = kSanitized ? 10 : IsLongRun() ? 1000 : 40;
  Workload workload(random);
  for (int life = 1; life <= lives && !HasFailure(); ++life) {
    for (int i = 0; i < 25 && !HasFailure(); ++i) workload.Step();
    if (life == 2) workload.Retire("ada");
    if (life == 5) workload.Retire("bob");
    workload.BeginLife(/*crash=*/random.OneIn(2));
  }
  const storage::VerifyReport report = workload.real().Verify();
  EXPECT_EQ(report.differences(), 0) << report.ToString();
  if (HasFailure()) PrintEnd(workload);
}

TEST(ModelTest, TheSameSeedGivesTheSameTrace) {
  const auto trace = [](uint64_t seed) {
    Random random(seed);
    Workload workload(random);
    for (int i = 0; i < 200; ++i) workload.Step();
    return workload.trace();
  };
  const auto first = trace(7);
  EXPECT_GE(first.size(), 200);
  EXPECT_THAT(first, ::testing::Contains("restart"));
  EXPECT_EQ(first, trace(7));
  EXPECT_NE(first, trace(8));
}

}  // namespace
}  // namespace owo::model
