// The server on a real disk that is full: it refuses to write and says why, goes on reading, and
// writes again when there is space, without a restart.

#include <gtest/gtest.h>

#include <optional>
#include <set>

#include "absl/strings/str_cat.h"
#include "client/cpp/errors.h"
#include "tests/end_to_end/metered_customer.h"
#include "tests/end_to_end/server_process.h"
#include "tests/support/loop_disk.h"

namespace owo {
namespace {

constexpr int64_t kMib = 1 << 20;
constexpr int64_t kAlmostNothing = 256 << 10;
constexpr size_t kFullDiskBatch = 500;
constexpr int kBatchesMax = 200;
constexpr size_t kPropertySize = 200;  // so that the disk is soon full

using Ids = std::vector<std::string>;

class FullDiskTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string why_not;
    disk_ = LoopDisk::Make({.mib = 32}, why_not);
    if (disk_ == nullptr) GTEST_SKIP() << why_not;
    data_dir_ = disk_->path() + "/data";
    server_.emplace(data_dir_);
    AddMeteredCustomer(Patient());
  }

  // Says what becomes of a call at the first try.
  Owostack Client() const {
    return Owostack({.endpoint = server_->endpoint(), .retry = {.attempts_max = 1}});
  }
  // Repeats it as the server asks.
  Owostack Patient() const { return Owostack({.endpoint = server_->endpoint()}); }

  Ids NewIds() {
    Ids ids;
    while (ids.size() < kFullDiskBatch) ids.push_back(absl::StrCat("e", next_++));
    return ids;
  }

  absl::Status TrackNew(const Owostack& owo) {
    const Ids ids = NewIds();
    TrackBatchParams batch = Calls(ids);
    for (TrackParams& event : batch.events) {
      event.properties = {{"note", std::string(kPropertySize, 'x')}};
    }
    const auto result = owo.track_batch(batch);
    EXPECT_TRUE(!result.ok() || result->recorded == ids.size());
    (result.ok() ? acknowledged_ : unknown_).insert(ids.begin(), ids.end());
    return result.status();
  }

  // Fills the disk with events.
  void TrackUntilRefused() {
    const Owostack owo = Client();
    for (int i = 0; i < kBatchesMax; ++i) {
      const absl::Status status = TrackNew(owo);
      if (ErrorReason(status) == "DISK_FULL") return;
      // Of what met the full disk nobody knows what became of it.
      ASSERT_TRUE(status.ok() || ErrorReason(status) == "STORE_UNAVAILABLE") << status;
    }
    FAIL() << "the disk does not become full: " << disk_->Free() << " bytes are left";
  }

  void ExpectRefused(const absl::Status& status) {
    EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
    EXPECT_EQ(ErrorReason(status), "DISK_FULL") << status;
  }

  void ExpectReads(size_t invoices) {
    const Owostack owo = Client();
    const auto usage = owo.billing.usage({.customer = kCustomer});
    ASSERT_TRUE(usage.ok()) << usage.status();
    EXPECT_EQ(usage->total_estimated + invoiced_,
              kCallPrice * static_cast<int64_t>(acknowledged_.size()));
    const auto listed = owo.billing.invoices({.customer = kCustomer});
    ASSERT_TRUE(listed.ok()) << listed.status();
    EXPECT_EQ(listed->invoices.size(), invoices);
    const ProgramRun health =
        RunProgram({OWO_SERVER, "health", "--endpoint=" + server_->endpoint()});
    EXPECT_EQ(health.exit_status, 0) << health.output;
  }

  // How many of these had been counted; now all are.
  size_t TrackAgain(const std::set<std::string>& ids) {
    const Owostack owo = Patient();
    size_t duplicates = 0;
    for (auto at = ids.begin(); at != ids.end();) {
      Ids some;
      while (at != ids.end() && some.size() < kFullDiskBatch) some.push_back(*at++);
      const auto result = owo.track_batch(Calls(some));
      EXPECT_TRUE(result.ok()) << result.status();
      if (result.ok()) duplicates += result->duplicates;
    }
    return duplicates;
  }

  void Invoice() {
    const auto made = Patient().billing.invoice({.customer = kCustomer});
    ASSERT_TRUE(made.ok()) << made.status();
    invoiced_ += made->invoice.total;
  }

  std::unique_ptr<LoopDisk> disk_;
  std::string data_dir_;
  std::optional<ServerProcess> server_;
  int next_ = 0;
  int64_t invoiced_ = 0;
  std::set<std::string> acknowledged_;
  std::set<std::string> unknown_;  // not answered with success
};

TEST_F(FullDiskTest, RefusesToWriteWithAReasonAndGoesOnWhenThereIsSpace) {
  size_t invoices = 0;
  // Little space is enough, even if not for long.
  for (const int64_t space : {20 * kMib, 3 * kMib, 20 * kMib}) {
    ASSERT_TRUE(TrackNew(Patient()).ok());
    ASSERT_NO_FATAL_FAILURE(Invoice());
    ++invoices;
    disk_->LeaveFree(kAlmostNothing);
    ASSERT_NO_FATAL_FAILURE(TrackUntilRefused());
    ExpectRefused(TrackNew(Client()));
    ExpectRefused(Client().billing.invoice({.customer = kCustomer}).status());
    ExpectRefused(Client().customers.create({.id = "late"}).status());
    ExpectReads(invoices);

    disk_->LeaveFree(space);
    EXPECT_EQ(TrackAgain(acknowledged_), acknowledged_.size()) << "acknowledged events are lost";
    TrackAgain(unknown_);
    acknowledged_.merge(unknown_);
    unknown_.clear();
    ExpectReads(invoices);
    if (HasFailure()) FAIL() << "with " << space << " bytes free";
  }
  EXPECT_EQ(server_->Stop(), 0);
  const ProgramRun verify = RunProgram({OWO_SERVER, "verify", "--data_dir=" + data_dir_});
  EXPECT_EQ(verify.exit_status, 0) << verify.output;
}

TEST_F(FullDiskTest, StopsWellWhileItIsFullAndGoesOnAtTheNextStart) {
  disk_->LeaveFree(kAlmostNothing);
  ASSERT_NO_FATAL_FAILURE(TrackUntilRefused());
  EXPECT_EQ(server_->Stop(), 0);
  disk_->LeaveFree(20 * kMib);
  server_.emplace(data_dir_);
  EXPECT_EQ(TrackAgain(acknowledged_), acknowledged_.size()) << "acknowledged events are lost";
}

}  // namespace
}  // namespace owo
