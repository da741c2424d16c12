// The start and the end of an outage are reported; of many short outages, only some are.
// by one.

#include "storage/rocksdb/commit/outage_reports.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "storage/disk_full.h"

namespace owo::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class OutageReportsTest : public ::testing::Test {
 protected:
  void Full() { reports_.Full(DiskFull("x"), now_); }
  void Resumed() { reports_.Resumed({.records = 2}, now_); }
  std::vector<std::string> Said() { return std::exchange(said_, {}); }

  std::vector<std::string> said_;
  absl::Time now_ = absl::FromUnixSeconds(1'000'000);
  std::vector<bool> writable_;
  OutageReports reports_{
      {.on_writable = [this](bool is) { writable_.push_back(is); },
       .on_disk_full = [this](const absl::Status&) { said_.emplace_back("full"); },
       .on_resume =
           [this](const Resumption& resumption) {
             said_.push_back(absl::StrCat("resumed after ", absl::ToInt64Seconds(resumption.outage),
                                          " s, ", resumption.records, " records, ",
                                          resumption.unreported, " before"));
           },
       .pause = absl::Seconds(60)}};
};

TEST_F(OutageReportsTest, AnOutageIsReportedOnceHoweverOftenItIsMet) {
  for (int i = 0; i < 5; ++i) {
    Full();
    now_ += absl::Seconds(100);
  }
  EXPECT_THAT(Said(), ElementsAre("full"));
  Resumed();
  EXPECT_THAT(Said(), ElementsAre("resumed after 500 s, 2 records, 0 before"));
  Resumed();
  EXPECT_THAT(Said(), IsEmpty());
  EXPECT_THAT(writable_, ElementsAre(false, true));
}

TEST_F(OutageReportsTest, ADiskThatFlapsIsReportedInPairsOnceInAWhile) {
  std::vector<std::string> said;
  for (int second = 0; second < 600; second += 2) {
    Full();
    now_ += absl::Seconds(1);
    Resumed();
    now_ += absl::Seconds(1);
  }
  said = Said();
  ASSERT_EQ(said.size(), 20);
  for (size_t i = 0; i < said.size(); i += 2) {
    EXPECT_EQ(said[i], "full");
    EXPECT_EQ(said[i + 1],
              absl::StrCat("resumed after 1 s, 2 records, ", i == 0 ? 0 : 29, " before"));
  }
  // What is writable is told each time.
  ASSERT_EQ(writable_.size(), 600);
  for (size_t i = 0; i < writable_.size(); ++i) EXPECT_EQ(writable_[i], i % 2 == 1);
}

TEST_F(OutageReportsTest, AnOutageThatLastsIsReportedEvenSoonAfterAnother) {
  Full();
  Resumed();
  Said();
  now_ += absl::Seconds(1);
  Full();
  EXPECT_THAT(Said(), IsEmpty());
  now_ += absl::Seconds(58);
  Full();
  EXPECT_THAT(Said(), IsEmpty());
  now_ += absl::Seconds(1);
  Full();
  EXPECT_THAT(Said(), ElementsAre("full"));
  Resumed();
  EXPECT_THAT(Said(), ElementsAre("resumed after 59 s, 2 records, 0 before"));
}

}  // namespace
}  // namespace owo::storage
