#include "service/ledger/customers.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "service/ledger/catalog.h"
#include "storage/decide_mutation.h"
#include "storage/util/try.h"

namespace owo::ledger {
namespace {

using storage::ContractRecord;
using storage::Customer;
using storage::CustomerRecord;
using storage::Micros;
using storage::TenantId;

// The parts of a customer that are shown. With their metadata, subscriptions may take megabytes.
constexpr storage::CustomerParts kShownParts{.subscriptions = false};

absl::Status Exists(const std::string& id) {
  return Refuse(Reason::kCustomerExists, absl::StrCat("a customer with the id \"", id, "\" exists"),
                {{"customer", id}});
}

absl::Status NameTaken(const std::string& name) {
  return Refuse(Reason::kCustomerExists,
                absl::StrCat("\"", name, "\" is the id or email of another customer"),
                {{"customer", name}});
}

// CUSTOMER_EXISTS if `id` is the email of another customer, or `email` is the id of another one:
// look-ups would find the wrong customer. `number`: of the customer that gets these names.
absl::Status CheckNames(const storage::ReadOptions& read, const storage::Store& store,
                        TenantId tenant, storage::CustomerNo number, const std::string& id,
                        const std::string& email) {
  const storage::NamesToLookUp names = storage::LookUpsFor(id, email);
  if (!names.email.empty()) {
    OWO_TRY(const auto same, store.FindByEmail(read, tenant, names.email, 2));
    for (const storage::CustomerNo other : same) {
      if (other != number) return NameTaken(id);
    }
  }
  for (const std::string& name : names.ids) {
    OWO_TRY(const auto same, store.FindCustomer(read, tenant, name));
    if (same.has_value() && *same != number) return NameTaken(email);
  }
  return absl::OkStatus();
}

// Sets the given fields. Returns whether this changed the record.
bool SetRecord(CustomerRecord& record, const CustomerFields& fields) {
  const std::string before = record.SerializeAsString();
  if (fields.id.has_value()) record.set_id(*fields.id);
  if (fields.email.has_value()) record.set_email(*fields.email);
  if (fields.name.has_value()) record.set_name(*fields.name);
  bool changed = record.SerializeAsString() != before;
  if (fields.metadata.has_value()) {
    const Labels now(record.metadata().begin(), record.metadata().end());
    changed |= now != *fields.metadata;
    record.mutable_metadata()->clear();
    for (const auto& [key, value] : *fields.metadata) (*record.mutable_metadata())[key] = value;
  }
  return changed;
}

bool SetCap(ContractRecord& contract, const CustomerFields& fields) {
  if (!fields.spend_cap.has_value()) return false;
  const std::optional<storage::MinorUnits>& cap = *fields.spend_cap;
  const bool same = contract.has_spend_cap() == cap.has_value() &&
                    (!cap.has_value() || contract.spend_cap() == *cap);
  contract.clear_spend_cap();
  if (cap.has_value()) contract.set_spend_cap(*cap);
  return !same;
}

void AddZone(ContractRecord& contract, const std::string& zone, Micros since) {
  storage::ZoneRecord& record = *contract.add_zones();
  record.set_zone(zone);
  record.set_since_us(since);
}

}  // namespace

absl::StatusOr<Customer> Customers::Read(const CallContext& context,
                                         const storage::ReadOptions& read,
                                         const std::string& number,
                                         const storage::CustomerParts& parts) const {
  uint64_t no = 0;
  if (!absl::SimpleAtoi(number, &no)) return absl::DataLossError("a request's object");
  return parts_.store.ReadCustomer(read, context.tenant, storage::CustomerNo{no}, parts);
}

Decision<Customer> Customers::Put(const CallContext& context, const Customer& customer,
                                  const std::string& former_id,
                                  std::optional<Micros> effective_from) {
  storage::PutCustomer put{customer.record, customer.contract, effective_from};
  put.contract.clear_subscriptions();  // leaves the stored subscriptions unchanged
  Decision<Customer> decision{.change = std::move(put)};
  decision.finish = [this, context, former_id,
                     id = customer.record.id()](const storage::MutationResult& result) {
    parts_.directory.Forget(context.tenant, former_id);
    parts_.directory.Forget(context.tenant, id);
    return parts_.store.ReadCustomer(storage::kReadAll, context.tenant, result.customer,
                                     kShownParts);
  };
  return decision;
}

absl::StatusOr<Decision<Customer>> Customers::DecideCreate(const CallContext& context,
                                                           const CustomerFields& fields,
                                                           const Attempt& attempt) {
  if (attempt.last == storage::MutationCode::kExists) {
    OWO_RETURN_IF_ERROR(CheckNames(attempt.read, parts_.store, context.tenant,
                                   storage::CustomerNo{}, *fields.id, fields.email.value_or("")));
    OWO_TRY(const auto same, parts_.store.FindCustomer(attempt.read, context.tenant, *fields.id));
    // If there is none, the store found an id that equals the email in other cases.
    if (!same.has_value() && !fields.email.value_or("").empty()) return NameTaken(*fields.email);
    return Exists(*fields.id);
  }
  Customer customer;
  SetRecord(customer.record, fields);
  SetCap(customer.contract, fields);
  AddZone(customer.contract, fields.time_zone.value_or("UTC"), std::numeric_limits<Micros>::min());
  customer.record.set_created_us(context.now());
  customer.record.set_updated_us(customer.record.created_us());
  return Put(context, customer, *fields.id, std::nullopt);
}

absl::StatusOr<Decision<Customer>> Customers::DecideUpdate(const CallContext& context,
                                                           const std::string& customer,
                                                           const CustomerFields& fields,
                                                           const Attempt& attempt) {
  OWO_TRY(const CustomerPtr view, parts_.directory.FindFresh(context, attempt.read, customer));
  if (attempt.last == storage::MutationCode::kExists) {
    OWO_RETURN_IF_ERROR(CheckNames(attempt.read, parts_.store, context.tenant, view->number,
                                   fields.id.value_or(""), fields.email.value_or("")));
    if (fields.id.has_value()) {
      OWO_TRY(const auto same, parts_.store.FindCustomer(attempt.read, context.tenant, *fields.id));
      if (same.value_or(view->number) != view->number) return Exists(*fields.id);
    }
    // The store found an id that equals the email in other cases.
    if (!fields.email.value_or("").empty()) return NameTaken(*fields.email);
    if (fields.id.has_value()) return Exists(*fields.id);
  }
  // The store compares the generation of the view, which was read before.
  OWO_TRY(Customer changed,
          parts_.store.ReadCustomer(attempt.read, context.tenant, view->number, kShownParts));
  changed.contract = view->stored.contract;
  bool differs = SetRecord(changed.record, fields);
  differs |= SetCap(changed.contract, fields);
  std::optional<Micros> effective_from;
  const storage::ZoneRecord& zone = *view->stored.contract.zones().rbegin();
  if (fields.time_zone.has_value() && *fields.time_zone != zone.zone()) {
    if (view->stored.contract.zones_size() >= kZonesMax) {
      return RefuseFields({{fields.path + ".time_zone",
                            absl::StrCat("it was set ", kZonesMax, " times, which is the most")}});
    }
    OWO_TRY(const Micros effective, TimeOf(context, attempt.read, *view, std::nullopt, attempt));
    // Keeps zone changes in order, even if the clock was set back or the last change is ahead.
    effective_from = std::max(effective, Micros{zone.since_us()});
    AddZone(changed.contract, *fields.time_zone, *effective_from);
    differs = true;
  }
  if (!differs) {
    return Decision<Customer>{.answer = std::move(changed),
                              .object = absl::StrCat(static_cast<uint64_t>(view->number))};
  }
  changed.record.set_updated_us(context.now());
  return Put(context, changed, view->id(), effective_from);
}

void Customers::Create(const CallContext& context, CustomerFields fields, RequestRef request,
                       Done<Answered<Customer>> done) {
  CommitUntilDone(
      parts_, storage::kReadAll,
      Operation<Customer>{
          .context = context,
          .method = "CreateCustomer",
          .request = std::move(request),
          .decide = [this, context, fields = std::move(fields)](
                        const Attempt& attempt) { return DecideCreate(context, fields, attempt); },
          .replay =
              [this, context](const storage::ReadOptions& read, const std::string& number) {
                return Read(context, read, number, kShownParts);
              }},
      std::move(done));
}

void Customers::Update(const CallContext& context, std::string customer, CustomerFields fields,
                       RequestRef request, Done<Answered<Customer>> done) {
  CommitUntilDone(parts_, storage::kReadAll,
                  Operation<Customer>{.context = context,
                                      .method = "UpdateCustomer",
                                      .request = std::move(request),
                                      .decide =
                                          [this, context, customer = std::move(customer),
                                           fields = std::move(fields)](const Attempt& attempt) {
                                            return DecideUpdate(context, customer, fields, attempt);
                                          },
                                      .replay =
                                          [this, context](const storage::ReadOptions& read,
                                                          const std::string& number) {
                                            return Read(context, read, number, kShownParts);
                                          }},
                  std::move(done));
}

absl::StatusOr<Customer> Customers::Get(const CallContext& context,
                                        const storage::ReadOptions& read,
                                        const std::string& customer) {
  OWO_TRY(const CustomerPtr view, parts_.directory.Find(context, read, customer));
  return parts_.store.ReadCustomer(read, context.tenant, view->number, kShownParts);
}

absl::StatusOr<storage::CustomerList> Customers::List(const CallContext& context,
                                                      const storage::ReadOptions& read,
                                                      const std::string& after,
                                                      size_t limit) const {
  return parts_.store.ListCustomers(
      read, context.tenant, {.after = after, .limit = limit, .bytes_max = kCustomersPageBytesMax});
}

absl::StatusOr<Micros> Customers::TimeOf(const CallContext& context,
                                         const storage::ReadOptions& read,
                                         const CustomerView& customer, std::optional<Micros> wanted,
                                         const Attempt& attempt) const {
  if (wanted.has_value()) return *wanted;
  OWO_TRY(const storage::Account account,
          parts_.store.ReadAccount(read, context.tenant, customer.number, {}));
  const Micros effective = EffectiveTime(context.now(), account.latest_event, attempt.number);
  // The previous change may have been delayed past usage, and so be slightly ahead of the clock.
  // This change must not precede it.
  Micros time = effective;
  for (const storage::SubscriptionRecord& s : customer.stored.contract.subscriptions()) {
    if (s.start_us() - effective <= kEffectiveDelayMax) time = std::max(time, Micros{s.start_us()});
  }
  return time;
}

absl::StatusOr<bool> Customers::HasUsageFrom(const CallContext& context,
                                             const storage::ReadOptions& read,
                                             const CustomerView& customer, Micros time) const {
  OWO_TRY(const storage::Account account,
          parts_.store.ReadAccount(read, context.tenant, customer.number, {}));
  return account.latest_event.has_value() && *account.latest_event >= time;
}

}  // namespace owo::ledger
