#include "tests/bench/contest.h"

#include <iostream>
#include <utility>

namespace owo::bench {
namespace {

using Figure = double (Figures::*)() const;

double RatioToCeiling(const Row& row, Figure figure) {
  const Ceiling& ceiling = row.ceilings(0);
  std::vector<double> ratios;
  ratios.reserve(row.runs_size());
  for (int i = 0; i < row.runs_size(); ++i) {
    ratios.push_back((row.runs(i).*figure)() / (ceiling.runs(i).*figure)());
  }
  return MedianOf(std::move(ratios));
}

Verdict VerdictOf(bool reached, bool wanted) {
  if (!reached) return VERDICT_MISSED;
  return wanted ? VERDICT_WANTED : VERDICT_REACHED;
}

}  // namespace

Contest::Contest(const Options& options, std::string name, std::string what)
    : runs_(options.runs), duration_(options.duration) {
  row_.set_name(std::move(name));
  row_.set_what(std::move(what));
}

void Contest::Add(std::string name, Measure measure) {
  contenders_.push_back({.name = std::move(name), .measure = std::move(measure)});
}

Row Contest::Run() {
  for (int run = 0; run < runs_; ++run) {
    std::vector<Sample> samples(contenders_.size());
    for (int slice = 0; slice < slices_; ++slice) {
      for (size_t i = 0; i < contenders_.size(); ++i) {
        samples[i].Append(contenders_[i].measure(duration_ / slices_));
      }
    }
    for (size_t i = 0; i < contenders_.size(); ++i) {
      contenders_[i].runs.push_back(FiguresOf(std::move(samples[i])));
    }
  }
  for (size_t i = 0; i < contenders_.size(); ++i) {
    const std::vector<Figures>& runs = contenders_[i].runs;
    if (i == 0) {
      *row_.mutable_figures() = MedianOf(runs);
      row_.mutable_runs()->Add(runs.begin(), runs.end());
      continue;
    }
    Ceiling& ceiling = *row_.add_ceilings();
    ceiling.set_name(contenders_[i].name);
    *ceiling.mutable_figures() = MedianOf(runs);
    ceiling.mutable_runs()->Add(runs.begin(), runs.end());
  }
  return std::move(row_);
}

void CheckAtLeast(Row& row, const std::string& criterion, double value, double must, double want) {
  row.set_criterion(criterion);
  row.set_value(value);
  row.set_must(must);
  row.set_want(want);
  row.set_verdict(VerdictOf(value >= must, value >= want));
}

void CheckAtMost(Row& row, const std::string& criterion, double value, double must, double want) {
  CheckAtLeast(row, criterion, value, must, want);
  row.set_at_most(true);
  row.set_verdict(VerdictOf(value <= must, value <= want));
}

void CheckRateRatio(Row& row, double must, double want) {
  CheckAtLeast(row, "rate / " + row.ceilings(0).name(), RatioToCeiling(row, &Figures::rate), must,
               want);
}

void CheckP50Ratio(Row& row, double must, double want) {
  CheckAtMost(row, "p50 / " + row.ceilings(0).name(), RatioToCeiling(row, &Figures::p50_us), must,
              want);
}

void CheckP99Ratio(Row& row, double must, double want) {
  CheckAtMost(row, "p99 / " + row.ceilings(0).name(), RatioToCeiling(row, &Figures::p99_us), must,
              want);
}

}  // namespace owo::bench
