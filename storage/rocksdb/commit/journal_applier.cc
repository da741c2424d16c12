#include "storage/rocksdb/commit/journal_applier.h"

#include <algorithm>

#include "storage/convert.h"
#include "storage/coverage.h"
#include "storage/decide_mutation.h"
#include "storage/invoice_update.h"
#include "storage/rocksdb/commit/contract_change.h"
#include "storage/rocksdb/format/keys.h"
#include "storage/util/try.h"

namespace owo::storage {

IdRow IdRowOf(const CountedEvent& event, uint64_t sequence) {
  const CounterKey& counter = event.counter;
  return {.fingerprint = Fingerprint(counter.customer, counter.feature, event.quantity),
          .sequence = sequence,
          .over = event.over};
}

absl::StatusOr<const Counter*> JournalApplier::Count(TenantId tenant, const CountedEvent& event,
                                                     EventLocation location) {
  OWO_TRY(TenantRecord* const of_tenant, account_cache_.ChangeTenant(tenant));
  if (!of_tenant->has_latest_event_us() || of_tenant->latest_event_us() < event.time) {
    of_tenant->set_latest_event_us(event.time);
  }
  if (ids_ != nullptr) ids_->Put({tenant, event.id}, IdRowOf(event, location.sequence));

  OWO_TRY(AccountState * account, account_cache_.Account(tenant, event.counter.customer));
  if (account_cache_.AlreadyApplied(*account)) {
    return account_cache_.FindCounter(*account, event.counter);
  }
  OWO_TRY(account, account_cache_.ChangeAccount(tenant, event.counter.customer));

  // Segments share an allowance, so what is billable in later ones may have changed.
  CounterKey later = event.counter;
  for (uint32_t i = 0; i < event.later_segments; ++i) {
    ++later.segment;
    OWO_TRY(const Counter* const found, account_cache_.FindCounter(*account, later));
    if (found == nullptr) continue;
    OWO_TRY(Counter* const later_counter, account_cache_.ChangeCounter(*account, later));
    later_counter->open = true;
  }

  // Last, since finding other counters may move this one in memory.
  OWO_TRY(Counter* const counter,
          account_cache_.AddEvent(*account, event.counter, event.opens, location, event.time));
  counter->total += event.quantity;
  counter->open = !event.closes;
  ++account->usage_version;
  account->latest_event = std::max(account->latest_event.value_or(INT64_MIN), event.time);
  return counter;
}

absl::StatusOr<JournalApplier::Replayed> JournalApplier::Replay(const JournalRecord& record,
                                                                Rows rows) {
  EventLocation location{.sequence = account_cache_.sequence()};
  uint64_t cost = 0;
  for (const JournalChange& change : record.changes()) {
    const TenantId tenant{change.tenant()};
    if (change.change_case() != JournalChange::kEvents) {
      OWO_RETURN_IF_ERROR(Apply(tenant, change, rows));
      cost += ReplayCost(change.ByteSizeLong());
      continue;
    }
    // Ids are scattered in memory: prefetch them while the events are read.
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
    replayed_.clear();  // they refer to text in `record`
  }
  return Replayed{.events = location.index, .cost = cost + location.index};
}

absl::Status JournalApplier::Apply(TenantId tenant, const JournalChange& change, Rows rows) {
  switch (change.change_case()) {
    case JournalChange::kContract: {
      const ContractRecord& contract = change.contract();
      const CustomerNo customer{contract.number()};
      if (rows == Rows::kWritten) {
        staged_.Put(ColumnFamily::kCustomers, keys::Contract(tenant, customer),
                    contract.SerializeAsString());
      }
      return ApplyContract(tenant, customer, contract.generation());
    }
    case JournalChange::kContractChange: {
      const ContractChangeRecord& contract = change.contract_change();
      if (rows == Rows::kWritten) {
        OWO_RETURN_IF_ERROR(ApplyContractChange(staged_, tenant, contract));
      }
      return ApplyContract(tenant, CustomerNo{contract.number()}, contract.generation());
    }
    case JournalChange::kCatalog:
      return ApplyCatalog(tenant, change.catalog(), rows);
    case JournalChange::kInvoiceCreated:
      return ApplyInvoiceCreated(tenant, change.invoice_created(), rows);
    case JournalChange::kInvoice:
      return ApplyInvoice(tenant, change.invoice(), rows);
    case JournalChange::kInvoiceUpdate:
      return ApplyInvoice(tenant, change.invoice_update(), rows);
    case JournalChange::kNumberJump:
      return ApplyNumberJump(tenant, change.number_jump());
    case JournalChange::kAccess:
      if (rows == Rows::kWritten) ApplyAccess(change.access());
      return absl::OkStatus();
    case JournalChange::kEvents:
    case JournalChange::CHANGE_NOT_SET:
      break;
  }
  return absl::DataLossError("a journal change that this program does not know");
}

absl::Status JournalApplier::ApplyContract(TenantId tenant, CustomerNo customer,
                                           uint64_t generation) {
  OWO_TRY(AccountState* const account, account_cache_.Account(tenant, customer));
  account_cache_.SetGeneration(*account, generation);
  OWO_TRY(TenantRecord* const of_tenant, account_cache_.ChangeTenant(tenant));
  of_tenant->set_last_customer(
      std::max(of_tenant->last_customer(), static_cast<uint64_t>(customer)));
  return absl::OkStatus();
}

absl::Status JournalApplier::ApplyCatalog(TenantId tenant, const CatalogRecord& changes,
                                          Rows rows) {
  OWO_TRY(TenantRecord* const of_tenant, account_cache_.ChangeTenant(tenant));
  of_tenant->set_catalog_generation(changes.generation());
  for (const FeatureRecord& feature : changes.features()) {
    of_tenant->set_last_feature(std::max(of_tenant->last_feature(), feature.number()));
    if (rows == Rows::kPresent) continue;
    staged_.Put(ColumnFamily::kCatalog, keys::Feature(tenant, FeatureNo{feature.number()}),
                feature.SerializeAsString());
  }
  for (const PlanRecord& plan : changes.plans()) {
    of_tenant->set_last_plan(std::max(of_tenant->last_plan(), plan.number()));
    if (rows == Rows::kPresent) continue;
    const PlanNo number{plan.number()};
    for (const PlanVersionRecord& version : plan.versions()) {
      staged_.Put(ColumnFamily::kCatalog, keys::PlanVersion(tenant, number, version.version()),
                  version.SerializeAsString());
    }
    PlanRecord row = plan;
    row.clear_versions();
    staged_.Put(ColumnFamily::kCatalog, keys::Plan(tenant, number), row.SerializeAsString());
  }
  return absl::OkStatus();
}

void JournalApplier::ApplyAccess(const AccessChangeRecord& changes) {
  AccessStateRecord state;
  state.set_generation(changes.generation());
  staged_.Put(ColumnFamily::kMeta, keys::AccessState(), state.SerializeAsString());
  for (const TenantProfileRecord& profile : changes.tenants()) {
    staged_.Put(ColumnFamily::kMeta, keys::TenantProfile(TenantId{profile.number()}),
                profile.SerializeAsString());
  }
  for (const ApiKeyRecord& key : changes.keys()) {
    staged_.Put(ColumnFamily::kMeta, keys::ApiKey(TenantId{key.tenant()}, key.id()),
                key.SerializeAsString());
  }
  for (const ApiKeyNameRecord& key : changes.forgotten_keys()) {
    const TenantId tenant{key.tenant()};
    staged_.Delete(ColumnFamily::kMeta, keys::ApiKey(tenant, key.id()));
    staged_.Delete(ColumnFamily::kMeta, keys::ApiKeyUse(tenant, key.id()));
  }
}

absl::Status JournalApplier::RecordNumber(TenantId tenant, const InvoiceRecord& invoice) {
  if (invoice.sequence() == 0) return absl::OkStatus();
  OWO_TRY(TenantRecord* const of_tenant, account_cache_.ChangeTenant(tenant));
  uint64_t& last = (*of_tenant->mutable_last_sequence())[invoice.series()];
  last = std::max(last, invoice.sequence());
  return absl::OkStatus();
}

absl::Status JournalApplier::ApplyNumberJump(TenantId tenant, const NumberJumpRecord& jump) {
  OWO_TRY(TenantRecord* const of_tenant, account_cache_.ChangeTenant(tenant));
  uint64_t& last = (*of_tenant->mutable_last_sequence())[jump.series()];
  if (jump.next() == 0) return absl::DataLossError("a jump to invoice number 0");
  last = std::max(last, jump.next() - 1);
  return absl::OkStatus();
}

absl::Status JournalApplier::ApplyCoverage(TenantId tenant, const InvoiceRecord& invoice,
                                           bool release) {
  OWO_TRY(AccountState * account, account_cache_.Account(tenant, CustomerNo{invoice.customer()}));
  if (account_cache_.AlreadyApplied(*account)) return absl::OkStatus();
  OWO_TRY(account, account_cache_.ChangeAccount(tenant, CustomerNo{invoice.customer()}));
  ++account->invoice_version;
  for (const LineRecord& line : invoice.lines()) {
    OWO_TRY(Counter* const counter,
            account_cache_.ChangeCounter(*account, FromRecord(line.counter())));
    OWO_TRY(const Coverage covers, FromRecord(line.covers()));
    if (release) {
      OWO_RETURN_IF_ERROR(RemoveCoverage(counter->covered, covers));
      counter->open = true;
    } else {
      OWO_RETURN_IF_ERROR(AddCoverage(counter->covered, covers, counter->events));
    }
  }
  return absl::OkStatus();
}

absl::Status JournalApplier::PutCoveredRanges(TenantId tenant, const InvoiceRecord& invoice,
                                              bool release) {
  for (const LineRecord& line : invoice.lines()) {
    const CounterKey counter = FromRecord(line.counter());
    OWO_TRY(const Coverage covers, FromRecord(line.covers()));
    for (const OrdinalRange& range : covers.ranges) {
      const std::string key = keys::Covered(tenant, counter, range.end);
      if (release) {
        staged_.Delete(ColumnFamily::kInvoices, key);
      } else {
        staged_.PutBlind(ColumnFamily::kInvoices, key,
                         keys::CoveredValue({range.first, invoice.id()}));
      }
    }
  }
  return absl::OkStatus();
}

absl::Status JournalApplier::CloseCounters(TenantId tenant, const InvoiceCreatedRecord& created) {
  OWO_TRY(AccountState * account,
          account_cache_.Account(tenant, CustomerNo{created.invoice().customer()}));
  if (account_cache_.AlreadyApplied(*account)) return absl::OkStatus();
  OWO_TRY(account, account_cache_.ChangeAccount(tenant, CustomerNo{created.invoice().customer()}));
  for (const ClosedCounterRecord& closed : created.closed_counters()) {
    OWO_TRY(Counter* const counter,
            account_cache_.ChangeCounter(*account, FromRecord(closed.counter())));
    OWO_TRY(const Quantity total, UnpackQuantity(closed.total()));
    if (ClosesWithInvoice(created, closed, total, account->usage_version, counter->total)) {
      counter->open = false;
    }
  }
  return absl::OkStatus();
}

void JournalApplier::PutInvoice(TenantId tenant, const InvoiceRecord& invoice) {
  staged_.Put(ColumnFamily::kInvoices,
              keys::Invoice(tenant, CustomerNo{invoice.customer()}, invoice.id()),
              invoice.SerializeAsString());
}

absl::Status JournalApplier::ApplyInvoiceCreated(TenantId tenant,
                                                 const InvoiceCreatedRecord& created, Rows rows) {
  const InvoiceRecord& invoice = created.invoice();
  OWO_RETURN_IF_ERROR(ApplyCoverage(tenant, invoice, /*release=*/false));
  OWO_RETURN_IF_ERROR(CloseCounters(tenant, created));
  OWO_RETURN_IF_ERROR(RecordNumber(tenant, invoice));
  if (rows == Rows::kPresent) return absl::OkStatus();
  OWO_RETURN_IF_ERROR(PutCoveredRanges(tenant, invoice, /*release=*/false));
  PutInvoice(tenant, invoice);
  staged_.PutBlind(ColumnFamily::kInvoices, keys::InvoiceId(tenant, invoice.id()),
                   keys::CustomerValue(CustomerNo{invoice.customer()}));
  return absl::OkStatus();
}

absl::Status JournalApplier::ReleaseCoverage(TenantId tenant, const InvoiceRecord& invoice,
                                             Rows rows) {
  OWO_RETURN_IF_ERROR(ApplyCoverage(tenant, invoice, /*release=*/true));
  if (rows == Rows::kPresent) return absl::OkStatus();
  return PutCoveredRanges(tenant, invoice, /*release=*/true);
}

absl::Status JournalApplier::ApplyInvoice(TenantId tenant, const InvoiceChangeRecord& change,
                                          Rows rows) {
  const InvoiceRecord& invoice = change.invoice();
  if (change.releases_coverage()) OWO_RETURN_IF_ERROR(ReleaseCoverage(tenant, invoice, rows));
  OWO_RETURN_IF_ERROR(RecordNumber(tenant, invoice));
  if (rows == Rows::kWritten) PutInvoice(tenant, invoice);
  return absl::OkStatus();
}

absl::Status JournalApplier::ApplyInvoice(TenantId tenant, const InvoiceUpdateRecord& update,
                                          Rows rows) {
  const bool concerns_usage_or_numbers = update.releases_coverage() || update.has_sequence();
  if (rows == Rows::kPresent && !concerns_usage_or_numbers) return absl::OkStatus();
  const CustomerNo customer{update.customer()};
  OWO_TRY(auto row, staged_.GetRecord<InvoiceRecord>(ColumnFamily::kInvoices,
                                                     keys::Invoice(tenant, customer, update.id())));
  if (!row.has_value()) return absl::DataLossError("an invoice that changes is missing");
  if (rows == Rows::kWritten) {
    if (!Follows(update, *row)) {
      return absl::DataLossError("an invoice's change does not follow the one before");
    }
    ApplyUpdate(update, *row);
    PutInvoice(tenant, *row);
  }
  // Lines and series are the same in every revision.
  if (update.releases_coverage()) OWO_RETURN_IF_ERROR(ReleaseCoverage(tenant, *row, rows));
  return RecordNumber(tenant, *row);
}

}  // namespace owo::storage
