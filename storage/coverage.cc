#include "storage/coverage.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace owo::storage {
namespace {

using Ranges = std::vector<OrdinalRange>;

void Append(Ranges& ranges, OrdinalRange range) {
  if (range.first == range.end) return;
  if (!ranges.empty() && ranges.back().end == range.first) {
    ranges.back().end = range.end;
  } else {
    ranges.push_back(range);
  }
}

// The union of `a` and `b`, each ascending and disjoint. False if they overlap.
bool Unite(const Ranges& a, const Ranges& b, Ranges& out) {
  Ranges all;
  std::merge(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(all),
             [](const OrdinalRange& x, const OrdinalRange& y) { return x.first < y.first; });
  for (const OrdinalRange& range : all) {
    if (!out.empty() && range.first < out.back().end) return false;
    Append(out, range);
  }
  return true;
}

// `a` without `b`. False if `b` is not contained in `a`.
bool Subtract(const Ranges& a, const Ranges& b, Ranges& out) {
  size_t next = 0;
  for (OrdinalRange range : a) {
    for (; next < b.size() && b[next].end <= range.end; ++next) {
      if (b[next].first < range.first) return false;
      Append(out, {range.first, b[next].first});
      range.first = b[next].end;
    }
    Append(out, range);
  }
  return next == b.size();
}

void AddTier(std::vector<TierUse>& sum, const TierUse& use, int sign) {
  const auto at = std::lower_bound(sum.begin(), sum.end(), use.tier,
                                   [](const TierUse& x, uint32_t tier) { return x.tier < tier; });
  TierUse& entry = at != sum.end() && at->tier == use.tier ? *at : *sum.insert(at, {use.tier});
  entry.quantity = sign > 0 ? entry.quantity + use.quantity : entry.quantity - use.quantity;
  entry.flat_fees += sign * use.flat_fees;
}

void DropEmpty(std::vector<TierUse>& tiers) {
  std::erase_if(tiers,
                [](const TierUse& t) { return t.quantity == Quantity{} && t.flat_fees == 0; });
}

void AddNumbers(Coverage& sum, const Coverage& line, int sign) {
  const auto add = [sign](Quantity& to, Quantity what) { sign > 0 ? to += what : to -= what; };
  add(sum.usage, line.usage);
  add(sum.free, line.free);
  add(sum.billable, line.billable);
  sum.amount += sign * line.amount;
  for (const TierUse& use : line.tiers) AddTier(sum.tiers, use, sign);
  DropEmpty(sum.tiers);
}

}  // namespace

absl::Status AddCoverage(Coverage& sum, const Coverage& line, uint64_t events) {
  Ranges united;
  if (!Unite(sum.ranges, line.ranges, united)) {
    return absl::DataLossError("an event would be covered by two invoice lines");
  }
  if (!united.empty() && united.back().end > events) {
    return absl::DataLossError("an invoice line would cover events that were not counted");
  }
  sum.ranges = std::move(united);
  AddNumbers(sum, line, 1);
  return absl::OkStatus();
}

absl::Status RemoveCoverage(Coverage& sum, const Coverage& line) {
  Ranges rest;
  if (!Subtract(sum.ranges, line.ranges, rest)) {
    return absl::DataLossError("a void invoice line covers events that its counter does not");
  }
  sum.ranges = std::move(rest);
  AddNumbers(sum, line, -1);
  return absl::OkStatus();
}

std::vector<OrdinalRange> Uncovered(const std::vector<OrdinalRange>& covered, uint64_t events) {
  Ranges rest;
  uint64_t at = 0;
  for (const OrdinalRange& range : covered) {
    if (range.first >= events) break;
    Append(rest, {at, range.first});
    at = range.end;
  }
  if (at < events) Append(rest, {at, events});
  return rest;
}

std::vector<TierUse> Difference(const std::vector<TierUse>& a, const std::vector<TierUse>& b) {
  std::vector<TierUse> difference = a;
  for (const TierUse& use : b) AddTier(difference, use, -1);
  DropEmpty(difference);
  return difference;
}

}  // namespace owo::storage
