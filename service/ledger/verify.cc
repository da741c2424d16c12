#include "service/ledger/verify.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/numeric/int128.h"
#include "absl/strings/str_cat.h"
#include "service/ledger/former_rules.h"
#include "service/ledger/invoice_lines.h"
#include "service/ledger/invoice_record.h"
#include "service/ledger/line_selection.h"
#include "service/ledger/statement.h"
#include "storage/util/try.h"

namespace owo::ledger {
namespace {

using storage::Counter;

std::string Text(const storage::Coverage& covers) {
  return absl::StrCat("usage ", ToDecimal(covers.usage).ToString(), ", free ",
                      ToDecimal(covers.free).ToString(), ", billable ",
                      ToDecimal(covers.billable).ToString(), ", amount ", covers.amount);
}

// Compares a line with its row. `expected`: the rated part of the line that the row makes.
absl::Status CheckLine(const InvoiceLine& line, const StatementRow& row,
                       const InvoiceLine& expected) {
  if (RatedPart(line) == expected) return absl::OkStatus();
  const std::string of = absl::StrCat("line of ", line.feature_slug, ", ", line.period.label);
  if (line.counter != row.counter->key || Text(line.covers) != Text(row.adds)) {
    return absl::DataLossError(
        absl::StrCat(of, ": has ", Text(line.covers), "; rated again ", Text(row.adds)));
  }
  return absl::DataLossError(
      absl::StrCat(of, ": its price, tiers, period or events are not those of its counter"));
}

// The rules that an invoice was made by. All lines of an invoice follow the same rules.
struct Rules {
  std::vector<bool> (*select)(std::span<const RowSize>);
  InvoiceLine (*line)(const StatementRow&);
};
constexpr Rules kRules = {SelectRows, RatedLine};
constexpr Rules kFormerRules = {FormerlySelectedRows, FormerRatedLine};

absl::Status CheckByRules(const Rules& rules, CatalogReader& catalog, const Invoice& invoice,
                          Unbilled unbilled) {
  const std::vector<bool> taken = rules.select(unbilled.rows);
  OWO_TRY(const Statement statement, TakeRows(catalog, std::move(unbilled), taken));
  if (invoice.lines.size() != statement.rows.size()) {
    return absl::DataLossError(
        absl::StrCat("has ", invoice.lines.size(), " lines; rated again ", statement.rows.size()));
  }
  for (size_t i = 0; i < invoice.lines.size(); ++i) {
    const StatementRow& row = statement.rows[i];
    OWO_RETURN_IF_ERROR(CheckLine(invoice.lines[i], row, rules.line(row)));
    if (row.context.plan->currency.code() != invoice.currency) {
      return absl::DataLossError(absl::StrCat("is in ", invoice.currency, ", not in the ",
                                              "currency of plan ", row.context.plan->slug));
    }
  }
  if (invoice.subtotal != statement.total || statement.total <= 0) {
    return absl::DataLossError(
        absl::StrCat("has the subtotal ", invoice.subtotal, "; rated again ", statement.total));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status LedgerRating::SetCatalog(storage::TenantId tenant,
                                      const storage::CatalogSource& catalogs) {
  if (!catalogs_.has_value()) catalogs_.emplace(catalogs, kTermsBytesMax);
  return catalogs_->Refresh(storage::kReadAll, tenant).status();
}

absl::StatusOr<CatalogReader> LedgerRating::CatalogOf(storage::TenantId tenant) {
  Catalog::Ptr catalog = catalogs_.has_value() ? catalogs_->Cached(tenant) : nullptr;
  if (catalog == nullptr) return absl::DataLossError("its tenant has no catalog");
  return CatalogReader(storage::kReadAll, *catalogs_, tenant, std::move(catalog));
}

absl::Status LedgerRating::CheckSums(const storage::InvoiceRecord& record) {
  return ParseInvoice(record).status();
}

absl::Status LedgerRating::CheckInvoice(storage::TenantId tenant,
                                        const storage::InvoiceRecord& record,
                                        std::span<const Counter> open) {
  Invoice invoice;
  OWO_RETURN_IF_ERROR(ParseInvoiceFields(record.SerializeAsString(), invoice));
  OWO_TRY(CatalogReader catalog, CatalogOf(tenant));
  OWO_TRY(Unbilled unbilled, UnbilledOf(catalog, open));
  absl::Status status = CheckByRules(kRules, catalog, invoice, std::move(unbilled));
  if (status.ok()) return status;
  OWO_TRY(unbilled, UnbilledOf(catalog, open));
  const bool former = CheckByRules(kFormerRules, catalog, invoice, std::move(unbilled)).ok();
  return former ? absl::OkStatus() : status;
}

absl::Status LedgerRating::CheckUnbilled(storage::TenantId tenant, std::span<const Counter> group) {
  OWO_TRY(CatalogReader catalog, CatalogOf(tenant));
  OWO_TRY(const std::vector<Rated> rated, RateGroup(catalog, group));
  OWO_TRY(const Unbilled unbilled, UnbilledOf(catalog, group));
  for (size_t i = 0; i < group.size(); ++i) {
    const Counter& counter = group[i];
    storage::Quantity billable = counter.covered.billable;
    absl::int128 amount = counter.covered.amount;
    for (const RowSize& row : unbilled.rows) {
      if (row.counter != &counter) continue;
      billable += row.billable;
      amount += row.amount;
    }
    if (billable == ToQuantity(rated[i].billable) && amount == rated[i].cost) continue;
    return absl::DataLossError(
        absl::StrCat("segment ", counter.key.segment, " costs ", rated[i].cost, " for ",
                     rated[i].billable.ToString(), " units; covered and unbilled are ",
                     static_cast<int64_t>(amount), " for ", ToDecimal(billable).ToString()));
  }
  return absl::OkStatus();
}

}  // namespace owo::ledger
