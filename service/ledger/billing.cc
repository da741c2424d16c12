#include "service/ledger/billing.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "service/ledger/lines.h"
#include "storage/convert.h"
#include "storage/try.h"

namespace owo::ledger {
namespace {

using storage::InvoiceRecord;
using storage::InvoiceStatusRecord;
using storage::Micros;
using storage::TenantId;

constexpr char kSeries[] = "INV";

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

absl::StatusOr<rating::Currency> CurrencyOf(const Context& context, const CustomerView& customer) {
  const std::string& own = customer.stored.contract.currency();
  return rating::Currency::Parse(own.empty() ? context.options.default_currency : own);
}

// What an invoice says must follow from its lines: held before writing, and after reading
// (invoice_read.cc).
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

InvoiceRecord Draw(const UsageAnswer& usage, const InvoiceOrder& order, std::string id,
                   Micros now) {
  InvoiceRecord invoice;
  invoice.set_id(std::move(id));
  invoice.set_customer(static_cast<uint64_t>(usage.customer->number));
  invoice.set_status(order.draft ? storage::INVOICE_STATUS_RECORD_DRAFT
                                 : storage::INVOICE_STATUS_RECORD_OPEN);
  invoice.set_series(kSeries);
  invoice.set_currency(std::string(usage.currency.code()));
  invoice.set_subtotal(usage.statement.total);
  invoice.set_total(usage.statement.total);
  for (const StatementRow& row : usage.statement.rows) {
    *invoice.add_lines() = LineOf(row, usage.customer->timeline.zones());
  }
  invoice.set_created_us(now);
  if (!order.draft) invoice.set_finalized_us(now);
  for (const auto& [key, value] : order.metadata) (*invoice.mutable_metadata())[key] = value;
  return invoice;
}

std::vector<storage::SettledRecord> SettledOf(const Statement& statement) {
  std::vector<storage::SettledRecord> settled;
  for (const storage::Counter* counter : statement.settles) {
    storage::SettledRecord& record = settled.emplace_back();
    *record.mutable_counter() = storage::ToRecord(counter->key);
    record.set_total(storage::PackQuantity(counter->total));
    record.set_alone(counter->key.segment == 0);
  }
  return settled;
}

}  // namespace

absl::StatusOr<UsageAnswer> Billing::Usage(const storage::ReadOptions& read, TenantId tenant,
                                           const std::string& customer) {
  OWO_TRY(CustomerPtr view, context_.directory.Find(read, tenant, customer));
  OWO_TRY(const rating::Currency currency, CurrencyOf(context_, *view));
  OWO_TRY(storage::Account account, context_.store.ReadAccount(read, tenant, view->number, {}));
  OWO_TRY(CatalogReader catalog, context_.directory.ReadCatalog(read, tenant));
  UsageAnswer answer{.customer = std::move(view),
                     .currency = currency,
                     .catalog = catalog.shared(),
                     .account = std::make_shared<storage::Account>(std::move(account))};
  OWO_TRY(answer.statement, NextInvoice(catalog, answer.account->open));
  return answer;
}

absl::StatusOr<Decision<InvoiceView>> Billing::DecideInvoice(const storage::ReadOptions& read,
                                                             TenantId tenant,
                                                             const InvoiceOrder& order) {
  OWO_TRY(const UsageAnswer usage, Usage(read, tenant, order.customer));
  if (usage.statement.rows.empty() || usage.statement.total <= 0) return NothingToInvoice(usage);
  InvoiceRecord invoice = Draw(usage, order, context_.ids.Next(), context_.clock());
  OWO_RETURN_IF_ERROR(CheckSums(invoice));
  Decision<InvoiceView> decision{.object = invoice.id(), .finish_reads = false};
  decision.finish = [customer_id = usage.customer->id()](const storage::MutationResult& result) {
    return InvoiceView{result.invoice, customer_id};
  };
  decision.change = storage::CutInvoice{.invoice = std::move(invoice),
                                        .cut_version = usage.account->cut_version,
                                        .usage_version = usage.account->usage_version,
                                        .settled = SettledOf(usage.statement)};
  return decision;
}

void Billing::Invoice(const storage::ReadOptions& read, TenantId tenant, InvoiceOrder order,
                      Done<Answered<InvoiceView>> done) {
  Operation<InvoiceView> operation{.tenant = tenant, .method = "Invoice", .request = order.request};
  operation.replay = [this, tenant](const storage::ReadOptions& again, const std::string& id) {
    return Get(again, tenant, id);
  };
  operation.decide = [this, tenant, order = std::move(order)](const Attempt& attempt) {
    return DecideInvoice(attempt.read, tenant, order);
  };
  CommitUntilDone(context_, read, std::move(operation), std::move(done));
}

void Billing::Change(const storage::ReadOptions& read, TenantId tenant, const std::string& method,
                     const std::string& id, RequestRef request, Transition transition,
                     Done<Answered<InvoiceView>> done) {
  Operation<InvoiceView> operation{
      .tenant = tenant, .method = method, .request = std::move(request)};
  operation.replay = [this, tenant](const storage::ReadOptions& again, const std::string& object) {
    return Get(again, tenant, object);
  };
  operation.decide = [this, tenant, id, transition = std::move(transition)](
                         const Attempt& attempt) -> absl::StatusOr<Decision<InvoiceView>> {
    OWO_TRY(InvoiceView view, Get(attempt.read, tenant, id));
    OWO_TRY(auto record, storage::ParseRow<InvoiceRecord>(view.row));
    OWO_TRY(auto changed, transition(std::move(record)));
    if (!changed.has_value()) {
      return Decision<InvoiceView>{.answer = std::move(view), .object = id};
    }
    Decision<InvoiceView> decision{.object = id, .finish_reads = false};
    decision.change = storage::ChangeInvoice{*std::move(changed)};
    decision.finish = [customer_id = view.customer_id](const storage::MutationResult& result) {
      return InvoiceView{result.invoice, customer_id};
    };
    return decision;
  };
  CommitUntilDone(context_, read, std::move(operation), std::move(done));
}

void Billing::Finalize(const storage::ReadOptions& read, TenantId tenant, const std::string& id,
                       RequestRef request, Done<Answered<InvoiceView>> done) {
  Transition transition =
      [this](InvoiceRecord invoice) -> absl::StatusOr<std::optional<InvoiceRecord>> {
    if (invoice.status() == storage::INVOICE_STATUS_RECORD_VOID) {
      return StatusConflict(invoice, "only a draft can be finalised");
    }
    if (invoice.status() != storage::INVOICE_STATUS_RECORD_DRAFT) return std::nullopt;
    invoice.set_status(storage::INVOICE_STATUS_RECORD_OPEN);
    invoice.set_finalized_us(context_.clock());
    return invoice;
  };
  Change(read, tenant, "FinalizeInvoice", id, std::move(request), std::move(transition),
         std::move(done));
}

void Billing::Pay(const storage::ReadOptions& read, TenantId tenant, const PaymentOrder& order,
                  Done<Answered<InvoiceView>> done) {
  Transition transition =
      [this, order](InvoiceRecord invoice) -> absl::StatusOr<std::optional<InvoiceRecord>> {
    if (invoice.status() == storage::INVOICE_STATUS_RECORD_PAID) {
      const storage::PaymentRecord& payment = invoice.payments(0);
      const bool same = payment.reference() == order.reference &&
                        order.paid_at.value_or(payment.paid_us()) == payment.paid_us();
      if (same) return std::nullopt;
      return StatusConflict(invoice, "it was paid with other arguments");
    }
    if (invoice.status() != storage::INVOICE_STATUS_RECORD_OPEN) {
      return StatusConflict(invoice, "only an open invoice can be paid");
    }
    if (order.paid_at.has_value() && *order.paid_at < invoice.finalized_us()) {
      return RefuseFields({{"paid_at", "is before the invoice was finalised"}});
    }
    storage::PaymentRecord& payment = *invoice.add_payments();
    payment.set_amount(invoice.total());
    payment.set_paid_us(order.paid_at.value_or(context_.clock()));
    payment.set_reference(order.reference);
    invoice.set_paid_us(payment.paid_us());
    invoice.set_status(storage::INVOICE_STATUS_RECORD_PAID);
    return invoice;
  };
  Change(read, tenant, "PayInvoice", order.invoice, order.request, std::move(transition),
         std::move(done));
}

void Billing::Void(const storage::ReadOptions& read, TenantId tenant, const std::string& id,
                   std::string reason, RequestRef request, Done<Answered<InvoiceView>> done) {
  Transition transition =
      [this, reason = std::move(reason)](
          InvoiceRecord invoice) -> absl::StatusOr<std::optional<InvoiceRecord>> {
    if (invoice.status() == storage::INVOICE_STATUS_RECORD_VOID) {
      if (invoice.void_reason() == reason) return std::nullopt;
      return StatusConflict(invoice, "it was voided for another reason");
    }
    if (invoice.status() == storage::INVOICE_STATUS_RECORD_PAID) {
      return StatusConflict(invoice, "only a draft or open invoice can be voided");
    }
    invoice.set_status(storage::INVOICE_STATUS_RECORD_VOID);
    invoice.set_voided_us(context_.clock());
    invoice.set_void_reason(reason);
    return invoice;
  };
  Change(read, tenant, "VoidInvoice", id, std::move(request), std::move(transition),
         std::move(done));
}

}  // namespace owo::ledger
