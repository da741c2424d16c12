// What usage costs and the life of invoices.
//
//   OWO_TRY(const UsageAnswer usage, billing.Usage(read, tenant, "user_123"));
//   billing.Invoice(read, tenant, {.customer = "user_123"},
//   [](absl::StatusOr<Answered<InvoiceView>> i) { … });

#ifndef OWO_SERVICE_LEDGER_BILLING_H_
#define OWO_SERVICE_LEDGER_BILLING_H_

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "service/ledger/commit.h"
#include "service/ledger/context.h"
#include "service/ledger/events.h"
#include "service/ledger/statement.h"
#include "storage/invoice_row.h"

namespace owo::ledger {

struct UsageAnswer {
  CustomerPtr customer;
  rating::Currency currency;
  std::shared_ptr<const Catalog> catalog;           // statement refers to it,
  std::shared_ptr<const storage::Account> account;  // and to this
  Statement statement;
};

struct InvoiceView {
  std::string row;  // a serialized storage::InvoiceRecord
  std::string customer_id;
};

struct InvoiceParams {
  std::string customer;  // id or email
  bool draft = false;
  std::map<std::string, std::string> metadata;
  RequestRef request;
};

struct PaymentParams {
  std::string invoice;  // 16 bytes
  std::string reference;
  std::optional<storage::Micros> paid_at;
  RequestRef request;
};

struct InvoiceQuery {
  std::string customer;  // id or email; "": all of the tenant
  std::optional<storage::InvoiceStatusRecord> status;
  std::string before;  // 16 bytes; "": from the newest
  size_t limit = 0;
};

// An InvoiceView whose row was looked into: it is one of the page's.
struct ListedInvoice {
  storage::InvoiceRow record;
  std::string customer_id;
};

struct InvoicePage {
  InvoicePage() = default;
  InvoicePage(InvoicePage&&) = default;  // a copy would look into the rows of this one
  InvoicePage& operator=(InvoicePage&&) = default;

  std::deque<ListedInvoice> invoices;
  std::deque<std::string> rows;  // as the store gave them
  std::string next;              // `before` of the next page; "": no more
};

// Thread-safe. Calls that give a status block on reads; the others answer through `done`.
class Billing {
 public:
  explicit Billing(Context& context) : context_(context) {}

  absl::StatusOr<UsageAnswer> Usage(const storage::ReadOptions& read, storage::TenantId tenant,
                                    const std::string& customer);

  void Invoice(const storage::ReadOptions& read, storage::TenantId tenant, InvoiceParams params,
               Done<Answered<InvoiceView>> done);
  void Finalize(const storage::ReadOptions& read, storage::TenantId tenant, const std::string& id,
                RequestRef request, Done<Answered<InvoiceView>> done);
  void Pay(const storage::ReadOptions& read, storage::TenantId tenant, const PaymentParams& params,
           Done<Answered<InvoiceView>> done);
  void Void(const storage::ReadOptions& read, storage::TenantId tenant, const std::string& id,
            std::string reason, RequestRef request, Done<Answered<InvoiceView>> done);

  absl::StatusOr<InvoiceView> Get(const storage::ReadOptions& read, storage::TenantId tenant,
                                  const std::string& id);
  absl::StatusOr<InvoicePage> List(const storage::ReadOptions& read, storage::TenantId tenant,
                                   const InvoiceQuery& query);
  // In the order of the lines; of each in order of arrival.
  absl::StatusOr<InvoiceEventPage> ListEvents(const storage::ReadOptions& read,
                                              storage::TenantId tenant,
                                              const InvoiceEventsQuery& query);

 private:
  using Transition =
      std::function<absl::StatusOr<std::optional<storage::InvoiceRecord>>(storage::InvoiceRecord)>;

  absl::StatusOr<Decision<InvoiceView>> DecideInvoice(const storage::ReadOptions& read,
                                                      storage::TenantId tenant,
                                                      const InvoiceParams& params);
  // Commits what `transition` makes of an invoice, or answers it as it is when that is nothing.
  void Change(const storage::ReadOptions& read, storage::TenantId tenant, const std::string& method,
              const std::string& id, RequestRef request, Transition transition,
              Done<Answered<InvoiceView>> done);

  Context& context_;
};

}  // namespace owo::ledger

#endif  // OWO_SERVICE_LEDGER_BILLING_H_
