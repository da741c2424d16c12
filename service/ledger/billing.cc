#include "service/ledger/billing.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "service/ledger/ids.h"
#include "service/ledger/invoice_lines.h"
#include "service/ledger/line_selection.h"
#include "storage/convert.h"
#include "storage/util/try.h"

namespace owo::ledger {
namespace {

using storage::CustomerNo;
using storage::InvoiceRecord;
using storage::InvoiceStatusRecord;
using storage::Micros;
using storage::OrdinalRange;
using storage::StoredEvent;
using storage::TenantId;

constexpr char kSeries[] = "INV";
// What invoices show of a customer is its id.
constexpr storage::CustomerParts kId{.subscriptions = false, .metadata = false};

std::string_view NameOf(InvoiceStatusRecord status) {
  switch (status) {
    case storage::INVOICE_STATUS_RECORD_DRAFT:
      return "draft";
    case storage::INVOICE_STATUS_RECORD_OPEN:
      return "open";
    case storage::INVOICE_STATUS_RECORD_PAID:
      return "paid";
    case storage::INVOICE_STATUS_RECORD_VOID:
      return "void";
    default:
      return "unknown";
  }
}

absl::Status StatusConflict(const InvoiceRecord& invoice, std::string_view wanted) {
  const std::string id = InvoiceIdText(invoice.id());
  const std::string status(NameOf(invoice.status()));
  return Refuse(Reason::kInvoiceStatusConflict,
                absl::StrCat("invoice ", id, " is ", status, ": ", std::string(wanted)),
                {{"invoice_id", id}, {"status", status}});
}

absl::StatusOr<rating::Currency> CurrencyOf(const LedgerParts& parts,
                                            const CustomerView& customer) {
  const std::string& own = customer.stored.contract.currency();
  return rating::Currency::Parse(own.empty() ? parts.options.default_currency : own);
}

// The sums of an invoice must follow from its lines. Checked before a write and after a read.
absl::Status CheckSums(const InvoiceRecord& invoice) {
  storage::MinorUnits sum = 0;
  for (const storage::LineRecord& line : invoice.lines()) sum += line.covers().amount();
  if (sum == invoice.subtotal() && invoice.subtotal() == invoice.total()) return absl::OkStatus();
  return absl::DataLossError(
      absl::StrCat("invoice ", InvoiceIdText(invoice.id()), " does not add up"));
}

absl::Status NothingToInvoice(const UsageAnswer& usage) {
  const std::string& id = usage.customer->id();
  if (usage.statement.rows.empty()) {
    return Refuse(Reason::kNoUnbilledUsage, absl::StrCat("customer ", id, " has no unbilled usage"),
                  {{"customer", id}});
  }
  const std::string currency(usage.currency.code());
  return Refuse(
      Reason::kCreditBalance,
      absl::StrCat("the unbilled usage of customer ", id, " comes to ", usage.statement.total,
                   " minor units of ", currency, ": an invoice needs more than 0"),
      {{"customer", id}, {"currency", currency}, {"amount", absl::StrCat(usage.statement.total)}});
}

InvoiceRecord Draw(const UsageAnswer& usage, const InvoiceParams& params, std::string id,
                   Micros now) {
  InvoiceRecord invoice;
  invoice.set_id(std::move(id));
  invoice.set_customer(static_cast<uint64_t>(usage.customer->number));
  invoice.set_status(params.draft ? storage::INVOICE_STATUS_RECORD_DRAFT
                                  : storage::INVOICE_STATUS_RECORD_OPEN);
  invoice.set_series(kSeries);
  invoice.set_currency(std::string(usage.currency.code()));
  invoice.set_subtotal(usage.statement.total);
  invoice.set_total(usage.statement.total);
  for (const StatementRow& row : usage.statement.rows) {
    *invoice.add_lines() = LineOf(row, usage.customer->timeline.zones());
  }
  invoice.set_created_us(now);
  if (!params.draft) invoice.set_finalized_us(now);
  for (const auto& [key, value] : params.metadata) (*invoice.mutable_metadata())[key] = value;
  return invoice;
}

std::vector<storage::ClosedCounterRecord> ClosedCountersOf(const Statement& statement) {
  std::vector<storage::ClosedCounterRecord> closed;
  for (const storage::Counter* counter : statement.closes) {
    storage::ClosedCounterRecord& record = closed.emplace_back();
    *record.mutable_counter() = storage::ToRecord(counter->key);
    record.set_total(storage::PackQuantity(counter->total));
    record.set_alone(counter->key.segment == 0);
  }
  return closed;
}

// The most invoices that one List() examines, so that a rare status does not read all history.
constexpr size_t kLookedAtMax = 5000;

// The most bytes of rows on a page, whatever its limit: one invoice takes up to 1.5 MiB.
constexpr size_t kInvoicePageBytesMax = 3 << 20;

absl::Status NotFound(const std::string& id) {
  const std::string text = InvoiceIdText(id);
  return Refuse(Reason::kInvoiceNotFound, absl::StrCat("no invoice has the id ", text),
                {{"invoice_id", text}});
}

// The same check for a parsed row.
absl::Status CheckSums(const storage::InvoiceRow& invoice) {
  storage::MinorUnits sum = 0;
  for (const storage::LineRow& line : invoice.lines) sum += line.amount;
  if (sum == invoice.subtotal && invoice.subtotal == invoice.total) return absl::OkStatus();
  return absl::DataLossError(
      absl::StrCat("invoice ", InvoiceIdText(invoice.id), " does not add up"));
}

// The current ids of customers, cached: the invoices of a page mostly have the same few customers.
class CustomerIds {
 public:
  CustomerIds(const storage::ReadOptions& read, const storage::Store& store, TenantId tenant)
      : read_(read), store_(store), tenant_(tenant) {}

  void Add(CustomerNo number, const std::string& id) { ids_[number] = id; }

  absl::StatusOr<std::string> Of(CustomerNo number) {
    std::string& id = ids_[number];
    if (id.empty()) {
      OWO_TRY(const storage::Customer customer, store_.ReadCustomer(read_, tenant_, number, kId));
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

absl::Status LineNotFound(const storage::InvoiceRecord& invoice, uint32_t line) {
  const std::string id = InvoiceIdText(invoice.id());
  const std::string lines = absl::StrCat(invoice.lines_size());
  return Refuse(Reason::kLineNotFound,
                absl::StrCat("invoice ", id, " has ", lines, " lines, and no line ", line),
                {{"invoice_id", id}, {"line", absl::StrCat(line)}, {"lines", lines}});
}

// Turns FAILED_PRECONDITION, from listing the events of a line, into EVENTS_EXPIRED.
absl::Status Named(absl::Status status, const storage::InvoiceRecord& invoice, uint32_t line) {
  if (!absl::IsFailedPrecondition(status)) return status;
  const std::string id = InvoiceIdText(invoice.id());
  return Refuse(Reason::kEventsExpired,
                absl::StrCat("the events behind line ", line, " of invoice ", id, " expired"),
                {{"invoice_id", id}, {"line", absl::StrCat(line)}});
}

// Appends the events of a line, from the cursor `from` on, until `rows` has `limit` events.
absl::Status AddLine(const storage::ReadOptions& read, const storage::Store& store, TenantId tenant,
                     const storage::InvoiceRecord& invoice, LineCursor from, size_t limit,
                     std::vector<EventRow>& rows) {
  const storage::LineRecord& line = invoice.lines(static_cast<int>(from.line) - 1);
  const storage::CounterKey counter = storage::FromRecord(line.counter());
  OWO_TRY(const storage::Coverage covers, storage::FromRecord(line.covers()));
  for (OrdinalRange range : covers.ranges) {
    range.first = std::max(range.first, from.ordinal);
    if (range.first >= range.end) continue;
    const size_t wanted = std::min<uint64_t>(limit - rows.size(), range.end - range.first);
    if (wanted == 0) break;
    auto listed = store.ListEvents(read, tenant, counter, {.range = range, .limit = wanted});
    if (!listed.ok()) return Named(listed.status(), invoice, from.line);
    std::vector<StoredEvent>& events = listed->events;
    if (events.size() != wanted) {
      return absl::DataLossError(absl::StrCat("line ", from.line, " of invoice ",
                                              InvoiceIdText(invoice.id()), " lacks events"));
    }
    for (StoredEvent& event : events) {
      rows.push_back({.event = std::move(event),
                      .counter = counter,
                      .feature_slug = line.feature_slug(),
                      .period = PeriodOf(line),
                      .line = from.line});
    }
  }
  return absl::OkStatus();
}

}  // namespace

std::shared_ptr<void> InvoicesInFlight::Hold(size_t bytes) {
  if (bytes_->fetch_add(bytes) >= kBytesMax) {
    *bytes_ -= bytes;
    return nullptr;
  }
  return std::shared_ptr<void>(bytes_.get(), [bytes, all = bytes_](void*) { *all -= bytes; });
}

absl::StatusOr<UsageAnswer> Billing::Usage(const CallContext& context,
                                           const storage::ReadOptions& read,
                                           const std::string& customer) {
  OWO_TRY(CustomerAccount found, parts_.directory.FindWithAccount(context, read, customer));
  OWO_TRY(const rating::Currency currency, CurrencyOf(parts_, *found.customer));
  OWO_TRY(CatalogReader catalog,
          parts_.directory.ReadCatalog(read, context.tenant, found.account.catalog_generation));
  UsageAnswer answer{.customer = std::move(found.customer),
                     .currency = currency,
                     .catalog = catalog.shared(),
                     .account = std::make_shared<storage::Account>(std::move(found.account))};
  OWO_TRY(answer.statement, NextInvoice(catalog, answer.account->open));
  return answer;
}

absl::StatusOr<Decision<InvoiceView>> Billing::DecideInvoice(const CallContext& context,
                                                             const storage::ReadOptions& read,
                                                             const InvoiceParams& params) {
  OWO_TRY(const UsageAnswer usage, Usage(context, read, params.customer));
  if (usage.statement.rows.empty() || usage.statement.total <= 0) return NothingToInvoice(usage);
  InvoiceRecord invoice = Draw(usage, params, parts_.ids.Next(), context.now());
  OWO_RETURN_IF_ERROR(CheckSums(invoice));
  auto held = waiting_.Hold(invoice.SpaceUsedLong());
  if (held == nullptr) {
    return Refuse(Reason::kOverloaded, "too many large invoices are being made: try again later");
  }
  Decision<InvoiceView> decision{.object = invoice.id(), .finish_reads = false};
  decision.finish = [customer_id = usage.customer->id(),
                     held = std::move(held)](const storage::MutationResult& result) {
    return InvoiceView{result.invoice, customer_id};
  };
  decision.change = storage::CreateInvoice{.invoice = std::move(invoice),
                                           .invoice_version = usage.account->invoice_version,
                                           .usage_version = usage.account->usage_version,
                                           .closed_counters = ClosedCountersOf(usage.statement)};
  return decision;
}

void Billing::Invoice(const CallContext& context, const storage::ReadOptions& read,
                      InvoiceParams params, Done<Answered<InvoiceView>> done) {
  Operation<InvoiceView> operation{
      .context = context, .method = "Invoice", .request = params.request};
  operation.replay = [this, context](const storage::ReadOptions& again, const std::string& id) {
    return Get(context, again, id);
  };
  operation.decide = [this, context, params = std::move(params)](const Attempt& attempt) {
    return DecideInvoice(context, attempt.read, params);
  };
  CommitUntilDone(parts_, read, std::move(operation), std::move(done));
}

void Billing::Change(const CallContext& context, const storage::ReadOptions& read,
                     const std::string& method, const std::string& id, RequestRef request,
                     Transition transition, Done<Answered<InvoiceView>> done) {
  Operation<InvoiceView> operation{
      .context = context, .method = method, .request = std::move(request)};
  operation.replay = [this, context](const storage::ReadOptions& again, const std::string& object) {
    return Get(context, again, object);
  };
  operation.decide = [this, context, id, transition = std::move(transition)](
                         const Attempt& attempt) -> absl::StatusOr<Decision<InvoiceView>> {
    OWO_TRY(InvoiceView view, Get(context, attempt.read, id));
    OWO_TRY(auto record, storage::ParseRow<InvoiceRecord>(view.row));
    OWO_TRY(auto changed, transition(std::move(record)));
    if (!changed.has_value()) {
      return Decision<InvoiceView>{.answer = std::move(view), .object = id};
    }
    Decision<InvoiceView> decision{.object = id, .finish_reads = false};
    // The store ignores what an update does not change. Lines may take megabytes until the commit.
    changed->clear_lines();
    changed->clear_metadata();
    decision.change = storage::UpdateInvoice{*std::move(changed)};
    decision.finish = [customer_id = view.customer_id](const storage::MutationResult& result) {
      return InvoiceView{result.invoice, customer_id};
    };
    return decision;
  };
  CommitUntilDone(parts_, read, std::move(operation), std::move(done));
}

void Billing::Finalize(const CallContext& context, const storage::ReadOptions& read,
                       const std::string& id, RequestRef request,
                       Done<Answered<InvoiceView>> done) {
  Transition transition =
      [context](InvoiceRecord invoice) -> absl::StatusOr<std::optional<InvoiceRecord>> {
    if (invoice.status() == storage::INVOICE_STATUS_RECORD_VOID) {
      return StatusConflict(invoice, "only a draft can be finalised");
    }
    if (invoice.status() != storage::INVOICE_STATUS_RECORD_DRAFT) return std::nullopt;
    invoice.set_status(storage::INVOICE_STATUS_RECORD_OPEN);
    invoice.set_finalized_us(context.now());
    return invoice;
  };
  Change(context, read, "FinalizeInvoice", id, std::move(request), std::move(transition),
         std::move(done));
}

void Billing::Pay(const CallContext& context, const storage::ReadOptions& read,
                  const PaymentParams& params, Done<Answered<InvoiceView>> done) {
  Transition transition =
      [context, params](InvoiceRecord invoice) -> absl::StatusOr<std::optional<InvoiceRecord>> {
    if (invoice.status() == storage::INVOICE_STATUS_RECORD_PAID) {
      const storage::PaymentRecord& payment = invoice.payments(0);
      const bool same = payment.reference() == params.reference &&
                        params.paid_at.value_or(payment.paid_us()) == payment.paid_us();
      if (same) return std::nullopt;
      return StatusConflict(invoice, "it was paid with other arguments");
    }
    if (invoice.status() != storage::INVOICE_STATUS_RECORD_OPEN) {
      return StatusConflict(invoice, "only an open invoice can be paid");
    }
    if (params.paid_at.has_value() && *params.paid_at < invoice.finalized_us()) {
      return RefuseFields({{"paid_at", "is before the invoice was finalised"}});
    }
    storage::PaymentRecord& payment = *invoice.add_payments();
    payment.set_amount(invoice.total());
    payment.set_paid_us(params.paid_at.value_or(context.now()));
    payment.set_reference(params.reference);
    invoice.set_paid_us(payment.paid_us());
    invoice.set_status(storage::INVOICE_STATUS_RECORD_PAID);
    return invoice;
  };
  Change(context, read, "PayInvoice", params.invoice, params.request, std::move(transition),
         std::move(done));
}

void Billing::Void(const CallContext& context, const storage::ReadOptions& read,
                   const std::string& id, std::string reason, RequestRef request,
                   Done<Answered<InvoiceView>> done) {
  Transition transition =
      [context, reason = std::move(reason)](
          InvoiceRecord invoice) -> absl::StatusOr<std::optional<InvoiceRecord>> {
    if (invoice.status() == storage::INVOICE_STATUS_RECORD_VOID) {
      if (invoice.void_reason() == reason) return std::nullopt;
      return StatusConflict(invoice, "it was voided for another reason");
    }
    if (invoice.status() == storage::INVOICE_STATUS_RECORD_PAID) {
      return StatusConflict(invoice, "only a draft or open invoice can be voided");
    }
    invoice.set_status(storage::INVOICE_STATUS_RECORD_VOID);
    invoice.set_voided_us(context.now());
    invoice.set_void_reason(reason);
    return invoice;
  };
  Change(context, read, "VoidInvoice", id, std::move(request), std::move(transition),
         std::move(done));
}

// ---- Reading invoices.

absl::StatusOr<InvoiceView> Billing::Get(const CallContext& context,
                                         const storage::ReadOptions& read, const std::string& id) {
  OWO_TRY(auto row, parts_.store.ReadInvoice(read, context.tenant, id));
  if (!row.has_value()) return NotFound(id);
  storage::InvoiceRow invoice;
  OWO_RETURN_IF_ERROR(storage::ParseInvoiceRow(*row, invoice));
  OWO_RETURN_IF_ERROR(CheckSums(invoice));
  OWO_TRY(const storage::Customer customer,
          parts_.store.ReadCustomer(read, context.tenant, invoice.customer, kId));
  return InvoiceView{*std::move(row), customer.record.id()};
}

absl::StatusOr<InvoicePage> Billing::List(const CallContext& context,
                                          const storage::ReadOptions& read,
                                          const InvoiceQuery& query) {
  storage::InvoiceListQuery list{.before = query.before,
                                 .status = query.status,
                                 .limit = query.limit,
                                 .bytes_max = kInvoicePageBytesMax,
                                 .work_max = kLookedAtMax};
  CustomerIds customers(read, parts_.store, context.tenant);
  if (!query.customer.empty()) {
    OWO_TRY(const CustomerPtr view, parts_.directory.Find(context, read, query.customer));
    list.customer = view->number;
    customers.Add(list.customer, view->id());
  }
  OWO_TRY(storage::InvoiceList listed, parts_.store.ListInvoices(read, context.tenant, list));
  InvoicePage page;
  page.next = std::move(listed.next);
  for (std::string& row : listed.rows) {
    ListedInvoice& invoice = page.invoices.emplace_back();
    const std::string& kept = page.rows.emplace_back(std::move(row));
    OWO_RETURN_IF_ERROR(storage::ParseInvoiceRow(kept, invoice.record));
    OWO_RETURN_IF_ERROR(CheckSums(invoice.record));
    OWO_TRY(invoice.customer_id, customers.Of(invoice.record.customer));
  }
  return page;
}

// ---- The events of an invoice.

absl::StatusOr<InvoiceEventPage> Billing::ListEvents(const CallContext& context,
                                                     const storage::ReadOptions& read,
                                                     const InvoiceEventsQuery& query) {
  OWO_TRY(InvoiceView view, Get(context, read, query.invoice));
  OWO_TRY(const auto invoice, storage::ParseRow<storage::InvoiceRecord>(view.row));
  const auto lines = static_cast<uint32_t>(invoice.lines_size());
  if (query.line.has_value() && (*query.line < 1 || *query.line > lines)) {
    return LineNotFound(invoice, *query.line);
  }
  const uint32_t first = query.line.value_or(1);
  const uint32_t last = query.line.value_or(lines);
  LineCursor cursor = query.from.value_or(LineCursor{.line = first});
  if (cursor.line < first || cursor.line > last) {
    return RefuseFields({{"page_token", "goes on in a line that was not asked for"}});
  }
  InvoiceEventPage page{.customer_id = std::move(view.customer_id)};
  // Reads one more event than wanted, to know whether there is a next page.
  for (; cursor.line <= last && page.rows.size() <= query.limit; cursor = {cursor.line + 1}) {
    OWO_RETURN_IF_ERROR(
        AddLine(read, parts_.store, context.tenant, invoice, cursor, query.limit + 1, page.rows));
  }
  if (page.rows.size() > query.limit) {
    page.next = LineCursor::Of(page.rows.back());
    page.rows.pop_back();
  }
  return page;
}

}  // namespace owo::ledger
