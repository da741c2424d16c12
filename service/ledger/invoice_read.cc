// Billing::Get and List: invoices as they are stored.

#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "service/ledger/billing.h"
#include "storage/try.h"

namespace owo::ledger {
namespace {

using storage::CustomerNo;
using storage::TenantId;

// Invoices that one call looks at to find those with the wanted status.
constexpr size_t kLookedAtMax = 5000;

absl::Status NotFound(const std::string& id) {
  const std::string text = InvoiceIdText(id);
  return Refuse(Reason::kInvoiceNotFound, absl::StrCat("no invoice has the id ", text),
                {{"invoice_id", text}});
}

// What an invoice says follows from its lines: held after reading as it was before writing.
absl::Status CheckSums(const storage::InvoiceRow& invoice) {
  storage::MinorUnits sum = 0;
  for (const storage::LineRow& line : invoice.lines) sum += line.amount;
  if (sum == invoice.subtotal && invoice.subtotal == invoice.total) return absl::OkStatus();
  return absl::DataLossError(
      absl::StrCat("invoice ", InvoiceIdText(invoice.id), " does not add up"));
}

// The ids of customers as they are now. Those of a page are mostly the same ones.
class CustomerIds {
 public:
  CustomerIds(const storage::ReadOptions& read, const storage::Store& store, TenantId tenant)
      : read_(read), store_(store), tenant_(tenant) {}

  void Add(CustomerNo number, const std::string& id) { ids_[number] = id; }

  absl::StatusOr<std::string> Of(CustomerNo number) {
    std::string& id = ids_[number];
    if (id.empty()) {
      OWO_TRY(const storage::Customer customer, store_.ReadCustomer(read_, tenant_, number));
      id = customer.record.id();
    }
    return id;
  }

 private:
  const storage::ReadOptions read_;
  const storage::Store& store_;
  const TenantId tenant_;
  absl::flat_hash_map<CustomerNo, std::string> ids_;
};

}  // namespace

absl::StatusOr<InvoiceView> Billing::Get(const storage::ReadOptions& read, TenantId tenant,
                                         const std::string& id) {
  OWO_TRY(auto row, context_.store.ReadInvoice(read, tenant, id));
  if (!row.has_value()) return NotFound(id);
  storage::InvoiceRow invoice;
  OWO_RETURN_IF_ERROR(storage::LookAtInvoice(*row, invoice));
  OWO_RETURN_IF_ERROR(CheckSums(invoice));
  OWO_TRY(const storage::Customer customer,
          context_.store.ReadCustomer(read, tenant, invoice.customer));
  return InvoiceView{*std::move(row), customer.record.id()};
}

absl::StatusOr<InvoicePage> Billing::List(const storage::ReadOptions& read, TenantId tenant,
                                          const InvoiceQuery& query) {
  CustomerNo of{};
  CustomerIds customers(read, context_.store, tenant);
  if (!query.customer.empty()) {
    OWO_TRY(const CustomerPtr view, context_.directory.Find(read, tenant, query.customer));
    of = view->number;
    customers.Add(of, view->id());
  }
  InvoicePage page;
  std::string before = query.before;
  size_t looked_at = 0;
  // With a filter a page may take several reads; one more than wanted tells whether there are more.
  for (bool more = true; more;) {
    OWO_TRY(std::vector<std::string> rows,
            context_.store.ListInvoices(read, tenant, of, before, query.most + 1));
    more = rows.size() > query.most;
    looked_at += rows.size();
    for (std::string& row : rows) {
      if (page.invoices.size() == query.most) {
        page.next = before;
        return page;
      }
      ListedInvoice& invoice = page.invoices.emplace_back();
      const std::string& kept = page.rows.emplace_back(std::move(row));
      OWO_RETURN_IF_ERROR(storage::LookAtInvoice(kept, invoice.record));
      before = invoice.record.id;
      if (query.status.value_or(invoice.record.status) != invoice.record.status) {
        page.invoices.pop_back();
        page.rows.pop_back();
        continue;
      }
      OWO_RETURN_IF_ERROR(CheckSums(invoice.record));
      OWO_TRY(invoice.customer_id, customers.Of(invoice.record.customer));
    }
    // A rare status must not make one call read the whole history: the next page goes on.
    if (more && looked_at >= kLookedAtMax) {
      page.next = before;
      return page;
    }
  }
  return page;
}

}  // namespace owo::ledger
