// The cost of unbilled usage, and the life cycle of invoices.
//
//   OWO_TRY(const UsageAnswer usage, billing.Usage(context, read, "user_123"));
//   billing.Invoice(context, read, {.customer = "user_123"},
//                   [](absl::StatusOr<Answered<InvoiceView>> invoice) { … });
//
// An invoice bills the difference between what usage costs and what earlier invoices bill of it. So
// usage is billed once, whichever calls overlap or repeat, and late or corrected usage comes on the
// next invoice (statement.h). Lines are frozen when the invoice is created, of a draft as well.

#ifndef OWO_SERVICE_LEDGER_BILLING_H_
#define OWO_SERVICE_LEDGER_BILLING_H_

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "service/ledger/commit.h"
#include "service/ledger/events.h"
#include "service/ledger/invoice.h"
#include "service/ledger/ledger_parts.h"
#include "service/ledger/statement.h"

namespace owo::ledger {

// What a customer's next invoice would bill.
// Amounts are minor units of `currency`.
struct UsageAnswer {
  CustomerPtr customer;
  rating::Currency currency;
  std::shared_ptr<const Catalog> catalog;           // `statement` points into it
  std::shared_ptr<const storage::Account> account;  // `statement` points into it
  Statement statement;
};

// An invoice, and the current id of its customer, which is not part of what is frozen.
struct InvoiceView {
  Invoice invoice;
  std::string customer_id;
};

// Parameters of Billing::Invoice().
struct InvoiceParams {
  std::string customer;  // id or email
  // Create a draft, without number, to be finalized later.
  bool draft = false;
  storage::InvoiceNotes notes;  // metadata and memo
  RequestRef request;
};

// Parameters of Billing::Pay().
struct PaymentParams {
  std::string invoice;  // 16 bytes
  std::string reference;
  // When the payment was received. Absent: now.
  std::optional<storage::Micros> paid_at;
  RequestRef request;
};

// Parameters of Billing::List().
struct InvoiceQuery {
  // Id or email; "": all customers of the tenant.
  std::string customer;
  // Absent: any.
  std::optional<storage::InvoiceStatusRecord> status;
  // 16 bytes, InvoicePage::next of the page before; "": from the newest.
  std::string before;
  // The most invoices of the page.
  size_t limit = 0;
};

// An invoice of a page, as it is stored. Read one at a time (ReadListed): an Invoice takes several
// times the memory of its row, and a page has up to 3 MiB of rows.
struct ListedInvoice {
  std::string row;
  std::string customer_id;  // as in InvoiceView
};

// A page of invoices, newest first.
struct InvoicePage {
  std::vector<ListedInvoice> invoices;
  std::string next;  // `before` of the next page; "": no more
};

// An invoice of a page, with what answers show of it (InvoiceParts::kShown). DATA_LOSS if its row
// does not parse, or does not add up. Thread-safe.
absl::StatusOr<InvoiceView> ReadListed(const ListedInvoice& listed);

// At least the memory, in bytes, of an invoice of a customer's usage, and at least that of its
// record, each with the counters that it closes. While the record is made, both together take
// little more: ToRecord() frees line by line. Thread-safe.
size_t SpaceOf(const UsageAnswer& usage, const storage::InvoiceNotes& notes);

// Bounds the memory of new invoices from before they are made to their commit: a request of a few
// bytes may make an invoice of megabytes.
//
//   std::shared_ptr<void> held = in_flight.Hold(SpaceOf(usage, params.notes));
//   if (held == nullptr) return Refuse(Reason::kOverloaded, …);
class InvoicesInFlight {
 public:
  // The most bytes held when another invoice is admitted: four of the largest.
  static constexpr size_t kBytesMax = 16 << 20;

  // Counts `bytes` until the result is destroyed. Null if kBytesMax bytes or more are held; one
  // invoice may go beyond. Thread-safe.
  std::shared_ptr<void> Hold(size_t bytes);

 private:
  // Shared with what Hold() returned, which may outlive this.
  std::shared_ptr<std::atomic<size_t>> bytes_ = std::make_shared<std::atomic<size_t>>(0);
};

// An invoice passes through these states; the numbers of a series are given at (*), without gaps:
//
//   Invoice(draft) → draft ──Finalize (*)──→ open ──Pay──→ paid
//   Invoice (*)    ────────────────────────→ open
//                    draft or open ──Void──→ void: its usage is unbilled again
//
// Thread-safe. Methods that return a StatusOr block on reads. The others answer through `done`.
// These may also fail with REQUEST_ID_REUSED and CONTENTION (commit.h). Invoice ids are 16 bytes
// (ids.h), times are microseconds since 1970, amounts are minor units.
class Billing {
 public:
  explicit Billing(LedgerParts& parts) : parts_(parts) {}

  // What the next invoice of a customer would bill. `customer`: id or email.
  // Errors: CUSTOMER_NOT_FOUND, CUSTOMER_AMBIGUOUS.
  absl::StatusOr<UsageAnswer> Usage(const CallContext& context, const storage::ReadOptions& read,
                                    const std::string& customer);

  // Creates an invoice of all unbilled usage, or of what fits one invoice (line_selection.h).
  // Errors: those of Usage; NO_UNBILLED_USAGE; CREDIT_BALANCE if the total is not above 0;
  // OVERLOADED if the invoices that wait for their commit take too much memory.
  void Invoice(const CallContext& context, const storage::ReadOptions& read, InvoiceParams params,
               Done<Answered<InvoiceView>> done);
  // Opens a draft. An open or paid invoice is answered unchanged.
  // Errors: INVOICE_NOT_FOUND; INVOICE_STATUS_CONFLICT if it is void.
  void Finalize(const CallContext& context, const storage::ReadOptions& read, const std::string& id,
                RequestRef request, Done<Answered<InvoiceView>> done);
  // Records the payment of an open invoice. An invoice that was paid with the same parameters is
  // answered unchanged. Errors: INVOICE_NOT_FOUND; INVOICE_STATUS_CONFLICT; INVALID_REQUEST if
  // `paid_at` is before the invoice was finalized.
  void Pay(const CallContext& context, const storage::ReadOptions& read,
           const PaymentParams& params, Done<Answered<InvoiceView>> done);
  // Voids a draft or open invoice, so that its usage is unbilled again. An invoice that was voided
  // for the same reason is answered unchanged. Errors: INVOICE_NOT_FOUND; INVOICE_STATUS_CONFLICT.
  void Void(const CallContext& context, const storage::ReadOptions& read, const std::string& id,
            std::string reason, RequestRef request, Done<Answered<InvoiceView>> done);

  // An invoice as it was committed last. Errors: INVOICE_NOT_FOUND; DATA_LOSS if it does not add
  // up.
  absl::StatusOr<InvoiceView> Get(const CallContext& context, const storage::ReadOptions& read,
                                  const std::string& id);
  // Newest first. A page may have fewer invoices than `query.limit`, or none, and still have a
  // next page. Errors: CUSTOMER_NOT_FOUND, CUSTOMER_AMBIGUOUS; DATA_LOSS if a row has no customer.
  // Rows are not checked otherwise before ReadListed() reads them.
  absl::StatusOr<InvoicePage> List(const CallContext& context, const storage::ReadOptions& read,
                                   const InvoiceQuery& query);
  // The events that an invoice bills: by line, and within a line in order of arrival. Errors:
  // INVOICE_NOT_FOUND, LINE_NOT_FOUND, EVENTS_EXPIRED.
  absl::StatusOr<InvoiceEventPage> ListEvents(const CallContext& context,
                                              const storage::ReadOptions& read,
                                              const InvoiceEventsQuery& query);

 private:
  // Changes an invoice, and returns whether it did.
  using Transition = std::function<absl::StatusOr<bool>(ledger::Invoice&)>;

  // Decides one attempt of Invoice().
  absl::StatusOr<Decision<InvoiceView>> DecideInvoice(const CallContext& context,
                                                      const storage::ReadOptions& read,
                                                      const InvoiceParams& params);
  // Applies `transition` to an invoice and commits the result. If the transition returns false,
  // answers the invoice unchanged.
  void Change(const CallContext& context, const storage::ReadOptions& read,
              const std::string& method, const std::string& id, RequestRef request,
              Transition transition, Done<Answered<InvoiceView>> done);

  LedgerParts& parts_;
  // The invoices that wait for their commit.
  InvoicesInFlight waiting_;
};

}  // namespace owo::ledger

#endif  // OWO_SERVICE_LEDGER_BILLING_H_
