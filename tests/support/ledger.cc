#include "tests/support/ledger.h"

#include <utility>

#include "service/ledger/invoice_record.h"
#include "service/ledger/verify.h"
#include "storage/convert.h"
#include "storage/rocksdb/open.h"
#include "storage/rocksdb/verify/verify.h"
#include "storage/util/try.h"
#include "tests/support/archiving.h"
#include "tests/support/await.h"

namespace owo::ledger {

using storage::InvoiceRecord;

namespace {

ReadInvoice Read(InvoiceView view) {
  InvoiceRecord record = ToRecord(view.invoice);
  return ReadInvoice{std::move(view), std::move(record)};
}

template <typename Start>
absl::StatusOr<Answered<ReadInvoice>> AwaitInvoice(Start start) {
  OWO_TRY(auto answer, Await<Answered<InvoiceView>>(std::move(start)));
  return Answered<ReadInvoice>{Read(std::move(answer.value)), answer.replayed};
}

}  // namespace

// A ledger, from one opening of the store to the next.
struct TestLedger::Instance {
  Instance(storage::InterposedStore& store, const Clock& clock, const Options& options,
           size_t terms_bytes_max)
      : directory(store, Directory::kCustomersBytesMax, terms_bytes_max),
        ids(clock),
        executor("ledger", 4, 4096),
        parts{store, directory, executor, ids, options} {}

  Directory directory;
  IdSource ids;
  Executor executor;
  LedgerParts parts;
  Catalogs catalogs{parts};
  Customers customers{parts};
  Metering metering{parts};
  Billing billing{parts};
};

TestLedger::TestLedger(CatalogSpec catalog, Options options, size_t terms_bytes_max)
    : options_(std::move(options)),
      terms_bytes_max_(terms_bytes_max),
      now_(At("2026-11-15T12:00:00Z")) {
  Reopen();
  if (!catalog.features.empty() || !catalog.plans.empty()) Must(Sync(std::move(catalog)));
}

TestLedger::~TestLedger() = default;

void TestLedger::On(size_t ledger) {
  at_ = ledger;
  if (at_ >= instances_.size()) instances_.resize(at_ + 1);
  if (instances_[at_] == nullptr) {
    instances_[at_] = std::make_unique<Instance>(*store_, clock_, options_, terms_bytes_max_);
  }
  instance_ = instances_[at_].get();
}

void TestLedger::Close() {
  instance_ = nullptr;
  instances_.clear();
  store_.reset();
}

void TestLedger::Reopen() {
  Close();
  store_ = std::make_unique<storage::InterposedStore>(
      Must(storage::OpenRocksStore({.data_dir = "/data", .env = disk_.env()})));
  On(at_);
}

void TestLedger::Crash(Random& random) {
  disk_.CutPowerAfter(0);
  Close();
  disk_.RestorePower(random);
  Reopen();
}

storage::VerifyReport TestLedger::Verify() {
  Close();
  LedgerRating rating;
  storage::VerifyReport report =
      Must(storage::VerifyRocksStore({.data_dir = "/data", .env = disk_.env()}, &rating));
  Reopen();
  return report;
}

void TestLedger::DropEvents(absl::Duration age) {
  Close();
  storage::ArchiveAll({.data_dir = "/data", .env = disk_.env()}, now(),
                      absl::ToInt64Microseconds(age));
  Reopen();
}

void TestLedger::Damage(
    const std::function<void(const storage::Database&, rocksdb::WriteBatch&)>& harm) {
  Close();
  {
    const auto database = Must(storage::Database::Open({.data_dir = "/data", .env = disk_.env()}));
    rocksdb::WriteBatch batch;
    harm(*database, batch);
    EXPECT_TRUE(database->Write(batch).ok());
  }
  Reopen();
}

storage::InterposedStore& TestLedger::store() { return *store_; }
LedgerParts& TestLedger::parts() { return instance_->parts; }

absl::StatusOr<Answered<std::vector<CatalogChange>>> TestLedger::Sync(CatalogSpec spec) {
  return Await<Answered<std::vector<CatalogChange>>>(
      [&](auto done) { instance_->catalogs.Sync(context(), std::move(spec), std::move(done)); });
}

absl::StatusOr<Answered<storage::Customer>> TestLedger::Create(CustomerFields fields,
                                                               RequestRef request) {
  return Await<Answered<storage::Customer>>([&](auto done) {
    instance_->customers.Create(context(), std::move(fields), std::move(request), std::move(done));
  });
}

absl::StatusOr<Answered<storage::Customer>> TestLedger::Update(std::string_view customer,
                                                               CustomerFields fields,
                                                               RequestRef request) {
  return Await<Answered<storage::Customer>>([&](auto done) {
    instance_->customers.Update(context(), std::string(customer), std::move(fields),
                                std::move(request), std::move(done));
  });
}

absl::StatusOr<storage::Customer> TestLedger::Get(std::string_view customer) {
  return instance_->customers.Get(context(), storage::kReadAll, std::string(customer));
}

absl::StatusOr<Answered<ChangedSubscription>> TestLedger::Subscribe(SubscribeParams params) {
  return Await<Answered<ChangedSubscription>>([&](auto done) {
    instance_->customers.Subscribe(context(), std::move(params), std::move(done));
  });
}

absl::StatusOr<Answered<ChangedSubscription>> TestLedger::Cancel(CancelParams params) {
  return Await<Answered<ChangedSubscription>>([&](auto done) {
    instance_->customers.Cancel(context(), std::move(params), std::move(done));
  });
}

absl::StatusOr<Answered<ChangedSubscription>> TestLedger::Resume(ResumeParams params) {
  return Await<Answered<ChangedSubscription>>([&](auto done) {
    instance_->customers.Resume(context(), std::move(params), std::move(done));
  });
}

absl::StatusOr<std::vector<SubscriptionView>> TestLedger::Subscriptions(std::string_view customer) {
  std::vector<SubscriptionView> all;
  SubscriptionsQuery query{.customer = std::string(customer), .limit = kWholePage};
  do {
    OWO_TRY(SubscriptionsPage page,
            instance_->customers.Subscriptions(context(), storage::kReadAll, query));
    std::move(page.subscriptions.begin(), page.subscriptions.end(), std::back_inserter(all));
    query.after = std::move(page.next);
  } while (!query.after.empty());
  return all;
}

absl::StatusOr<std::vector<TrackResult>> TestLedger::Track(std::vector<UsageEvent> events) {
  return Await<std::vector<TrackResult>>([&](auto done) {
    instance_->metering.Track(context(), std::move(events), TrackDetail::kAll, std::move(done));
  });
}

absl::StatusOr<TrackResult> TestLedger::Check(const UsageEvent& event) {
  return instance_->metering.Check(context(), storage::kReadAll, event);
}

absl::StatusOr<UsagePage> TestLedger::ListUsage(UsageQuery query) {
  return instance_->metering.ListUsage(context(), storage::kReadAll, query);
}

absl::StatusOr<CustomerEventPage> TestLedger::ListEvents(const EventsQuery& query) {
  return instance_->metering.ListEvents(context(), storage::kReadAll, query);
}

absl::StatusOr<UsageAnswer> TestLedger::Usage(std::string_view customer) {
  return instance_->billing.Usage(context(), storage::kReadAll, std::string(customer));
}

absl::StatusOr<Answered<ReadInvoice>> TestLedger::Invoice(InvoiceParams params) {
  return AwaitInvoice([&](auto done) {
    instance_->billing.Invoice(context(), storage::kReadAll, std::move(params), std::move(done));
  });
}

absl::StatusOr<Answered<ReadInvoice>> TestLedger::Finalize(const InvoiceRecord& invoice,
                                                           RequestRef request) {
  return AwaitInvoice([&](auto done) {
    instance_->billing.Finalize(context(), storage::kReadAll, invoice.id(), std::move(request),
                                std::move(done));
  });
}

absl::StatusOr<Answered<ReadInvoice>> TestLedger::Pay(const InvoiceRecord& invoice,
                                                      std::string_view reference,
                                                      RequestRef request) {
  return Pay({.invoice = invoice.id(),
              .reference = std::string(reference),
              .request = std::move(request)});
}

absl::StatusOr<Answered<ReadInvoice>> TestLedger::Pay(PaymentParams params) {
  return AwaitInvoice([&](auto done) {
    instance_->billing.Pay(context(), storage::kReadAll, std::move(params), std::move(done));
  });
}

absl::StatusOr<Answered<ReadInvoice>> TestLedger::Void(const InvoiceRecord& invoice,
                                                       std::string_view reason,
                                                       RequestRef request) {
  return AwaitInvoice([&](auto done) {
    instance_->billing.Void(context(), storage::kReadAll, invoice.id(), std::string(reason),
                            std::move(request), std::move(done));
  });
}

absl::StatusOr<ReadInvoice> TestLedger::GetInvoice(const std::string& id) {
  OWO_TRY(InvoiceView view, instance_->billing.Get(context(), storage::kReadAll, id));
  return Read(std::move(view));
}

absl::StatusOr<ReadInvoices> TestLedger::ListInvoices(const InvoiceQuery& query) {
  OWO_TRY(InvoicePage page, instance_->billing.List(context(), storage::kReadAll, query));
  ReadInvoices read{.next = page.next};
  for (const ListedInvoice& listed : page.invoices) {
    OWO_TRY(InvoiceView view, ReadListed(listed));
    OWO_TRY(InvoiceRecord record, storage::ParseRow<InvoiceRecord>(listed.row));
    read.invoices.push_back({std::move(view), std::move(record)});
  }
  return read;
}

absl::StatusOr<InvoiceEventPage> TestLedger::ListInvoiceEvents(const InvoiceEventsQuery& query) {
  return instance_->billing.ListEvents(context(), storage::kReadAll, query);
}

void TestLedger::AddCustomer(std::string_view id, std::string_view plan) {
  Must(Create({.id = std::string(id)}));
  MoveTo(id, plan);
}

void TestLedger::MoveTo(std::string_view customer, std::string_view plan) {
  Must(Subscribe({.customer = std::string(customer), .plan = std::string(plan)}));
}

TrackResult TestLedger::Use(std::string_view customer, std::string_view feature,
                            std::string_view quantity, std::string_view time) {
  return TrackOne(EventOf(customer, feature, quantity, "", time));
}

TrackResult TestLedger::TrackOne(UsageEvent event) {
  return std::move(Must(Track({std::move(event)})).at(0));
}

InvoiceRecord TestLedger::Bill(std::string_view customer) {
  return Must(Invoice({.customer = std::string(customer)})).value.record;
}

std::string TestLedger::StoredRow(const std::string& invoice) {
  return Must(store().ReadInvoice(storage::kReadAll, kTenant, invoice)).value();
}

InvoiceRecord TestLedger::Stored(const std::string& invoice) {
  return Must(storage::ParseRow<InvoiceRecord>(StoredRow(invoice)));
}

storage::MinorUnits TestLedger::Unbilled(std::string_view customer) {
  return Must(Usage(customer)).statement.total;
}

UsagePage TestLedger::History(std::string_view customer, std::string_view feature) {
  return Must(ListUsage(
      {.customer = std::string(customer), .feature = std::string(feature), .limit = kWholePage}));
}

size_t TestLedger::OpenCounters(std::string_view customer) {
  return Must(Usage(customer)).account->open.size();
}

UsageEvent EventOf(std::string_view customer, std::string_view feature, std::string_view quantity,
                   std::string_view id, std::string_view time) {
  UsageEvent event{
      .customer = std::string(customer), .feature = std::string(feature), .quantity = D(quantity)};
  if (!id.empty()) event.SetId(id);
  if (!time.empty()) event.time = At(time);
  return event;
}

}  // namespace owo::ledger
