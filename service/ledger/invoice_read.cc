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

// Invoices that one call looks at: a rare status must not make it read the whole history.
constexpr size_t kLookedAtMax = 5000;

// Of the rows of a page, whatever its size: an invoice takes up to 1.5 MiB.
constexpr size_t kPageBytesMax = 3 << 20;

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
  storage::InvoiceListQuery list{.before = query.before,
                                 .status = query.status,
                                 .limit = query.most,
                                 .bytes_max = kPageBytesMax,
                                 .work_max = kLookedAtMax};
  CustomerIds customers(read, context_.store, tenant);
  if (!query.customer.empty()) {
    OWO_TRY(const CustomerPtr view, context_.directory.Find(read, tenant, query.customer));
    list.customer = view->number;
    customers.Add(list.customer, view->id());
  }
  OWO_TRY(storage::InvoiceList listed, context_.store.ListInvoices(read, tenant, list));
  InvoicePage page;
  page.next = std::move(listed.next);
  for (std::string& row : listed.rows) {
    ListedInvoice& invoice = page.invoices.emplace_back();
    const std::string& kept = page.rows.emplace_back(std::move(row));
    OWO_RETURN_IF_ERROR(storage::LookAtInvoice(kept, invoice.record));
    OWO_RETURN_IF_ERROR(CheckSums(invoice.record));
    OWO_TRY(invoice.customer_id, customers.Of(invoice.record.customer));
  }
  return page;
}

}  // namespace owo::ledger
