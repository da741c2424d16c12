// A store of the former version, with complete contracts, invoices and metadata in its journal and
// rows: it opens, replays and verifies. A customer's rows are split by the next change of that
// customer.

#include "tests/storage/rocksdb/former_version.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/ascii.h"
#include "absl/time/clock.h"
#include "storage/rocksdb/commit/replay.h"
#include "storage/rocksdb/format/keys.h"
#include "storage/rocksdb/open.h"
#include "storage/rocksdb/verify/verify.h"
#include "tests/storage/rocksdb/workload.h"
#include "tests/support/archiving.h"
#include "tests/support/faulty_disk.h"
#include "tests/support/rows.h"

namespace owo::storage {
namespace {

using google::protobuf::util::MessageDifferencer;

constexpr TenantId kTenants[] = {TenantId{1}, TenantId{2}};

class FormerVersionTest : public ::testing::Test {
 protected:
  OpenOptions Opening() { return {.data_dir = "/data", .cached_max = 30, .env = disk_.env()}; }

  // Runs a workload, and rewrites the result as the former version would have left it. Unless
  // `killed`, all rows are flushed.
  void LiveFormerly(bool killed = false) {
    {
      Workload workload;
      auto store = OpenRocksStore(Opening());
      ASSERT_TRUE(store.ok()) << store.status();
      for (int i = 0; i < 400; ++i) workload.Step(**store, random_);
      customers_ = ReadAll(**store);
      if (killed) disk_.CutPowerAfter(0);
    }
    if (killed) disk_.RestorePower(random_);
    const auto database = OpenDatabase("/data", disk_.env());
    MakeFormer(*database);
    const auto contracts = RowsOf(*database, ColumnFamily::kCustomers);
    ASSERT_TRUE(std::none_of(contracts.begin(), contracts.end(), [](const auto& row) {
      return row.first.substr(8, 2) == "73" || row.first.substr(8, 2) == "6d";
    }));
    const auto chunks = RowsOf(*database, ColumnFamily::kUsageEvents);
    ASSERT_FALSE(chunks.empty());
    for (const auto& [key, value] : chunks) ASSERT_NE(value.front(), '\0') << key;
  }

  static std::vector<Customer> ReadAll(const Store& store) {
    std::vector<Customer> all;
    for (const TenantId tenant : kTenants) {
      const auto customers = store.ListCustomers(kReadAll, tenant, {});
      EXPECT_TRUE(customers.ok()) << customers.status();
      if (!customers.ok()) continue;
      for (const Customer& listed : customers->customers) {
        const CustomerNo number{listed.record.number()};
        auto customer = store.ReadCustomer(kReadAll, tenant, number);
        EXPECT_TRUE(customer.ok()) << customer.status();
        if (!customer.ok()) continue;
        ExpectSameParts(store, tenant, listed, *customer);
        all.push_back(*std::move(customer));
      }
    }
    return all;
  }

  // What is read of a part of a customer is what is read of the whole.
  static void ExpectSameParts(const Store& store, TenantId tenant, const Customer& listed,
                              const Customer& whole) {
    const CustomerNo number{whole.record.number()};
    EXPECT_TRUE(MessageDifferencer::Equals(listed.record, whole.record));
    EXPECT_TRUE(listed.contract.subscriptions().empty());
    const auto bare = store.ReadCustomer(kReadAll, tenant, number, {.metadata = false});
    ASSERT_TRUE(bare.ok()) << bare.status();
    EXPECT_TRUE(bare->record.metadata().empty());
    ASSERT_EQ(bare->contract.subscriptions_size(), whole.contract.subscriptions_size());
    for (int i = 0; i < whole.contract.subscriptions_size(); ++i) {
      SubscriptionRecord subscription = bare->contract.subscriptions(i);
      EXPECT_TRUE(subscription.metadata().empty());
      const auto row = store.ReadMetadata(kReadAll, tenant, number, subscription.number());
      ASSERT_TRUE(row.ok()) << row.status();
      *subscription.mutable_metadata() = row->metadata();
      EXPECT_TRUE(MessageDifferencer::Equals(subscription, whole.contract.subscriptions(i)));
    }
  }

  static void ExpectSame(const std::vector<Customer>& a, const std::vector<Customer>& b) {
    ASSERT_EQ(a.size(), b.size());
    size_t with_metadata = 0;
    for (size_t i = 0; i < a.size(); ++i) {
      EXPECT_TRUE(MessageDifferencer::Equals(a[i].record, b[i].record))
          << a[i].record.ShortDebugString() << "\n"
          << b[i].record.ShortDebugString();
      EXPECT_TRUE(MessageDifferencer::Equals(a[i].contract, b[i].contract))
          << a[i].contract.ShortDebugString() << "\n"
          << b[i].contract.ShortDebugString();
      for (const auto& subscription : a[i].contract.subscriptions()) {
        with_metadata += subscription.metadata().size();
      }
    }
    EXPECT_GT(with_metadata, 0);
  }

  void ExpectSound() {
    const auto report = VerifyRocksStore({.data_dir = "/data", .env = disk_.env()}, nullptr);
    ASSERT_TRUE(report.ok()) << report.status();
    EXPECT_EQ(report->differences(), 0) << report->ToString();
  }

  // Sets a cap for every second customer, and an end of the first subscription for every fourth.
  void ChangeSome() {
    auto store = OpenRocksStore(Opening());
    ASSERT_TRUE(store.ok()) << store.status();
    size_t at = 0;
    for (const TenantId tenant : kTenants) {
      const auto customers = (*store)->ListCustomers(kReadAll, tenant, {});
      ASSERT_TRUE(customers.ok()) << customers.status();
      for (size_t i = 0; i < customers->customers.size(); ++i, ++at) {
        if (i % 2 == 0) continue;
        Customer& kept = customers_[at];
        kept.contract.set_spend_cap(77);
        if (i % 4 == 1 && !kept.contract.subscriptions().empty()) {
          kept.contract.mutable_subscriptions(0)->set_end_us(kNow + 1);
        }
        const auto put =
            Commit(**store, {.tenant = tenant, .change = PutCustomer{kept.record, kept.contract}});
        ASSERT_TRUE(put.ok() && put->code == MutationCode::kCommitted) << put.status();
        kept.contract.set_generation(kept.contract.generation() + 1);
      }
    }
    ExpectSame(ReadAll(**store), customers_);
  }

  std::vector<Customer> ReadAgain() {
    auto store = OpenRocksStore(Opening());
    EXPECT_TRUE(store.ok()) << store.status();
    return store.ok() ? ReadAll(**store) : std::vector<Customer>();
  }

  Random random_;
  FaultyDisk disk_;
  std::vector<Customer> customers_;  // by tenant and id
};

TEST_F(FormerVersionTest, IsReadAndVerifiedAsItIs) {
  LiveFormerly();
  ExpectSame(ReadAgain(), customers_);
  ExpectSound();
  const auto database = OpenDatabase("/data", disk_.env());
  const auto format = database->Get(ColumnFamily::kMeta, keys::kFormat);
  ASSERT_TRUE(format.ok());
  EXPECT_EQ(*format, kFormerFormat);  // opening does not change the format
}

TEST_F(FormerVersionTest, IsSplitWhereItChanges) {
  LiveFormerly();
  ChangeSome();
  ExpectSame(ReadAgain(), customers_);
  ExpectSound();
  ChangeSome();
  ExpectSound();
  const auto database = OpenDatabase("/data", disk_.env());
  const auto format = database->Get(ColumnFamily::kMeta, keys::kFormat);
  ASSERT_TRUE(format.ok());
  EXPECT_EQ(*format, kFormatVersion);
}

TEST_F(FormerVersionTest, IsReplayedAfterAKill) {
  LiveFormerly(/*killed=*/true);
  ExpectSame(ReadAgain(), customers_);
  ExpectSound();
  {
    // The replay writes rows of this version, so the former one must refuse to read them.
    const auto database = OpenDatabase("/data", disk_.env());
    const auto format = database->Get(ColumnFamily::kMeta, keys::kFormat);
    ASSERT_TRUE(format.ok());
    EXPECT_EQ(*format, kFormatVersion);
  }
  ChangeSome();
  ExpectSound();
}

// A store of format 5 may lack the rows that find its ids whatever their case. So many ids take
// several writes.
TEST_F(FormerVersionTest, AnIdOfAnEarlierVersionIsNoOthersEmailWhateverTheirCases) {
  constexpr uint64_t kIds = 20'000;
  const std::string padding(100, 'X');
  const auto name = [&](uint64_t i) {
    return "Ada" + std::to_string(i) + padding + "@Example.com";
  };
  for (const std::string_view format : {kFormerFormat, kFormerIdsFormat}) {
    const FaultyDisk disk;
    OpenOptions options{.data_dir = "/data", .env = disk.env()};
    {
      const auto store = OpenRocksStore(options);
      ASSERT_TRUE(store.ok()) << store.status();
      for (const TenantId tenant : kTenants) AddSubject(**store, "acme", tenant);
    }
    {
      const auto database = OpenDatabase("/data", disk.env());
      rocksdb::WriteBatch batch;
      for (const TenantId tenant : kTenants) {
        for (uint64_t i = 100; i < kIds; ++i) {
          batch.Put(database->handle(ColumnFamily::kCustomers), keys::CustomerId(tenant, name(i)),
                    keys::CustomerValue(CustomerNo{i}));
        }
      }
      batch.Put(ToSlice(keys::kFormat), ToSlice(format));
      ASSERT_TRUE(database->Write(batch).ok());
    }
    for (int opening = 0; opening < 2; ++opening) {
      const auto store = OpenRocksStore(options);
      ASSERT_TRUE(store.ok()) << store.status();
      for (const TenantId tenant : kTenants) {
        for (const uint64_t i : {uint64_t{100}, kIds / 2, kIds - 1}) {
          const auto put = Commit(
              **store,
              {.tenant = tenant, .change = NewCustomer("bob", absl::AsciiStrToLower(name(i)))});
          ASSERT_TRUE(put.ok()) << put.status();
          EXPECT_EQ(put->code, MutationCode::kExists) << i;
        }
      }
    }
    const auto database = OpenDatabase("/data", disk.env());
    const auto now = database->Get(ColumnFamily::kMeta, keys::kFormat);
    ASSERT_TRUE(now.ok());
    EXPECT_EQ(*now, kFormatVersion);  // so that the next opening does not read all ids
  }
}

// The archive has rows of this version, so the former one must refuse to read the store.
TEST_F(FormerVersionTest, IsOfThisVersionOnceItHasAnArchive) {
  LiveFormerly();
  const auto format = [this](const std::string& data_dir) {
    const auto read = OpenDatabase(data_dir, disk_.env())->Get(ColumnFamily::kMeta, keys::kFormat);
    return read.ok() && read->has_value() ? **read : std::string();
  };
  ASSERT_EQ(format("/data"), kFormerFormat);
  ArchiveAll(Opening(), kNow, /*age=*/10'000 * kDay);  // nothing is that old
  EXPECT_EQ(format("/data"), kFormatVersion);
  EXPECT_EQ(format("/data/sealed"), kFormatVersion);

  // An archive that the former version made.
  {
    const auto archive = OpenDatabase("/data/sealed", disk_.env());
    rocksdb::WriteBatch batch;
    batch.Put(ToSlice(keys::kFormat), ToSlice(kFormerFormat));
    ASSERT_TRUE(archive->Write(batch).ok());
  }
  ArchiveAll(Opening(), absl::ToUnixMicros(absl::Now()) + 1000 * kDay, kDay);
  EXPECT_EQ(format("/data/sealed"), kFormatVersion);
  ExpectSound();
}

TEST_F(FormerVersionTest, ReplaysToTheRowsThatAreThere) {
  LiveFormerly();
  ChangeSome();
  const auto source = OpenDatabase("/data", disk_.env());
  const FaultyDisk other;
  const auto target = OpenDatabase("/data", other.env());
  ASSERT_TRUE(ReplayJournal(*source, *target).ok());
  const auto expected = ReplayedRows(*source);
  auto replayed = ReplayedRows(*target);
  EXPECT_EQ(replayed.at("customers"), expected.at("customers"));
  EXPECT_EQ(replayed.at("invoices"), expected.at("invoices"));
  EXPECT_EQ(replayed.at("usage"), expected.at("usage"));
}

}  // namespace
}  // namespace owo::storage
