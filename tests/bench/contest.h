// Contest: measures a case and its ceilings in turns, so that other load on the machine affects all
// of them equally.
//
//   Contest contest(options, "track_64", "Track, single, 64 in flight");
//   contest.Add("Track", [&](absl::Duration duration) { return RunClosedLoop(…); });
//   contest.Add("empty RPC", [&](absl::Duration duration) { return RunClosedLoop(…); });
//   Row row = contest.Run();
//   CheckRateRatio(row, /*must=*/0.5, /*want=*/0.75);

#ifndef OWO_TESTS_BENCH_CONTEST_H_
#define OWO_TESTS_BENCH_CONTEST_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "tests/bench/options.h"
#include "tests/bench/report.pb.h"
#include "tests/bench/sample.h"

namespace owo::bench {

class Contest {
 public:
  using Measure = std::function<Sample(absl::Duration)>;

  Contest(const Options& options, std::string name, std::string what);

  // The first contender is the case, the others are its ceilings.
  void Add(std::string name, Measure measure);
  // Divides each run into `slices`; in each slice all contenders run one after the other.
  void Slice(int slices) { slices_ = slices; }

  Row Run();

 private:
  struct Contender {
    std::string name;
    Measure measure;
    std::vector<Figures> runs;
  };

  const int runs_;
  const absl::Duration duration_;
  Row row_;
  int slices_ = 1;
  std::vector<Contender> contenders_;
};

// Sets the criterion and value of the row, and whether the value reaches `must` and `want`.
void CheckAtLeast(Row& row, const std::string& criterion, double value, double must, double want);
void CheckAtMost(Row& row, const std::string& criterion, double value, double must, double want);

// Compare the case with its first ceiling. The ratio is the median of the ratios of the runs.
void CheckRateRatio(Row& row, double must, double want);
void CheckP50Ratio(Row& row, double must, double want);
void CheckP99Ratio(Row& row, double must, double want);

}  // namespace owo::bench

#endif  // OWO_TESTS_BENCH_CONTEST_H_
