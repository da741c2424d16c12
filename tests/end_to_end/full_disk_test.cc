// The server on a real disk that is full: it refuses writes with a reason, continues to serve
// reads, and accepts writes again without a restart when there is space.

#include <gmock/gmock.h>

#include <algorithm>
#include <optional>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client/cpp/errors.h"
#include "tests/end_to_end/metered_customer.h"
#include "tests/end_to_end/server_process.h"
#include "tests/support/loop_disk.h"

namespace owo {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr int64_t kMib = 1 << 20;
constexpr int64_t kAlmostNothing = 256 << 10;
constexpr size_t kFullDiskBatch = 500;
constexpr int kBatchesMax = 200;
constexpr size_t kPropertySize = 200;  // large, so that the disk is full soon

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

  // A client without retries.
  Owostack Client() const {
    return Owostack({.endpoint = server_->endpoint(), .retry = {.attempts_max = 1}});
  }
  // A client that retries as the server requests.
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
      // The outcome of the batch during which the disk became full is unknown.
      ASSERT_TRUE(status.ok() || ErrorReason(status) == "STORE_UNAVAILABLE") << status;
    }
    FAIL() << "the disk does not become full: " << disk_->Free() << " bytes are left";
  }

  // Repeats need no write, so they are answered while the disk is full.
  void ExpectRepeatsAnswered() {
    const Owostack owo = Client();
    ASSERT_FALSE(acknowledged_.empty());
    const std::string& id = *acknowledged_.begin();
    const auto tracked = owo.track_now(Call(id));
    ASSERT_TRUE(tracked.ok()) << tracked.status();
    EXPECT_TRUE(tracked->duplicate && tracked->recorded);
    const auto checked = owo.check({.customer = kCustomer,
                                    .feature = "calls",
                                    .quantity = "1",
                                    .track = true,
                                    .event_id = *acknowledged_.rbegin()});
    ASSERT_TRUE(checked.ok()) << checked.status();
    EXPECT_TRUE(checked->duplicate && checked->recorded);
    Ids ids(acknowledged_.begin(), acknowledged_.end());
    ids.resize(std::min(ids.size(), kFullDiskBatch));
    const auto batch = owo.track_batch(Calls(ids));
    ASSERT_TRUE(batch.ok()) << batch.status();
    EXPECT_EQ(batch->duplicates, ids.size());
    ids.push_back("mixed in");
    ExpectRefused(owo.track_batch(Calls(ids)).status());

    const auto invoice = owo.billing.invoice({.customer = kCustomer, .request_id = request_});
    ASSERT_TRUE(invoice.ok()) << invoice.status();
    EXPECT_TRUE(invoice->replayed);
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

  // Tracks the events again. Returns how many had been counted before.
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
    request_ = absl::StrCat("invoice ", ++requests_);
    const auto made = Patient().billing.invoice({.customer = kCustomer, .request_id = request_});
    ASSERT_TRUE(made.ok()) << made.status();
    invoiced_ += made->invoice.total;
  }

  std::unique_ptr<LoopDisk> disk_;
  std::string data_dir_;
  std::optional<ServerProcess> server_;
  int next_ = 0;
  int64_t invoiced_ = 0;
  int requests_ = 0;
  std::string request_;  // of the newest invoice
  std::set<std::string> acknowledged_;
  std::set<std::string> unknown_;  // failed, so perhaps counted
};

TEST_F(FullDiskTest, RefusesToWriteWithAReasonAndGoesOnWhenThereIsSpace) {
  size_t invoices = 0;
  // A little space is enough to resume, even if only for a short time.
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
    ASSERT_NO_FATAL_FAILURE(ExpectRepeatsAnswered());

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

TEST_F(FullDiskTest, SaysInOneLineThatItIsFullAndInOneThatWritingGoesOn) {
  EXPECT_EQ(server_->Stop(), 0);
  server_.emplace(data_dir_, std::vector<std::string>(), std::vector<std::string>{"/usr/bin/env"});
  for (int round = 0; round < 2; ++round) {
    disk_->LeaveFree(kAlmostNothing);
    ASSERT_NO_FATAL_FAILURE(TrackUntilRefused());
    for (int i = 0; i < 20; ++i) ExpectRefused(TrackNew(Client()));
    disk_->LeaveFree(20 * kMib);
    ASSERT_TRUE(TrackNew(Patient()).ok());
  }
  EXPECT_EQ(server_->Stop(), 0);
  const std::vector<std::string> lines = absl::StrSplit(server_->Await().output, '\n');
  EXPECT_EQ(
      std::count_if(lines.begin(), lines.end(),
                    [](const auto& line) { return line.find("disk is full, so") != line.npos; }),
      1);
  EXPECT_EQ(std::count_if(lines.begin(), lines.end(),
                          [](const auto& line) {
                            return line.find("writing goes on outage_seconds=") != line.npos &&
                                   line.find("replayed") != line.npos;
                          }),
            1);
  EXPECT_LT(lines.size(), 20U) << absl::StrJoin(lines, "\n");
}

TEST_F(FullDiskTest, AStartWhileItIsFullServesReadsAndWritesAgainWhenThereIsSpace) {
  ASSERT_TRUE(TrackNew(Patient()).ok());
  ASSERT_NO_FATAL_FAILURE(Invoice());
  disk_->LeaveFree(kAlmostNothing);
  ASSERT_NO_FATAL_FAILURE(TrackUntilRefused());
  server_->Kill();
  disk_->LeaveFree(0);

  const ProgramRun start = RunRefusedServer({"--listen=127.0.0.1:0", "--data_dir=" + data_dir_});
  EXPECT_EQ(start.exit_status, 128 + 9) << "it serves\n" << start.output;
  EXPECT_THAT(start.output,
              StartsWith("owo-billing-server: ERROR: the disk is full, so writes are refused until "
                         "there is room error="));
  EXPECT_EQ(std::count(start.output.begin(), start.output.end(), '\n'), 2) << start.output;

  server_.emplace(data_dir_);
  // The outcome of the batch during which the disk became full is unknown.
  const auto usage = Client().billing.usage({.customer = kCustomer});
  ASSERT_TRUE(usage.ok()) << usage.status();
  const int64_t counted = (usage->total_estimated + invoiced_) / kCallPrice;
  EXPECT_GE(counted, static_cast<int64_t>(acknowledged_.size()));
  EXPECT_LE(counted, static_cast<int64_t>(acknowledged_.size() + unknown_.size()));
  ExpectRefused(TrackNew(Client()));
  ExpectRefused(Client().billing.invoice({.customer = kCustomer}).status());
  const ProgramRun health = RunProgram({OWO_SERVER, "health", "--endpoint=" + server_->endpoint()});
  EXPECT_EQ(health.exit_status, 0) << health.output;
  EXPECT_THAT(health.output, HasSubstr("refuses writes"));

  disk_->LeaveFree(20 * kMib);
  EXPECT_EQ(TrackAgain(acknowledged_), acknowledged_.size()) << "acknowledged events are lost";
  TrackAgain(unknown_);
  acknowledged_.merge(unknown_);
  ExpectReads(1);
  EXPECT_THAT(RunProgram({OWO_SERVER, "health", "--endpoint=" + server_->endpoint()}).output,
              Not(HasSubstr("refuses writes")));
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
