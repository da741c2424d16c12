#include "tests/storage/rocksdb/workload.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "tests/support/invoices.h"

namespace owo::storage {

void Workload::Step(Store& store, Random& random) {
  const int64_t dice = random.Between(1, 100);
  if (subjects_.empty() || (dice <= 3 && subjects_.size() < 20)) return AddCustomer(store, random);
  if (dice <= 70) return Track(store, random);
  if (dice <= 80) return MakeInvoice(store, random);
  if (dice <= 88) return UpdateInvoice(store, random);
  if (dice <= 92) return PutAccess(store, random);
  if (dice <= 97) return UpdateCustomer(store, random);
  PutCatalog(store, random);
}

Subject& Workload::AnySubject(Random& random) {
  return subjects_[static_cast<size_t>(
      random.Between(0, static_cast<int64_t>(subjects_.size()) - 1))];
}

void Workload::AddCustomer(Store& store, Random& random) {
  const TenantId tenant{static_cast<uint32_t>(random.Between(1, 2))};
  Subject subject = AddSubject(store, "customer-" + std::to_string(subjects_.size()), tenant);
  const auto catalog = store.ReadCatalog(kReadAll, tenant);
  ASSERT_TRUE(catalog.ok()) << catalog.status();
  subject.catalog_generation = catalog->generation();
  subjects_.push_back(subject);
}

TrackEvent Workload::AnyEvent(const Subject& subject, Random& random) {
  const bool repeat = events_ > 0 && random.OneIn(8);
  const uint64_t number =
      repeat ? static_cast<uint64_t>(random.Between(1, static_cast<int64_t>(events_))) : ++events_;
  const auto segment = static_cast<uint32_t>(random.Between(0, 2));
  const CounterKey counter =
      subject.Counter(segment, FeatureNo{static_cast<uint32_t>(random.Between(1, 2))},
                      random.OneIn(2) ? kNovember : kDecember);
  const Quantity quantity{Units(random.Between(-5, 20)).units + random.Between(0, 1)};
  TrackEvent event = subject.Event("event-" + std::to_string(number), quantity, counter);
  TargetOf(event).group_segments = 3;
  event.time = kNow + random.Between(-10 * kDay, 10 * kDay);
  if (random.OneIn(4)) event.properties = Kept(random.Bytes(random.Between(1, 20)));
  if (random.OneIn(3)) TargetOf(event).allowance = Units(random.Between(0, 50));
  if (random.OneIn(3)) TargetOf(event).limit = Units(random.Between(0, 200));
  if (random.OneIn(3)) TargetOf(event).closed_up_to = Units(random.Between(0, 50));
  return event;
}

void Workload::Track(Store& store, Random& random) {
  const Subject& subject = AnySubject(random);
  std::vector<TrackEvent> events;
  for (int64_t i = random.Between(1, 5); i > 0; --i) events.push_back(AnyEvent(subject, random));
  TrackAll(store, subject, std::move(events));
}

void Workload::MakeInvoice(Store& store, Random& random) {
  const Subject& subject = AnySubject(random);
  CreateInvoice create = InvoiceAll(subject, ReadAccount(store, subject), InvoiceId(++invoices_));
  if (random.OneIn(3)) create.invoice.set_status(INVOICE_STATUS_RECORD_DRAFT);
  if (random.OneIn(3)) create.invoice.set_series("OTHER");
  // Several entries, because their order matters when bytes are compared.
  for (const char* key : {"region", "order", "team"}) {
    (*create.invoice.mutable_metadata())[key] = std::to_string(random.Between(1, 9));
  }
  for (ClosedCounterRecord& closed : create.closed_counters) closed.set_alone(random.OneIn(2));
  if (random.OneIn(2)) TrackAll(store, subject, {AnyEvent(subject, random)});
  const auto made = Commit(store, Change(subject, create));
  ASSERT_TRUE(made.ok() && made->code == MutationCode::kCommitted) << made.status();
}

void Workload::UpdateInvoice(Store& store, Random& random) {
  const Subject& subject = AnySubject(random);
  const std::vector<InvoiceRecord> invoices = MustList(store, subject);
  if (invoices.empty()) return;
  const auto newest = std::min<int64_t>(static_cast<int64_t>(invoices.size()), 10);
  const InvoiceRecord& invoice = invoices[static_cast<size_t>(random.Between(0, newest - 1))];
  const bool is_draft = invoice.status() == INVOICE_STATUS_RECORD_DRAFT;
  if (!is_draft && invoice.status() != INVOICE_STATUS_RECORD_OPEN) return;
  const InvoiceStatusRecord next = random.OneIn(2) ? INVOICE_STATUS_RECORD_VOID
                                   : is_draft      ? INVOICE_STATUS_RECORD_OPEN
                                                   : INVOICE_STATUS_RECORD_PAID;
  MustChange(store, subject, Become(invoice, next));
}

void Workload::ChangeSubscriptions(ContractRecord& contract, Random& random) {
  contract.set_currency("USD");
  const auto stored = static_cast<uint32_t>(contract.subscriptions_size());
  if (stored > 0) {
    SubscriptionRecord& any = *contract.mutable_subscriptions(
        static_cast<int>(random.Between(0, static_cast<int64_t>(stored) - 1)));
    any.set_end_us(any.start_us() + random.Between(0, kDay));
    // Subscriptions that are left out do not change.
    if (random.OneIn(2)) contract.mutable_subscriptions()->DeleteSubrange(0, 1);
  }
  SubscriptionRecord& added = *contract.add_subscriptions();
  added.set_number(stored + 1);
  added.set_plan(1);
  added.set_start_us(kNow + stored * kDay);
  added.set_end_us(INT64_MAX);
  if (random.OneIn(2)) (*added.mutable_metadata())["order"] = std::to_string(random.Between(1, 9));
}

void Workload::UpdateCustomer(Store& store, Random& random) {
  Subject& subject = AnySubject(random);
  const auto customer = store.ReadCustomer(kReadAll, subject.tenant, subject.customer);
  ASSERT_TRUE(customer.ok()) << customer.status();
  PutCustomer put{customer->record, customer->contract};
  put.record.set_name("name " + std::to_string(random.Between(1, 9)));
  put.contract.set_spend_cap(random.Between(1, 1000));
  if (random.OneIn(3)) put.contract.clear_spend_cap();
  if (random.OneIn(3)) put.record.mutable_metadata()->clear();
  if (random.OneIn(3)) {
    (*put.record.mutable_metadata())["region"] = std::to_string(random.Between(1, 9));
  }
  if (random.OneIn(3)) ChangeSubscriptions(put.contract, random);
  if (random.OneIn(5)) {
    ZoneRecord& zone = *put.contract.add_zones();
    zone.set_zone("Africa/Lagos");
    zone.set_since_us(kNow);
  }
  const auto result = Commit(store, Change(subject, put));
  ASSERT_TRUE(result.ok() && result->code == MutationCode::kCommitted) << result.status();
  ++subject.customer_generation;
}

void Workload::PutCatalog(Store& store, Random& random) {
  const Subject& subject = AnySubject(random);
  storage::PutCatalog put{.generation = subject.catalog_generation};
  FeatureRecord& feature = *put.changes.add_features();
  feature.set_number(static_cast<uint32_t>(random.Between(1, 4)));
  feature.set_name("name " + std::to_string(random.Between(1, 9)));
  PlanRecord& plan = *put.changes.add_plans() = FirstCatalog().changes.plans(0);
  plan.mutable_versions(0)->set_version(static_cast<uint32_t>(subject.catalog_generation) + 1);
  const auto result = Commit(store, Change(subject, put));
  ASSERT_TRUE(result.ok() && result->code == MutationCode::kCommitted) << result.status();
  for (Subject& other : subjects_) {
    if (other.tenant == subject.tenant) ++other.catalog_generation;
  }
}

// Few tenants and keys, so that they are changed, forgotten and made again.
void Workload::PutAccess(Store& store, Random& random) {
  const auto generation = store.AccessGeneration(kReadAll);
  ASSERT_TRUE(generation.ok()) << generation.status();
  storage::PutAccess put{.generation = *generation};
  const auto tenant = static_cast<uint32_t>(random.Between(1, 2));
  const std::string id = "key-" + std::to_string(random.Between(1, 5));
  TenantProfileRecord& profile = *put.changes.add_tenants();
  profile.set_number(tenant);
  profile.set_slug("tenant-" + std::to_string(tenant));
  profile.set_suspended(random.OneIn(2));
  if (random.OneIn(4)) {
    ApiKeyNameRecord& forgotten = *put.changes.add_forgotten_keys();
    forgotten.set_tenant(tenant);
    forgotten.set_id(id);
  } else {
    ApiKeyRecord& key = *put.changes.add_keys();
    key.set_tenant(tenant);
    key.set_id(id);
    key.set_hash(random.Bytes(32));
    key.set_revoked_us(random.OneIn(2) ? kNow : 0);
  }
  const auto result = Commit(store, {.tenant = kNoTenant, .now = kNow, .change = put});
  ASSERT_TRUE(result.ok() && result->code == MutationCode::kCommitted) << result.status();

  storage::PutKeyUses uses;
  ApiKeyUseRecord& use = uses.uses.emplace_back();
  use.set_tenant(tenant);
  use.set_id(id);
  use.set_used_us(kNow);
  const auto used = Commit(store, {.tenant = kNoTenant, .now = kNow, .change = uses});
  ASSERT_TRUE(used.ok() && used->code == MutationCode::kCommitted) << used.status();
}

}  // namespace owo::storage
