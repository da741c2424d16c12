#include "service/rating/zone.h"

#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "tests/support/temp_dir.h"

namespace owo::rating {
namespace {

TEST(LoadZoneTest, TakesNamesOfTheIanaDatabase) {
  for (const char* name : {"UTC", "Africa/Lagos", "America/Port-au-Prince", "Etc/GMT+12", "NZ-CHAT",
                           "America/Argentina/Buenos_Aires", "Africa/Dar_es_Salaam", "EST5EDT"}) {
    EXPECT_TRUE(LoadZone(name).ok()) << name;
    EXPECT_EQ(LoadZone(name)->name(), name);
  }
}

TEST(LoadZoneTest, RefusesEverythingElse) {
  for (const std::string name : {"",
                                 "Mars/Olympus",
                                 "utc",
                                 "africa/lagos",
                                 "Africa",
                                 "Africa/",
                                 "/Africa/Lagos",
                                 "localtime",
                                 "posix/UTC",
                                 "right/UTC",
                                 "posixrules",
                                 "tzdata.zi",
                                 "Africa//Lagos",
                                 "Africa/../UTC",
                                 "../../../etc/passwd",
                                 "/etc/localtime",
                                 "file:/etc/localtime",
                                 "Fixed/UTC+05:30:00",
                                 "+05:30",
                                 "UTC ",
                                 " UTC",
                                 "UTC\n",
                                 "Africa/Lagos\xff"}) {
    EXPECT_EQ(LoadZone(name).status().code(), absl::StatusCode::kInvalidArgument) << name;
  }
  EXPECT_FALSE(LoadZone(std::string_view("UTC\0", 4)).ok());
  EXPECT_LT(LoadZone(std::string(100'000, 'U')).status().message().size(), 300u);
}

// A refused name is accepted once the database has it. Refused names are not cached, because
// callers could send any number of them.
TEST(LoadZoneTest, ForgetsWhatItRefused) {
  const TempDir database;
  const std::filesystem::path mars = std::filesystem::path(database.path()) / "Mars";
  ASSERT_TRUE(std::filesystem::create_directory(mars));
  ASSERT_EQ(setenv("TZDIR", database.path().c_str(), 1), 0);
  EXPECT_FALSE(LoadZone("Mars/Gale_Crater").ok());
  std::filesystem::copy_file("/usr/share/zoneinfo/Africa/Lagos", mars / "Gale_Crater");
  EXPECT_TRUE(LoadZone("Mars/Gale_Crater").ok());
  unsetenv("TZDIR");
}

// The example in the message is a zone that would be accepted.
TEST(LoadZoneTest, DoesNotNameAsExampleWhatItRefuses) {
  const auto message = [](std::string_view name) {
    return std::string(LoadZone(name).status().message());
  };
  EXPECT_NE(message("Mars/Gale_Crater").find("such as \"Africa/Lagos\""), std::string::npos);
  EXPECT_TRUE(CheckZoneDatabase().ok());
  const TempDir nothing;
  ASSERT_EQ(setenv("TZDIR", nothing.path().c_str(), 1), 0);
  const std::string refused = message("Africa/Lagos");
  const absl::Status database = CheckZoneDatabase();
  unsetenv("TZDIR");
  EXPECT_NE(refused.find("such as \"UTC\""), std::string::npos) << refused;
  EXPECT_EQ(database.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(database.message().find("install tzdata"), absl::string_view::npos) << database;
}

TEST(ZonesTest, BeginWithTheFirstAndEndWithTheCurrent) {
  const absl::TimeZone lagos = LoadZone("Africa/Lagos").value();
  EXPECT_EQ(Zones().current(), absl::UTCTimeZone());
  Zones zones;
  zones.ChangeTo(lagos, absl::UnixEpoch());
  ASSERT_EQ(zones.history().size(), 2u);
  EXPECT_EQ(zones.history()[0].since, absl::InfinitePast());
  EXPECT_EQ(zones.history()[1].since, absl::UnixEpoch());
  EXPECT_EQ(zones.current(), lagos);
}

TEST(ZonesDeathTest, ChangesOutOfOrderAbort) {
  Zones zones;
  zones.ChangeTo(absl::UTCTimeZone(), absl::UnixEpoch());
  EXPECT_DEATH(zones.ChangeTo(absl::UTCTimeZone(), absl::UnixEpoch() - absl::Seconds(1)),
               "order of time");
  EXPECT_DEATH(zones.ChangeTo(absl::UTCTimeZone(), absl::InfiniteFuture()), "finite");
}

}  // namespace
}  // namespace owo::rating
