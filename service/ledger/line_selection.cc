#include "service/ledger/line_selection.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <numeric>
#include <utility>

#include "absl/numeric/int128.h"
#include "storage/util/try.h"

namespace owo::ledger {
namespace {

using storage::MinorUnits;

uint64_t Magnitude(MinorUnits amount) {
  const auto bits = static_cast<uint64_t>(amount);
  return amount < 0 ? 0 - bits : bits;
}

// The size and total of a set of rows.
struct Load {
  size_t lines = 0;
  size_t tiers = 0;
  absl::int128 total = 0;

  Load With(const RowSize& row) const { return {lines + 1, tiers + row.tiers, total + row.amount}; }
  Load Without(const RowSize& row) const {
    return {lines - 1, tiers - row.tiers, total - row.amount};
  }
  bool Fits() const {
    using Limits = std::numeric_limits<MinorUnits>;
    return lines <= kLinesMax && tiers <= kLineTiersMax && total >= Limits::min() &&
           total <= Limits::max();
  }
};

// A selection from rows that do not all fit. `positive`: whether all rows total more than 0.
class Selection {
 public:
  Selection(std::span<const RowSize> rows, bool positive)
      : rows_(rows), positive_(positive), order_(rows.size()), taken_(rows.size()) {
    std::iota(order_.begin(), order_.end(), size_t{0});
    std::stable_sort(order_.begin(), order_.end(), [rows](size_t a, size_t b) {
      return Magnitude(rows[a].amount) > Magnitude(rows[b].amount);
    });
  }

  std::vector<bool> Run() {
    while (next_ < order_.size() && Take(order_[next_])) ++next_;
    for (size_t last = next_; !HasSign() && last > 0;) {
      const size_t row = order_[--last];
      if (Helps(row)) continue;
      taken_[row] = false;
      load_ = load_.Without(rows_[row]);
      TakeMoreThatHelps();
    }
    return std::move(taken_);
  }

 private:
  bool HasSign() const { return (load_.total > 0) == positive_; }
  // Whether the row's amount has the sign that the total should have.
  bool Helps(size_t row) const {
    const MinorUnits amount = rows_[row].amount;
    return positive_ ? amount > 0 : amount < 0;
  }
  bool Take(size_t row) {
    const Load with = load_.With(rows_[row]);
    if (!with.Fits()) return false;
    load_ = with;
    taken_[row] = true;
    return true;
  }
  void TakeMoreThatHelps() {
    for (; next_ < order_.size() && !HasSign(); ++next_) {
      if (Helps(order_[next_]) && !Take(order_[next_])) return;
    }
  }

  const std::span<const RowSize> rows_;
  const bool positive_;
  std::vector<size_t> order_;  // largest amounts first
  size_t next_ = 0;            // index in order_ of the first row not yet considered
  std::vector<bool> taken_;
  Load load_;
};

}  // namespace

std::vector<bool> SelectRows(std::span<const RowSize> rows) {
  Load all;
  for (const RowSize& row : rows) all = all.With(row);
  if (all.Fits()) return std::vector<bool>(rows.size(), true);
  return Selection(rows, all.total > 0).Run();
}

absl::StatusOr<Statement> NextInvoice(CatalogReader& catalog,
                                      std::span<const storage::Counter> open) {
  OWO_TRY(Unbilled unbilled, UnbilledOf(catalog, open));
  const std::vector<bool> taken = SelectRows(unbilled.rows);
  return TakeRows(catalog, std::move(unbilled), taken);
}

}  // namespace owo::ledger
