#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/convert.h"
#include "storage/decide_mutation.h"
#include "storage/invoice_update.h"
#include "storage/rocksdb/commit/contract_change.h"
#include "storage/rocksdb/commit/execute.h"
#include "storage/rocksdb/format/keys.h"
#include "storage/util/try.h"

namespace owo::storage {
namespace {

MutationResult Not(MutationCode code) { return {.code = code}; }

class MutationExecution {
 public:
  MutationExecution(CommitContext& commit, TenantId tenant) : commit_(commit), tenant_(tenant) {}

  absl::StatusOr<MutationResult> operator()(PutCustomer&& put);
  absl::StatusOr<MutationResult> operator()(PutCatalog&& put);
  absl::StatusOr<MutationResult> operator()(CreateInvoice&& create);
  absl::StatusOr<MutationResult> operator()(UpdateInvoice&& change);
  absl::StatusOr<MutationResult> operator()(PutAccess&& put);
  absl::StatusOr<MutationResult> operator()(PutKeyUses&& put);
  absl::StatusOr<MutationResult> operator()(const NoChange& /*nothing*/) {
    return MutationResult{};
  }

 private:
  absl::Status Add(JournalChange change) { return Add(tenant_, std::move(change)); }
  absl::Status Add(TenantId tenant, JournalChange change) {
    OWO_RETURN_IF_ERROR(commit_.applier.Apply(tenant, change));
    commit_.journal.Add(tenant, std::move(change));
    return absl::OkStatus();
  }
  // `former` and `stored`: the customer's and the contract's row; empty for a new customer.
  absl::StatusOr<MutationResult> PutChanges(const PutCustomer& put, CustomerRecord& record,
                                            const CustomerRecord& former,
                                            const ContractRecord& stored);
  // Whether another customer's email is this customer's new id, or another customer's id is this
  // customer's new email.
  absl::StatusOr<bool> NameIsTaken(const CustomerRecord& record, const CustomerRecord& former);
  void PutRecord(const CustomerRecord& record, const CustomerRecord& former);
  absl::Status Number(InvoiceRecord& invoice);
  // `key`: of the invoice row that `change` writes.
  absl::StatusOr<MutationResult> AddInvoice(JournalChange change, const std::string& key);

  CommitContext& commit_;
  const TenantId tenant_;
};

absl::StatusOr<bool> MutationExecution::NameIsTaken(const CustomerRecord& record,
                                                    const CustomerRecord& former) {
  const CustomerNo number{record.number()};
  const NamesToLookUp names = LookUpsFor(record.id() == former.id() ? "" : record.id(),
                                         record.email() == former.email() ? "" : record.email());
  const auto of_other = [&](std::string_view key) { return keys::TrailingCustomer(key) != number; };
  if (!names.email.empty()) {
    OWO_TRY(const bool is_email,
            commit_.staged.HasKey(ColumnFamily::kCustomers, keys::EmailPrefix(tenant_, names.email),
                                  of_other));
    if (is_email) return true;
  }
  for (const std::string& id : names.ids) {
    OWO_TRY(const auto row,
            commit_.staged.Get(ColumnFamily::kCustomers, keys::CustomerId(tenant_, id)));
    if (row.has_value() && keys::ParseCustomerValue(*row) != number) return true;
  }
  if (names.id_ignoring_case.empty()) return false;
  return commit_.staged.HasKey(ColumnFamily::kCustomers,
                               keys::IdIgnoringCasePrefix(tenant_, names.id_ignoring_case),
                               of_other);
}

// Stages what changed of the record, and of the rows that find the customer by id and email.
void MutationExecution::PutRecord(const CustomerRecord& record, const CustomerRecord& former) {
  const CustomerNo number{record.number()};
  const bool is_new = former.number() == 0;
  if (is_new || record.id() != former.id()) {
    if (!is_new) {
      commit_.staged.Delete(ColumnFamily::kCustomers, keys::CustomerId(tenant_, former.id()));
      if (keys::HasIdIgnoringCase(former.id())) {
        commit_.staged.Delete(ColumnFamily::kCustomers,
                              keys::IdIgnoringCase(tenant_, former.id(), number));
      }
    }
    commit_.staged.Put(ColumnFamily::kCustomers, keys::CustomerId(tenant_, record.id()),
                       keys::CustomerValue(number));
  }
  if (record.email() != former.email()) {
    if (!former.email().empty()) {
      commit_.staged.Delete(ColumnFamily::kCustomers, keys::Email(tenant_, former.email(), number));
    }
    if (!record.email().empty()) {
      commit_.staged.PutKey(ColumnFamily::kCustomers, keys::Email(tenant_, record.email(), number));
    }
  }
  // A record of an earlier version has metadata, so its bytes differ.
  const std::string row = record.SerializeAsString();
  if (is_new || row != former.SerializeAsString()) {
    // Also of an id that was given before there were these keys.
    if (keys::HasIdIgnoringCase(record.id())) {
      commit_.staged.PutKey(ColumnFamily::kCustomers,
                            keys::IdIgnoringCase(tenant_, record.id(), number));
    }
    commit_.staged.Put(ColumnFamily::kCustomers, keys::Customer(tenant_, number), row);
  }
}

absl::StatusOr<MutationResult> MutationExecution::PutChanges(const PutCustomer& put,
                                                             CustomerRecord& record,
                                                             const CustomerRecord& former,
                                                             const ContractRecord& stored) {
  OWO_TRY(const bool is_taken, NameIsTaken(record, former));
  if (is_taken) return Not(MutationCode::kExists);
  if (put.subscribes.has_value()) {
    commit_.subscribed[{tenant_, put.subscribes->plan}] = commit_.account_cache.sequence();
  }
  JournalChange change;
  ContractChangeRecord& contract = *change.mutable_contract_change();
  OWO_TRY(contract, ChangeOf(commit_.staged, tenant_, stored, put.contract));
  contract.set_number(record.number());
  contract.set_generation(stored.generation() + 1);
  OWO_RETURN_IF_ERROR(PutMetadata(commit_.staged, tenant_, former, stored, put, record));
  PutRecord(record, former);
  OWO_RETURN_IF_ERROR(Add(std::move(change)));
  return MutationResult{.customer = CustomerNo{record.number()}};
}

absl::StatusOr<MutationResult> MutationExecution::operator()(PutCustomer&& put) {
  CustomerRecord record = std::move(put.record);
  OWO_TRY(const auto same_id,
          commit_.staged.Get(ColumnFamily::kCustomers, keys::CustomerId(tenant_, record.id())));
  if (record.number() == 0) {
    if (same_id.has_value()) return Not(MutationCode::kExists);
    OWO_TRY(const TenantRecord* const of_tenant, commit_.account_cache.Tenant(tenant_));
    record.set_number(of_tenant->last_customer() + 1);
    return PutChanges(put, record, CustomerRecord(), ContractRecord());
  }
  const CustomerNo number{record.number()};
  if (same_id.has_value() && keys::ParseCustomerValue(*same_id) != number) {
    return Not(MutationCode::kExists);
  }
  OWO_TRY(const AccountState* const account, commit_.account_cache.Account(tenant_, number));
  OWO_TRY(const TenantRecord* const of_tenant, commit_.account_cache.Tenant(tenant_));
  const MutationCode code =
      DecidePutCustomer(put, {.customer_generation = account->generation,
                              .catalog_generation = of_tenant->catalog_generation(),
                              .latest_event = account->latest_event});
  if (code != MutationCode::kCommitted) return Not(code);
  OWO_TRY(const auto former, commit_.staged.GetRecord<CustomerRecord>(
                                 ColumnFamily::kCustomers, keys::Customer(tenant_, number)));
  OWO_TRY(const auto stored, commit_.staged.GetRecord<ContractRecord>(
                                 ColumnFamily::kCustomers, keys::Contract(tenant_, number)));
  if (!former.has_value() || !stored.has_value()) {
    return absl::DataLossError("a customer's rows are missing");
  }
  return PutChanges(put, record, *former, *stored);
}

absl::StatusOr<MutationResult> MutationExecution::operator()(PutCatalog&& put) {
  OWO_TRY(const TenantRecord* const of_tenant, commit_.account_cache.Tenant(tenant_));
  CatalogState state{.generation = of_tenant->catalog_generation()};
  if (of_tenant->has_latest_event_us()) state.latest_event = of_tenant->latest_event_us();
  for (const PlanNo plan : put.not_subscribed.plans) {
    const auto found = commit_.subscribed.find({tenant_, plan});
    state.subscribed |=
        found != commit_.subscribed.end() && found->second > put.not_subscribed.commit_sequence;
  }
  const MutationCode code = DecidePutCatalog(put, state);
  if (code != MutationCode::kCommitted) return Not(code);
  JournalChange change;
  CatalogRecord& catalog = *change.mutable_catalog() = std::move(put.changes);
  catalog.set_generation(put.generation + 1);
  OWO_RETURN_IF_ERROR(Add(std::move(change)));
  return MutationResult{};
}

absl::Status MutationExecution::Number(InvoiceRecord& invoice) {
  if (!TakesNumber(invoice)) return absl::OkStatus();
  OWO_TRY(const TenantRecord* const of_tenant, commit_.account_cache.Tenant(tenant_));
  const auto last = of_tenant->last_sequence().find(invoice.series());
  invoice.set_sequence(last == of_tenant->last_sequence().end() ? 1 : last->second + 1);
  return absl::OkStatus();
}

absl::StatusOr<MutationResult> MutationExecution::AddInvoice(JournalChange change,
                                                             const std::string& key) {
  OWO_RETURN_IF_ERROR(Add(std::move(change)));
  OWO_TRY(auto row, commit_.staged.Get(ColumnFamily::kInvoices, key));
  return MutationResult{.invoice = *std::move(row)};
}

absl::StatusOr<MutationResult> MutationExecution::operator()(CreateInvoice&& create) {
  OWO_TRY(const AccountState* const account,
          commit_.account_cache.Account(tenant_, CustomerNo{create.invoice.customer()}));
  const MutationCode code = DecideCreateInvoice(create, account->invoice_version);
  if (code != MutationCode::kCommitted) return Not(code);
  JournalChange change;
  InvoiceCreatedRecord& record = *change.mutable_invoice_created();
  InvoiceRecord& invoice = *record.mutable_invoice() = std::move(create.invoice);
  invoice.set_revision(1);
  record.set_usage_version(create.usage_version);
  record.mutable_closed_counters()->Assign(create.closed_counters.begin(),
                                           create.closed_counters.end());
  OWO_RETURN_IF_ERROR(Number(invoice));
  const std::string key = keys::Invoice(tenant_, CustomerNo{invoice.customer()}, invoice.id());
  return AddInvoice(std::move(change), key);
}

absl::StatusOr<MutationResult> MutationExecution::operator()(UpdateInvoice&& changed) {
  InvoiceRecord& invoice = changed.invoice;
  const std::string key = keys::Invoice(tenant_, CustomerNo{invoice.customer()}, invoice.id());
  OWO_TRY(const auto before, commit_.staged.GetRecord<InvoiceRecord>(ColumnFamily::kInvoices, key));
  std::optional<uint64_t> revision;
  if (before.has_value()) revision = before->revision();
  const MutationCode code = DecideUpdateInvoice(changed, revision);
  if (code != MutationCode::kCommitted) return Not(code);
  OWO_RETURN_IF_ERROR(Number(invoice));
  JournalChange change;
  *change.mutable_invoice_update() = UpdateOf(*before, invoice);
  return AddInvoice(std::move(change), key);
}

absl::StatusOr<MutationResult> MutationExecution::operator()(PutAccess&& put) {
  OWO_TRY(const auto state,
          commit_.staged.GetRecord<AccessStateRecord>(ColumnFamily::kMeta, keys::AccessState()));
  const MutationCode code = DecidePutAccess(put, state.has_value() ? state->generation() : 0);
  if (code != MutationCode::kCommitted) return Not(code);
  JournalChange change;
  AccessChangeRecord& access = *change.mutable_access() = std::move(put.changes);
  access.set_generation(put.generation + 1);
  OWO_RETURN_IF_ERROR(Add(kNoTenant, std::move(change)));
  return MutationResult{};
}

absl::StatusOr<MutationResult> MutationExecution::operator()(PutKeyUses&& put) {
  for (const ApiKeyUseRecord& use : put.uses) {
    const TenantId tenant{use.tenant()};
    OWO_TRY(const auto key,
            commit_.staged.Get(ColumnFamily::kMeta, keys::ApiKey(tenant, use.id())));
    if (!key.has_value()) continue;
    commit_.staged.Put(ColumnFamily::kMeta, keys::ApiKeyUse(tenant, use.id()),
                       use.SerializeAsString());
  }
  return MutationResult{};
}

}  // namespace

absl::StatusOr<MutationResult> Execute(CommitContext& commit, Mutation&& mutation) {
  std::string request_key;
  if (mutation.request.has_value()) {
    request_key = keys::Request(mutation.tenant, mutation.request->method, mutation.request->id);
    OWO_TRY(const auto known,
            commit.staged.GetRecord<RequestRecord>(ColumnFamily::kRequests, request_key));
    const MutationCode code =
        DecideRequest(known.has_value() ? &*known : nullptr, *mutation.request, mutation.now);
    if (code == MutationCode::kReplayed) return MutationResult{.code = code, .request = *known};
    if (code != MutationCode::kCommitted) return Not(code);
  }
  OWO_TRY(MutationResult result,
          std::visit(MutationExecution(commit, mutation.tenant), std::move(mutation.change)));
  if (result.code == MutationCode::kCommitted && mutation.request.has_value()) {
    RequestRecord request;
    request.set_fingerprint(mutation.request->fingerprint);
    request.set_object(mutation.request->object.empty()
                           ? absl::StrCat(static_cast<uint64_t>(result.customer))
                           : mutation.request->object);
    request.set_committed_us(mutation.now);
    commit.staged.Put(ColumnFamily::kRequests, request_key, request.SerializeAsString());
  }
  return result;
}

}  // namespace owo::storage
