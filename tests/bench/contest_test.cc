#include "tests/bench/contest.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace owo::bench {
namespace {

using ::testing::ElementsAre;

TEST(SampleTest, FiguresAreOfAllThatWasMeasured) {
  Sample sample = {.elapsed = absl::Seconds(1),
                   .server_cpu = absl::Milliseconds(100),
                   .client_cpu = absl::Milliseconds(50),
                   .units = 1'000};
  for (int64_t i = 100; i > 0; --i) sample.latency_ns.push_back(i * 1'000);
  Sample twice = sample;
  twice.Append(sample);
  const Figures figures = FiguresOf(twice);
  EXPECT_EQ(figures.rate(), 1'000);
  EXPECT_EQ(figures.p50_us(), 50);
  EXPECT_EQ(figures.p99_us(), 99);
  EXPECT_EQ(figures.p999_us(), 100);
  EXPECT_EQ(figures.server_cpu_us(), 100);
  EXPECT_EQ(figures.client_cpu_us(), 50);
}

TEST(SampleTest, MedianOfAnEvenNumberLiesBetween) {
  EXPECT_EQ(MedianOf(std::vector<double>{4, 1, 2, 100}), 3);
  EXPECT_EQ(MedianOf(std::vector<double>{4, 1, 2}), 2);
}

// A sample with a rate of `units` per second.
Sample At(uint64_t units) {
  return {.elapsed = absl::Seconds(1), .units = units, .latency_ns = {1'000'000}};
}

TEST(ContestTest, ContendersTakeTurnsAndShareTheTime) {
  const Options options = {.runs = 2, .duration = absl::Seconds(6)};
  std::vector<std::string> turns;
  const auto measuring = [&turns](const std::string& name) {
    return [&turns, name](absl::Duration duration) {
      EXPECT_EQ(duration, absl::Seconds(2));
      turns.push_back(name);
      return At(1);
    };
  };
  Contest contest(options, "case", "what");
  contest.Add("a", measuring("a"));
  contest.Add("b", measuring("b"));
  contest.Slice(3);
  const Row row = contest.Run();
  EXPECT_THAT(turns, ElementsAre("a", "b", "a", "b", "a", "b", "a", "b", "a", "b", "a", "b"));
  EXPECT_EQ(row.runs_size(), 2);
  ASSERT_EQ(row.ceilings_size(), 1);
  EXPECT_EQ(row.ceilings(0).name(), "b");
  EXPECT_EQ(row.ceilings(0).runs_size(), 2);
}

// In the second run the machine is half as fast, for all contenders.
TEST(ContestTest, RatiosAreOfTheSameRun) {
  const Options options = {.runs = 3};
  std::vector<uint64_t> mine = {60, 30, 90};
  std::vector<uint64_t> ceiling = {100, 50, 100};
  Contest contest(options, "case", "what");
  contest.Add("mine", [&, i = 0](absl::Duration) mutable { return At(mine[i++]); });
  contest.Add("ceiling", [&, i = 0](absl::Duration) mutable { return At(ceiling[i++]); });
  Row row = contest.Run();
  CheckRateRatio(row, 0.5, 0.75);
  EXPECT_DOUBLE_EQ(row.value(), 0.6);
  EXPECT_EQ(row.verdict(), VERDICT_REACHED);
}

TEST(ContestTest, VerdictsKnowTheDirection) {
  Row row;
  CheckAtLeast(row, "rate", 10, 10, 20);
  EXPECT_EQ(row.verdict(), VERDICT_REACHED);
  CheckAtLeast(row, "rate", 9, 10, 20);
  EXPECT_EQ(row.verdict(), VERDICT_MISSED);
  CheckAtLeast(row, "rate", 20, 10, 20);
  EXPECT_EQ(row.verdict(), VERDICT_WANTED);
  CheckAtMost(row, "time", 2, 2, 1);
  EXPECT_EQ(row.verdict(), VERDICT_REACHED);
  CheckAtMost(row, "time", 3, 2, 1);
  EXPECT_EQ(row.verdict(), VERDICT_MISSED);
  CheckAtMost(row, "time", 1, 2, 1);
  EXPECT_EQ(row.verdict(), VERDICT_WANTED);
}

}  // namespace
}  // namespace owo::bench
