#include "service/ledger/billing.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "service/ledger/ids.h"
#include "service/ledger/invoice_lines.h"
#include "service/ledger/invoice_record.h"
#include "service/ledger/line_selection.h"
#include "storage/convert.h"
#include "storage/util/try.h"

namespace owo::ledger {
namespace {

using storage::CustomerNo;
using storage::Micros;
using storage::OrdinalRange;
using storage::StoredEvent;
using storage::TenantId;

constexpr char kSeries[] = "INV";
// What invoices show of a customer is its id.
constexpr storage::CustomerParts kId{.subscriptions = false, .metadata = false};

absl::StatusOr<rating::Currency> CurrencyOf(const LedgerParts& parts,
                                            const CustomerView& customer) {
  const std::string& own = customer.stored.contract.currency();
  return rating::Currency::Parse(own.empty() ? parts.options.default_currency : own);
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

// Returns a record, so that no second form of a large invoice waits for the commit.
absl::StatusOr<storage::InvoiceRecord> NewInvoice(const UsageAnswer& usage,
                                                  const InvoiceParams& params, std::string id,
                                                  Micros now) {
  Invoice invoice{.id = std::move(id),
                  .customer = usage.customer->number,
                  .status = params.draft ? storage::INVOICE_STATUS_RECORD_DRAFT
                                         : storage::INVOICE_STATUS_RECORD_OPEN,
                  .series = kSeries,
                  .currency = std::string(usage.currency.code()),
                  .created_at = now,
                  .finalized_at = params.draft ? 0 : now,
                  .notes = params.notes.SerializeAsString()};
  invoice.lines.reserve(usage.statement.rows.size());
  for (const StatementRow& row : usage.statement.rows) {
    invoice.lines.push_back(LineOf(row, usage.customer->timeline.zones()));
  }
  OWO_RETURN_IF_ERROR(invoice.SumUp());
  return ToRecord(std::move(invoice));
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

// The memory of what a new invoice has besides its lines and notes.
constexpr size_t kHeadSpace = 1024;

absl::StatusOr<InvoiceView> AnswerOf(const storage::MutationResult& result,
                                     const std::string& customer_id) {
  OWO_TRY(Invoice invoice, ParseInvoice(result.invoice));
  return InvoiceView{std::move(invoice), customer_id};
}

absl::Status NotFound(const std::string& id) {
  const std::string text = InvoiceIdText(id);
  return Refuse(Reason::kInvoiceNotFound, absl::StrCat("no invoice has the id ", text),
                {{"invoice_id", text}});
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

absl::Status LineNotFound(const Invoice& invoice, uint32_t line) {
  const std::string id = InvoiceIdText(invoice.id);
  const std::string lines = absl::StrCat(invoice.lines.size());
  return Refuse(Reason::kLineNotFound,
                absl::StrCat("invoice ", id, " has ", lines, " lines, and no line ", line),
                {{"invoice_id", id}, {"line", absl::StrCat(line)}, {"lines", lines}});
}

// Turns FAILED_PRECONDITION, from listing the events of a line, into EVENTS_EXPIRED.
absl::Status Named(absl::Status status, const Invoice& invoice, uint32_t line) {
  if (!absl::IsFailedPrecondition(status)) return status;
  const std::string id = InvoiceIdText(invoice.id);
  return Refuse(Reason::kEventsExpired,
                absl::StrCat("the events of line ", line, " of invoice ", id, " expired"),
                {{"invoice_id", id}, {"line", absl::StrCat(line)}});
}

// Appends the events of a line, from the cursor `from` on, until `rows` has `limit` events.
absl::Status AddLine(const storage::ReadOptions& read, const storage::Store& store, TenantId tenant,
                     const Invoice& invoice, LineCursor from, size_t limit,
                     std::vector<EventRow>& rows) {
  const InvoiceLine& line = invoice.lines[from.line - 1];
  for (OrdinalRange range : line.covers.ranges) {
    range.first = std::max(range.first, from.ordinal);
    if (range.first >= range.end) continue;
    const size_t wanted = std::min<uint64_t>(limit - rows.size(), range.end - range.first);
    if (wanted == 0) break;
    auto listed = store.ListEvents(read, tenant, line.counter, {.range = range, .limit = wanted});
    if (!listed.ok()) return Named(listed.status(), invoice, from.line);
    std::vector<StoredEvent>& events = listed->events;
    if (events.size() != wanted) {
      return absl::DataLossError(absl::StrCat("line ", from.line, " of invoice ",
                                              InvoiceIdText(invoice.id), " lacks events"));
    }
    for (StoredEvent& event : events) {
      rows.push_back({.event = std::move(event),
                      .counter = line.counter,
                      .feature_slug = line.feature_slug,
                      .period = line.period,
                      .line = from.line});
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<InvoiceView> ReadListed(const ListedInvoice& listed) {
  OWO_TRY(Invoice invoice, ParseInvoice(listed.row, InvoiceParts::kShown));
  return InvoiceView{std::move(invoice), listed.customer_id};
}

size_t SpaceOf(const UsageAnswer& usage, const storage::InvoiceNotes& notes) {
  // An invoice of one line may close a hundred thousand counters.
  constexpr size_t kClosedCounterSpace = 256;
  size_t space =
      kHeadSpace + 2 * notes.SpaceUsedLong() + kClosedCounterSpace * usage.statement.closes.size();
  for (const StatementRow& row : usage.statement.rows) space += LineSpaceOf(row);
  return space;
}

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
  auto held = waiting_.Hold(SpaceOf(usage, params.notes));
  if (held == nullptr) {
    return Refuse(Reason::kOverloaded, "too many large invoices are being made: try again later");
  }
  OWO_TRY(storage::InvoiceRecord record,
          NewInvoice(usage, params, parts_.ids.Next(), context.now()));
  Decision<InvoiceView> decision{.object = record.id(), .finish_reads = false};
  decision.finish = [customer_id = usage.customer->id(),
                     held = std::move(held)](const storage::MutationResult& result) {
    return AnswerOf(result, customer_id);
  };
  decision.change = storage::CreateInvoice{.invoice = std::move(record),
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
    OWO_TRY(const bool changed, transition(view.invoice));
    if (!changed) return Decision<InvoiceView>{.answer = std::move(view), .object = id};
    OWO_RETURN_IF_ERROR(view.invoice.CheckSums());
    // The store ignores what an update does not change. Lines may take megabytes until the commit.
    view.invoice.lines.clear();
    view.invoice.notes.clear();
    Decision<InvoiceView> decision{.object = id, .finish_reads = false};
    decision.change = storage::UpdateInvoice{ToRecord(std::move(view.invoice))};
    decision.finish = [customer_id = view.customer_id](const storage::MutationResult& result) {
      return AnswerOf(result, customer_id);
    };
    return decision;
  };
  CommitUntilDone(parts_, read, std::move(operation), std::move(done));
}

void Billing::Finalize(const CallContext& context, const storage::ReadOptions& read,
                       const std::string& id, RequestRef request,
                       Done<Answered<InvoiceView>> done) {
  Transition transition = [context](ledger::Invoice& invoice) {
    return invoice.Finalize(context.now());
  };
  Change(context, read, "FinalizeInvoice", id, std::move(request), std::move(transition),
         std::move(done));
}

void Billing::Pay(const CallContext& context, const storage::ReadOptions& read,
                  const PaymentParams& params, Done<Answered<InvoiceView>> done) {
  Transition transition = [context, params](ledger::Invoice& invoice) {
    return invoice.Pay(params.reference, params.paid_at, context.now());
  };
  Change(context, read, "PayInvoice", params.invoice, params.request, std::move(transition),
         std::move(done));
}

void Billing::Void(const CallContext& context, const storage::ReadOptions& read,
                   const std::string& id, std::string reason, RequestRef request,
                   Done<Answered<InvoiceView>> done) {
  Transition transition = [context, reason = std::move(reason)](ledger::Invoice& invoice) {
    return invoice.Void(reason, context.now());
  };
  Change(context, read, "VoidInvoice", id, std::move(request), std::move(transition),
         std::move(done));
}

// ---- Reading invoices.

absl::StatusOr<InvoiceView> Billing::Get(const CallContext& context,
                                         const storage::ReadOptions& read, const std::string& id) {
  OWO_TRY(const auto row, parts_.store.ReadInvoice(read, context.tenant, id));
  if (!row.has_value()) return NotFound(id);
  OWO_TRY(ledger::Invoice invoice, ParseInvoice(*row));
  OWO_TRY(const storage::Customer customer,
          parts_.store.ReadCustomer(read, context.tenant, invoice.customer, kId));
  return InvoiceView{std::move(invoice), customer.record.id()};
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
  InvoicePage page{.next = std::move(listed.next)};
  page.invoices.reserve(listed.rows.size());
  for (std::string& row : listed.rows) {
    OWO_TRY(const CustomerNo customer, CustomerOf(row));
    OWO_TRY(std::string customer_id, customers.Of(customer));
    page.invoices.push_back({std::move(row), std::move(customer_id)});
  }
  return page;
}

// ---- The events of an invoice.

absl::StatusOr<InvoiceEventPage> Billing::ListEvents(const CallContext& context,
                                                     const storage::ReadOptions& read,
                                                     const InvoiceEventsQuery& query) {
  OWO_TRY(InvoiceView view, Get(context, read, query.invoice));
  const ledger::Invoice& invoice = view.invoice;
  const auto lines = static_cast<uint32_t>(invoice.lines.size());
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
