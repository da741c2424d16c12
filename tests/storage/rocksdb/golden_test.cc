// Data directories of every format that was released, as a killed server of that release left them.
// tests/storage/rocksdb/golden/make made them.

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "storage/rocksdb/backup/backup_catalog.h"
#include "storage/rocksdb/backup/restore.h"
#include "storage/rocksdb/engine/database.h"
#include "storage/rocksdb/format/keys.h"
#include "storage/rocksdb/open.h"
#include "storage/rocksdb/verify/verify.h"
#include "tests/support/invoices.h"
#include "tests/support/rows.h"
#include "tests/support/store.h"
#include "tests/support/temp_dir.h"

namespace owo::storage {
namespace {

using ::testing::SizeIs;

constexpr char kGolden[] = OWO_SOURCE_DIR "/tests/storage/rocksdb/golden";

class GoldenTest : public ::testing::TestWithParam<std::string_view> {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(Data());
    const std::string command =
        absl::StrCat("tar -xzf ", kGolden, "/format-", std::string(GetParam()), ".tgz -C ", Data());
    ASSERT_EQ(std::system(command.c_str()), 0) << command;
  }
  std::string Data() const { return dir_.path() + "/data"; }
  static std::string FormatOf(const std::string& data_dir) {
    const auto database = OpenDatabase(data_dir, nullptr);
    return database->Get(ColumnFamily::kMeta, keys::kFormat)->value_or("");
  }
  static void ExpectSound(const std::string& data_dir) {
    const auto report = VerifyRocksStore({.data_dir = data_dir}, nullptr);
    ASSERT_TRUE(report.ok()) << report.status();
    EXPECT_EQ(report->differences(), 0) << report->ToString();
  }
  static Subject Acme(Store& store) {
    const auto customer = store.FindCustomer(kReadAll, kDefaultTenant, "acme");
    EXPECT_TRUE(customer.ok() && customer->has_value()) << customer.status();
    Subject subject{.customer = customer->value_or(CustomerNo{})};
    subject.customer_generation =
        store.CustomerGeneration(kReadAll, kDefaultTenant, subject.customer).value_or(0);
    subject.catalog_generation = store.CatalogGeneration(kReadAll, kDefaultTenant).value_or(0);
    return subject;
  }

  const TempDir dir_;
};

INSTANTIATE_TEST_SUITE_P(, GoldenTest, ::testing::Values("3", "4", "5", "6"), [](const auto& info) {
  return absl::StrCat("Format", info.param.data());
});

TEST_P(GoldenTest, IsReadMigratedAndSound) {
  EXPECT_EQ(FormatOf(Data()), GetParam());
  ExpectSound(Data());
  {
    auto store = OpenRocksStore(
        {.data_dir = Data(), .backup = {.dir = dir_.path() + "/backup", .bytes_per_second = 0}});
    ASSERT_TRUE(store.ok()) << store.status();
    const Subject acme = Acme(**store);
    for (const char* const id : {"event-1", "event-2", "event-3"}) {
      EXPECT_TRUE(TrackOne(**store, acme, acme.Event(id, 10)).duplicate) << id;
    }
    EXPECT_EQ(TrackOne(**store, acme, acme.Event("new", 1)).code, TrackCode::kCounted);
    const auto invoices = MustList(**store, acme);
    ASSERT_THAT(invoices, SizeIs(3));
    EXPECT_EQ(invoices.front().status(), INVOICE_STATUS_RECORD_PAID);
    EXPECT_EQ(MustCreateInvoice(**store, acme, InvoiceId(UINT64_MAX)).sequence(), 4);
  }
  EXPECT_EQ(FormatOf(Data()), kFormatVersion);
  ExpectSound(Data());

  // The backup from before the migration has the format that the data had.
  const auto backups = ListBackups(dir_.path() + "/backup", nullptr);
  ASSERT_TRUE(backups.ok()) << backups.status();
  ASSERT_THAT(*backups, SizeIs(1));
  EXPECT_TRUE(backups->front().info.before_migration);
  const std::string restored = dir_.path() + "/restored";
  ASSERT_TRUE(
      RestoreBackup({.from = dir_.path() + "/backup", .data_dir = restored, .skip_numbers = 0})
          .ok());
  EXPECT_EQ(FormatOf(restored), GetParam());
  ExpectSound(restored);
}

}  // namespace
}  // namespace owo::storage
