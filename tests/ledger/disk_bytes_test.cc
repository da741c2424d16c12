// Bytes on disk are proportional to the bytes sent: a change costs what it changes, however large
// the customer, the invoice or the catalog is.

#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <iostream>

#include "tests/support/ledger.h"
#include "tests/support/random.h"

namespace owo::ledger {
namespace {

using storage::ColumnFamily;
using storage::InvoiceRecord;

// The disk may hold kFactor times the bytes of the requests and of each new invoice, which no
// request contains, plus a fixed number for each call and for each event: keys, ids, the request's
// row, counters.
constexpr int64_t kFactor = 4;
constexpr int64_t kBytesPerCall = 1024;
constexpr int64_t kBytesPerEvent = 512;
constexpr int64_t kBytesOfNothing = 256 << 10;  // tables without rows have properties

constexpr int kMetadataMax = 50;
constexpr size_t kMetadataKeyMax = 40, kMetadataValueMax = 512;
constexpr int kFeatures = 60;
constexpr int kTiers = 20;
const std::vector<std::string> kPlans = {"basic", "pro", "team"};

struct Bytes {
  int64_t journal = 0;
  int64_t tables = 0;  // including the journal's
};

class DiskBytesTest : public ::testing::Test {
 protected:
  void Sent(size_t bytes) {
    sent_ += static_cast<int64_t>(bytes);
    ++calls_;
  }
  static size_t SizeOf(const Labels& labels) {
    size_t bytes = 0;
    for (const auto& [key, value] : labels) bytes += key.size() + value.size();
    return bytes;
  }
  size_t SizeOf(const CustomerFields& fields) {
    metadata_sent_ += static_cast<int64_t>(SizeOf(fields.metadata.value_or(Labels())));
    return fields.id.value_or("").size() + fields.email.value_or("").size() +
           fields.name.value_or("").size() + fields.time_zone.value_or("").size() +
           SizeOf(fields.metadata.value_or(Labels()));
  }
  RequestRef NextRequest() {
    const std::string id = "request-" + std::to_string(calls_);
    return {.id = id, .fingerprint = std::string(32, 'f')};
  }
  Labels MaximalMetadata() {
    Labels labels;
    for (int i = 0; i < kMetadataMax; ++i) {
      std::string key = "key-" + std::to_string(i);
      key.resize(kMetadataKeyMax, 'k');
      labels[key] = std::string(kMetadataValueMax, static_cast<char>('a' + random_.Between(0, 25)));
    }
    return labels;
  }

  static std::string FeatureName(int number) { return "feature-" + std::to_string(number); }
  const std::string& AnyCustomer() {
    return customers_[static_cast<size_t>(
        random_.Between(0, static_cast<int64_t>(customers_.size()) - 1))];
  }

  CatalogSpec NewCatalog(const std::string& name) {
    std::vector<std::string> tiers;
    for (int i = 1; i < kTiers; ++i) {
      tiers.push_back(std::to_string(10 * i) + ": " + std::to_string(1000 - i));
    }
    tiers.emplace_back(": 1");
    std::vector<PlanSpec> plans;
    for (const std::string& slug : kPlans) {
      std::vector<PlanFeatureSpec> features;
      for (int i = 0; i < kFeatures; ++i) {
        features.push_back(Graduated(FeatureName(i), "0", tiers));
      }
      plans.push_back(PlanOf(slug, std::move(features)));
      plans.back().name = name;
    }
    return CatalogOf(std::move(plans));
  }
  void Sync(const std::string& name) {
    CatalogSpec spec = NewCatalog(name);
    size_t bytes = 0;
    for (const FeatureSpec& feature : spec.features) bytes += 2 * feature.slug.size();
    for (const PlanSpec& plan : spec.plans) {
      bytes += plan.slug.size() + name.size();
      // A tier has a bound and a price as texts, and their tags.
      bytes += plan.features.size() * (FeatureName(0).size() + kTiers * size_t{13});
    }
    Sent(bytes);
    spec.request = NextRequest();
    Must(ledger_.Sync(std::move(spec)));
  }
  void SyncOne() {
    CatalogSpec spec;
    spec.features.push_back({.slug = FeatureName(0), .unit = std::to_string(calls_)});
    Sent(2 * spec.features[0].slug.size());
    spec.request = NextRequest();
    Must(ledger_.Sync(std::move(spec)));
  }

  void Create() {
    const std::string id = "customer-" + std::to_string(customers_.size());
    CustomerFields fields{.id = id, .email = id + "@acme.example", .metadata = MaximalMetadata()};
    Sent(SizeOf(fields));
    Must(ledger_.Create(fields, NextRequest()));
    customers_.push_back(id);
    Subscribe(id);
  }
  void Update() {
    CustomerFields fields;
    const int64_t dice = random_.Between(1, 10);
    if (dice <= 7) fields.spend_cap = random_.Between(1'000'000'000, 2'000'000'000);
    if (dice == 8) fields.name = "name " + std::to_string(calls_);
    if (dice == 9) fields.time_zone = calls_ % 2 == 0 ? "Africa/Lagos" : "Europe/Berlin";
    if (dice == 10) fields.metadata = MaximalMetadata();
    Sent(SizeOf(fields) + sizeof(int64_t));
    Must(ledger_.Update(AnyCustomer(), fields, NextRequest()));
  }
  void Subscribe(const std::string& customer) {
    SubscribeParams params{.customer = customer,
                           .plan = kPlans[static_cast<size_t>(calls_) % kPlans.size()],
                           .metadata = MaximalMetadata(),
                           .request = NextRequest()};
    const size_t metadata = SizeOf(params.metadata);
    metadata_sent_ += static_cast<int64_t>(metadata);
    Sent(params.customer.size() + params.plan.size() + metadata);
    Must(ledger_.Subscribe(params));
  }
  void Cancel() {
    const std::string& customer = AnyCustomer();
    Sent(customer.size());
    Must(ledger_.Cancel({.customer = customer, .request = NextRequest()}));
    ledger_.Advance(absl::Seconds(1));
    Sent(customer.size());
    Must(ledger_.Subscribe(
        {.customer = customer, .plan = kPlans[0], .metadata = {}, .request = NextRequest()}));
  }
  void Track() {
    const std::string& customer = AnyCustomer();
    std::vector<UsageEvent> events;
    size_t bytes = 0;
    for (int i = 0; i < kFeatures; ++i) {
      UsageEvent event = EventOf(customer, FeatureName(i), std::to_string(random_.Between(1, 500)));
      event.SetId("event-" + std::to_string(++events_));
      if (random_.OneIn(4)) event.properties = std::string(100, 'p');
      bytes += event.customer.size() + event.feature.size() + 3 + event.id_text.size() +
               event.properties.size();
      events.push_back(std::move(event));
    }
    Sent(bytes);
    Must(ledger_.Track(std::move(events)));
  }
  void Invoice() {
    InvoiceParams params{
        .customer = AnyCustomer(), .draft = random_.OneIn(2), .request = NextRequest()};
    Labels metadata;
    if (random_.OneIn(3)) metadata = MaximalMetadata();
    params.notes = NotesOf(metadata);
    Sent(params.customer.size() + SizeOf(metadata));
    const auto made = ledger_.Invoice(params);
    if (!made.ok()) return;  // nothing to bill
    made_ += static_cast<int64_t>(ledger_.StoredRow(made->value.record.id()).size());
    open_.push_back(made->value.record);
  }
  void UpdateInvoice() {
    if (open_.empty()) return;
    const auto at = static_cast<size_t>(random_.Between(0, static_cast<int64_t>(open_.size()) - 1));
    const std::string reference = "reference " + std::to_string(calls_);
    Sent(open_[at].id().size() + reference.size());
    InvoiceRecord& invoice = open_[at];
    if (random_.OneIn(3)) {
      Must(ledger_.Void(invoice, reference, NextRequest()));
      open_.erase(open_.begin() + static_cast<int64_t>(at));
    } else if (invoice.status() == storage::INVOICE_STATUS_RECORD_DRAFT) {
      invoice = Must(ledger_.Finalize(invoice, NextRequest())).value.record;
    } else {
      Must(ledger_.Pay(invoice, reference, NextRequest()));
      open_.erase(open_.begin() + static_cast<int64_t>(at));
    }
  }

  void Step() {
    ledger_.Advance(absl::Seconds(1));
    const int64_t dice = random_.Between(1, 100);
    if (customers_.size() < 3) return Create();
    if (dice <= 30) return Update();
    if (dice <= 50) return Subscribe(AnyCustomer());
    if (dice <= 58) return Cancel();
    if (dice <= 66) return Track();
    if (dice <= 76) return Invoice();
    if (dice <= 92) return UpdateInvoice();
    if (dice <= 98) return SyncOne();
    Sync("name " + std::to_string(calls_));
  }

  // Compacts first, so that overwritten rows do not count.
  Bytes OnDisk() {
    Bytes bytes;
    ledger_.Damage([&bytes](const storage::Database& database, rocksdb::WriteBatch& /*none*/) {
      rocksdb::CompactRangeOptions options;
      options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
      for (size_t i = 0; i < storage::kColumnFamilyNames.size(); ++i) {
        auto* const handle = database.handle(static_cast<ColumnFamily>(i));
        ASSERT_TRUE(database.db().CompactRange(options, handle, nullptr, nullptr).ok());
      }
      std::vector<rocksdb::LiveFileMetaData> files;
      database.db().GetLiveFilesMetaData(&files);
      for (const auto& file : files) {
        bytes.tables += static_cast<int64_t>(file.size);
        if (file.column_family_name ==
            storage::kColumnFamilyNames[static_cast<size_t>(ColumnFamily::kJournal)]) {
          bytes.journal += static_cast<int64_t>(file.size);
        }
      }
    });
    return bytes;
  }

  void ExpectBounded() {
    const Bytes bytes = OnDisk();
    const int64_t constant =
        kBytesPerCall * calls_ + kBytesPerEvent * static_cast<int64_t>(events_);
    std::cout << calls_ << " calls and " << events_ << " events sent " << sent_
              << " bytes and made " << made_ << " of invoices; on disk " << bytes.tables
              << ", of the journal " << bytes.journal << ", bound "
              << kFactor * (sent_ + made_) + constant + kBytesOfNothing << "\n";
    EXPECT_LE(bytes.tables, kFactor * (sent_ + made_) + constant + kBytesOfNothing);
    EXPECT_GE(4 * bytes.tables, sent_) << "little was written: this bounds nothing";
    // The journal contains no metadata of customers and subscriptions.
    EXPECT_LE(bytes.journal, sent_ - metadata_sent_ + made_ + constant / 4 + kBytesOfNothing);
  }

  Random random_;
  TestLedger ledger_;
  int64_t sent_ = 0;
  int64_t metadata_sent_ = 0;  // of customers and subscriptions
  int64_t made_ = 0;
  int64_t calls_ = 0;
  uint64_t events_ = 0;
  std::vector<std::string> customers_;
  std::vector<InvoiceRecord> open_;  // drafts, and invoices that can be paid
};

TEST_F(DiskBytesTest, FollowWhatWasSentInARandomLife) {
  Sync("first");
  const int steps = IsLongRun() ? 3000 : 300;
  for (int step = 0; step < steps && !HasFatalFailure(); ++step) Step();
  ExpectBounded();
  const storage::VerifyReport report = ledger_.Verify();
  EXPECT_EQ(report.differences(), 0) << report.ToString();
}

// The fewest calls that change each part of something large.
TEST_F(DiskBytesTest, OfASmallChangeOfALargeCustomerAreFew) {
  Sync("first");
  Create();
  for (int i = 0; i < 40; ++i) {
    ledger_.Advance(absl::Seconds(1));
    Subscribe(customers_[0]);
  }
  const Bytes before = OnDisk();
  for (int i = 0; i < 100; ++i) {
    ledger_.Advance(absl::Seconds(1));
    Must(ledger_.Update(customers_[0], {.spend_cap = 1'000'000 + i}));
  }
  const Bytes after = OnDisk();
  EXPECT_LE(after.journal - before.journal, 100 * 128);
  EXPECT_LE(after.tables - before.tables, 100 * 128 + (16 << 10));
}

TEST_F(DiskBytesTest, OfWhatBecomesOfALargeInvoiceAreFew) {
  Sync("first");
  Create();
  for (int i = 0; i < 20; ++i) {
    Track();
    ledger_.Advance(absl::Seconds(1));
  }
  const Bytes empty = OnDisk();
  const auto made = Must(ledger_.Invoice({.customer = customers_[0], .draft = true}));
  const Bytes before = OnDisk();
  const auto row = static_cast<int64_t>(ledger_.StoredRow(made.value.record.id()).size());
  ASSERT_GE(row, 50'000);
  EXPECT_GE(before.journal - empty.journal, row);
  const InvoiceRecord open = Must(ledger_.Finalize(made.value.record)).value.record;
  Must(ledger_.Pay(open, "reference"));
  const Bytes after = OnDisk();
  EXPECT_LE(after.journal - before.journal, 1024);
  EXPECT_LE(after.tables - before.tables, 4096);
}

}  // namespace
}  // namespace owo::ledger
