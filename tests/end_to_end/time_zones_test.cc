// Without a time zone database the server does not start, and says what is missing.

#include <gmock/gmock.h>

#include <filesystem>

#include "tests/end_to_end/metered_customer.h"
#include "tests/end_to_end/server_process.h"
#include "tests/support/temp_dir.h"

namespace owo {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(TimeZonesTest, WithoutADatabaseOfThemTheServerRefusesToStart) {
  const TempDir dir;
  const std::string zones = dir.path() + "/zones";
  ASSERT_TRUE(std::filesystem::create_directory(zones));
  const std::string data = dir.path() + "/data";
  const ProgramRun run = RunRefusedServer({"--listen=127.0.0.1:0", "--data_dir=" + data},
                                          {"/usr/bin/env", "TZDIR=" + zones});
  EXPECT_EQ(run.exit_status, 1) << run.output;
  EXPECT_THAT(run.output, AllOf(HasSubstr("install tzdata"), HasSubstr(zones)));
  EXPECT_FALSE(std::filesystem::exists(data)) << "it is said before anything is made";
}

TEST(TimeZonesTest, AZoneThatIsRefusedIsNotTheExample) {
  const TempDir dir;
  const ServerProcess server(dir.path());
  const Owostack owo({.endpoint = server.endpoint()});
  const auto unknown = owo.customers.create({.id = "a", .time_zone = "Mars/Olympus"});
  EXPECT_TRUE(absl::IsInvalidArgument(unknown.status())) << unknown.status();
  EXPECT_THAT(std::string(unknown.status().message()), HasSubstr("Africa/Lagos"));
  EXPECT_TRUE(owo.customers.create({.id = "a", .time_zone = "Africa/Lagos"}).ok());
}

}  // namespace
}  // namespace owo
