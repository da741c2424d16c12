#include "storage/rocksdb/commit/fold.h"

#include <algorithm>

#include "storage/convert.h"
#include "storage/coverage.h"
#include "storage/rocksdb/commit/contract_change.h"
#include "storage/rocksdb/commit/invoice_update.h"
#include "storage/rocksdb/format/keys.h"
#include "storage/util/try.h"

namespace owo::storage {

IdRow IdRowOf(const CountedEvent& event, uint64_t sequence) {
  const CounterKey& counter = event.counter;
  return {.fingerprint = Fingerprint(counter.customer, counter.feature, event.quantity),
          .sequence = sequence,
          .over = event.over};
}

absl::StatusOr<const Counter*> Fold::Count(TenantId tenant, const CountedEvent& event,
                                           EventLocation location) {
  OWO_TRY(TenantRecord* const of_tenant, books_.ChangeTenant(tenant));
  if (!of_tenant->has_latest_event_us() || of_tenant->latest_event_us() < event.time) {
    of_tenant->set_latest_event_us(event.time);
  }
  if (ids_ != nullptr) ids_->Put({tenant, event.id}, IdRowOf(event, location.sequence));

  OWO_TRY(AccountState * account, books_.Account(tenant, event.counter.customer));
  if (books_.Reflected(*account)) return books_.FindCounter(*account, event.counter);
  OWO_TRY(account, books_.ChangeAccount(tenant, event.counter.customer));

  // An allowance is shared along the segments: what later ones hold may have changed.
  CounterKey later = event.counter;
  for (uint32_t i = 0; i < event.segments_behind; ++i) {
    ++later.segment;
    OWO_TRY(const Counter* const found, books_.FindCounter(*account, later));
    if (found == nullptr) continue;
    OWO_TRY(Counter* const behind, books_.ChangeCounter(*account, later));
    behind->open = true;
  }

  // Last: looking for other counters may move this one.
  OWO_TRY(Counter* const counter,
          books_.AddEvent(*account, event.counter, event.opens, location, event.time));
  counter->total += event.quantity;
  counter->open = !event.settles;
  ++account->usage_version;
  account->latest_event = std::max(account->latest_event.value_or(INT64_MIN), event.time);
  return counter;
}

absl::StatusOr<uint64_t> Fold::Replay(const JournalRecord& record, Rows rows) {
  EventLocation location{.sequence = books_.sequence()};
  uint64_t cost = 0;
  for (const JournalChange& change : record.changes()) {
    const TenantId tenant{change.tenant()};
    if (change.change_case() != JournalChange::kEvents) {
      OWO_RETURN_IF_ERROR(Apply(tenant, change, rows));
      cost += ReplayCost(change.ByteSizeLong());
      continue;
    }
    // Ids lie far apart in memory: while events are read, it is on its way.
    replayed_.clear();
    OWO_RETURN_IF_ERROR(
        ReadEvents(change.events(), record.committed_us(), [&](const CountedEvent& event) {
          if (ids_ != nullptr) ids_->Prefetch({tenant, event.id});
          replayed_.push_back(event);
          return absl::OkStatus();
        }));
    for (const CountedEvent& event : replayed_) {
      OWO_RETURN_IF_ERROR(Count(tenant, event, location).status());
      ++location.index;
    }
    replayed_.clear();  // before what their text stands in
  }
  return cost + location.index;
}

absl::Status Fold::Apply(TenantId tenant, const JournalChange& change, Rows rows) {
  switch (change.change_case()) {
    case JournalChange::kContract: {
      const ContractRecord& contract = change.contract();
      const CustomerNo customer{contract.number()};
      if (rows == Rows::kWritten) {
        pending_.Put(Space::kCustomers, keys::Contract(tenant, customer),
                     contract.SerializeAsString());
      }
      return ApplyContract(tenant, customer, contract.generation());
    }
    case JournalChange::kContractChange: {
      const ContractChangeRecord& contract = change.contract_change();
      if (rows == Rows::kWritten) {
        OWO_RETURN_IF_ERROR(ApplyContractChange(pending_, tenant, contract));
      }
      return ApplyContract(tenant, CustomerNo{contract.number()}, contract.generation());
    }
    case JournalChange::kCatalog:
      return ApplyCatalog(tenant, change.catalog(), rows);
    case JournalChange::kCut:
      return ApplyCut(tenant, change.cut(), rows);
    case JournalChange::kInvoice:
      return ApplyInvoice(tenant, change.invoice(), rows);
    case JournalChange::kInvoiceUpdate:
      return ApplyInvoice(tenant, change.invoice_update(), rows);
    case JournalChange::kEvents:
    case JournalChange::CHANGE_NOT_SET:
      break;
  }
  return absl::DataLossError("a journal change that this program does not know");
}

absl::Status Fold::ApplyContract(TenantId tenant, CustomerNo customer, uint64_t generation) {
  OWO_TRY(AccountState* const account, books_.Account(tenant, customer));
  // Where the row is present, a later change may have made the generation that was loaded.
  account->generation = std::max(account->generation, generation);
  OWO_TRY(TenantRecord* const of_tenant, books_.ChangeTenant(tenant));
  of_tenant->set_last_customer(
      std::max(of_tenant->last_customer(), static_cast<uint64_t>(customer)));
  return absl::OkStatus();
}

absl::Status Fold::ApplyCatalog(TenantId tenant, const CatalogRecord& changes, Rows rows) {
  OWO_TRY(TenantRecord* const of_tenant, books_.ChangeTenant(tenant));
  of_tenant->set_catalog_generation(changes.generation());
  for (const FeatureRecord& feature : changes.features()) {
    of_tenant->set_last_feature(std::max(of_tenant->last_feature(), feature.number()));
    if (rows == Rows::kPresent) continue;
    pending_.Put(Space::kCatalog, keys::Feature(tenant, FeatureNo{feature.number()}),
                 feature.SerializeAsString());
  }
  for (const PlanRecord& plan : changes.plans()) {
    of_tenant->set_last_plan(std::max(of_tenant->last_plan(), plan.number()));
    if (rows == Rows::kPresent) continue;
    const PlanNo number{plan.number()};
    for (const PlanVersionRecord& version : plan.versions()) {
      pending_.Put(Space::kCatalog, keys::PlanVersion(tenant, number, version.version()),
                   version.SerializeAsString());
    }
    PlanRecord row = plan;
    row.clear_versions();
    pending_.Put(Space::kCatalog, keys::Plan(tenant, number), row.SerializeAsString());
  }
  return absl::OkStatus();
}

absl::Status Fold::TakeNumber(TenantId tenant, const InvoiceRecord& invoice) {
  if (invoice.sequence() == 0) return absl::OkStatus();
  OWO_TRY(TenantRecord* const of_tenant, books_.ChangeTenant(tenant));
  uint64_t& last = (*of_tenant->mutable_last_sequence())[invoice.series()];
  last = std::max(last, invoice.sequence());
  return absl::OkStatus();
}

absl::Status Fold::Cover(TenantId tenant, const InvoiceRecord& invoice, bool give_back) {
  OWO_TRY(AccountState * account, books_.Account(tenant, CustomerNo{invoice.customer()}));
  if (books_.Reflected(*account)) return absl::OkStatus();
  OWO_TRY(account, books_.ChangeAccount(tenant, CustomerNo{invoice.customer()}));
  ++account->cut_version;
  for (const LineRecord& line : invoice.lines()) {
    OWO_TRY(Counter* const counter, books_.ChangeCounter(*account, FromRecord(line.counter())));
    OWO_TRY(const Coverage covers, FromRecord(line.covers()));
    if (give_back) {
      OWO_RETURN_IF_ERROR(RemoveCoverage(counter->covered, covers));
      counter->open = true;
    } else {
      OWO_RETURN_IF_ERROR(AddCoverage(counter->covered, covers, counter->events));
    }
  }
  return absl::OkStatus();
}

absl::Status Fold::NameCovered(TenantId tenant, const InvoiceRecord& invoice, bool give_back) {
  for (const LineRecord& line : invoice.lines()) {
    const CounterKey counter = FromRecord(line.counter());
    OWO_TRY(const Coverage covers, FromRecord(line.covers()));
    for (const OrdinalRange& range : covers.ranges) {
      const std::string key = keys::Covered(tenant, counter, range.end);
      if (give_back) {
        pending_.Delete(Space::kInvoices, key);
      } else {
        pending_.PutBlind(Space::kInvoices, key, keys::CoveredValue({range.first, invoice.id()}));
      }
    }
  }
  return absl::OkStatus();
}

absl::Status Fold::Settle(TenantId tenant, const CutRecord& cut) {
  OWO_TRY(AccountState * account, books_.Account(tenant, CustomerNo{cut.invoice().customer()}));
  if (books_.Reflected(*account)) return absl::OkStatus();
  OWO_TRY(account, books_.ChangeAccount(tenant, CustomerNo{cut.invoice().customer()}));
  for (const SettledRecord& settled : cut.settled()) {
    OWO_TRY(Counter* const counter, books_.ChangeCounter(*account, FromRecord(settled.counter())));
    OWO_TRY(const Quantity total, UnpackQuantity(settled.total()));
    // Usage counted since the cut was read may have changed what this counter holds: then it stays
    // open.
    const bool unchanged = account->usage_version == cut.usage_version();
    if (unchanged || (settled.alone() && counter->total == total)) {
      counter->open = false;
    }
  }
  return absl::OkStatus();
}

void Fold::PutInvoice(TenantId tenant, const InvoiceRecord& invoice) {
  pending_.Put(Space::kInvoices,
               keys::Invoice(tenant, CustomerNo{invoice.customer()}, invoice.id()),
               invoice.SerializeAsString());
}

absl::Status Fold::ApplyCut(TenantId tenant, const CutRecord& cut, Rows rows) {
  const InvoiceRecord& invoice = cut.invoice();
  OWO_RETURN_IF_ERROR(Cover(tenant, invoice, /*give_back=*/false));
  OWO_RETURN_IF_ERROR(Settle(tenant, cut));
  OWO_RETURN_IF_ERROR(TakeNumber(tenant, invoice));
  if (rows == Rows::kPresent) return absl::OkStatus();
  OWO_RETURN_IF_ERROR(NameCovered(tenant, invoice, /*give_back=*/false));
  PutInvoice(tenant, invoice);
  pending_.PutBlind(Space::kInvoices, keys::InvoiceId(tenant, invoice.id()),
                    keys::CustomerValue(CustomerNo{invoice.customer()}));
  return absl::OkStatus();
}

absl::Status Fold::GiveBack(TenantId tenant, const InvoiceRecord& invoice, Rows rows) {
  OWO_RETURN_IF_ERROR(Cover(tenant, invoice, /*give_back=*/true));
  if (rows == Rows::kPresent) return absl::OkStatus();
  return NameCovered(tenant, invoice, /*give_back=*/true);
}

absl::Status Fold::ApplyInvoice(TenantId tenant, const InvoiceChangeRecord& change, Rows rows) {
  const InvoiceRecord& invoice = change.invoice();
  if (change.gives_back()) OWO_RETURN_IF_ERROR(GiveBack(tenant, invoice, rows));
  OWO_RETURN_IF_ERROR(TakeNumber(tenant, invoice));
  if (rows == Rows::kWritten) PutInvoice(tenant, invoice);
  return absl::OkStatus();
}

absl::Status Fold::ApplyInvoice(TenantId tenant, const InvoiceUpdateRecord& update, Rows rows) {
  const bool concerns_usage_or_numbers = update.gives_back() || update.has_sequence();
  if (rows == Rows::kPresent && !concerns_usage_or_numbers) return absl::OkStatus();
  const CustomerNo customer{update.customer()};
  OWO_TRY(auto row, pending_.GetRecord<InvoiceRecord>(
                        Space::kInvoices, keys::Invoice(tenant, customer, update.id())));
  if (!row.has_value()) return absl::DataLossError("an invoice that changes is missing");
  if (rows == Rows::kWritten) {
    if (!Follows(update, *row)) {
      return absl::DataLossError("an invoice's change does not follow the one before");
    }
    ApplyUpdate(update, *row);
    PutInvoice(tenant, *row);
  }
  // Lines and series are those of every revision.
  if (update.gives_back()) OWO_RETURN_IF_ERROR(GiveBack(tenant, *row, rows));
  return TakeNumber(tenant, *row);
}

}  // namespace owo::storage
