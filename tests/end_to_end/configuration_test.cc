// Where the server's flags come from, and what it says about itself.

#include <gmock/gmock.h>

#include <algorithm>
#include <csignal>
#include <fstream>

#include "tests/end_to_end/metered_customer.h"
#include "tests/end_to_end/server_process.h"
#include "tests/support/temp_dir.h"

namespace owo {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

constexpr char kEnv[] = "/usr/bin/env";

class ConfigurationTest : public ::testing::Test {
 protected:
  std::string data() const { return dir_.path() + "/data"; }
  std::string file() const { return dir_.path() + "/owo.yaml"; }
  void Configure(const std::string& text) const { std::ofstream(file()) << text; }

  const TempDir dir_;
};

// What a server says that is started and stopped.
ProgramRun Served(const std::string& data_dir, const std::vector<std::string>& flags,
                  std::vector<std::string> environment) {
  environment.insert(environment.begin(), kEnv);
  ServerProcess server(data_dir, flags, environment);
  kill(server.pid(), SIGTERM);
  return server.Await();
}

TEST_F(ConfigurationTest, TheServerIsConfiguredByTheCommandLineTheEnvironmentAndAFile) {
  Configure("default_currency: JPY\nmemory_mib: 200\ndrain_seconds: 7\n");
  const ProgramRun run =
      Served(data(), {"--drain_seconds=3"},
             {"OWO_CONFIG=" + file(), "OWO_MEMORY_MIB=130", "OWO_DRAIN_SECONDS=5"});
  EXPECT_EQ(run.exit_status, 0);
  EXPECT_THAT(run.output, HasSubstr("--drain_seconds=3 "));
  EXPECT_THAT(run.output, HasSubstr("--memory_mib=130 --default_currency=JPY\""));
}

TEST_F(ConfigurationTest, OneLineAtStartSaysWhatStarted) {
  Configure("memory_mib: 200\n");
  const ProgramRun run =
      Served(data(), {"--config=" + file(), "--memory_mib=200"}, {"OWO_DRAIN_SECONDS=5"});
  EXPECT_EQ(run.exit_status, 0);
  EXPECT_THAT(run.output,
              ContainsRegex("^owo-billing-server: INFO: started version=[0-9.]+ commit=[^ ]+ "
                            "data=rocksdb:[^ ]+/data recovery_ms=[0-9]+ replayed_events=0 "
                            "flags=\"--config=[^ ]+ --listen=127.0.0.1:0 --drain_seconds=5 "
                            "--data_dir=[^ ]+ --memory_mib=200\"\n"));
}

TEST_F(ConfigurationTest, TheLineAtStartSaysWhatWasReplayed) {
  {
    ServerProcess server(data());
    const Owostack owo({.endpoint = server.endpoint()});
    ASSERT_NO_FATAL_FAILURE(AddMeteredCustomer(owo));
    for (int i = 0; i < 3; ++i) {
      ASSERT_TRUE(owo.track_now({.customer = kCustomer, .feature = "calls", .quantity = "1"}).ok());
    }
    server.Kill();
  }
  EXPECT_THAT(Served(data(), {}, {}).output, HasSubstr(" replayed_events=3 "));
  EXPECT_THAT(Served(data(), {}, {}).output, HasSubstr(" replayed_events=0 "));
}

TEST_F(ConfigurationTest, EveryMistakeIsNamedAtOnce) {
  Configure("# The data.\nmemory_mib: 4\nlisten_on: x\n");
  const ProgramRun run =
      RunRefusedServer({"--config=" + file(), "--drain_seconds=x", "--secret=hunter2"},
                       {kEnv, "OWO_MEMRY_MIB=1", "OWO_SCRUB_EVERY=daily", "OWO_KEY=hunter2"});
  EXPECT_EQ(run.exit_status, 2);
  for (const std::string& line :
       {std::string("--drain_seconds: got \"x\", want a whole number, 0 to 3600"),
        std::string("--secret: unknown flag"),
        std::string("OWO_MEMRY_MIB: no flag has this variable; did you mean OWO_MEMORY_MIB?"),
        std::string("OWO_SCRUB_EVERY: got \"daily\", want a duration"),
        std::string("OWO_KEY: no flag has this variable"), file() + ":2: memory_mib: got \"4\"",
        file() + ":3: listen_on: unknown flag"}) {
    EXPECT_THAT(run.output, HasSubstr("owo-billing-server: " + line));
  }
  EXPECT_EQ(std::ranges::count(run.output, '\n'), 8) << run.output;
  EXPECT_THAT(run.output, Not(HasSubstr("hunter2")));
}

TEST_F(ConfigurationTest, TheVersionsAreSaid) {
  const ProgramRun run = RunProgram({OWO_SERVER, "--version"});
  EXPECT_EQ(run.exit_status, 0);
  EXPECT_THAT(run.output, MatchesRegex("owo-billing-server [0-9]+\\.[0-9]+\\.[0-9]+\n"
                                       "commit   ([0-9a-f]+(-dirty)?|unknown)\n"
                                       "gRPC     [0-9]+\\.[0-9]+\\.[0-9]+\n"
                                       "RocksDB  [0-9]+\\.[0-9]+\\.[0-9]+\n"));
}

class StatsCommandTest : public ConfigurationTest {
 protected:
  ProgramRun Stats(const std::vector<std::string>& flags = {}) const {
    std::vector<std::string> command = {OWO_SERVER, "stats", "--data_dir=" + data()};
    command.insert(command.end(), flags.begin(), flags.end());
    return RunProgram(std::move(command));
  }
  static void Live(const ServerProcess& server) {
    const Owostack owo({.endpoint = server.endpoint()});
    ASSERT_NO_FATAL_FAILURE(AddMeteredCustomer(owo));
    for (int i = 0; i < 3; ++i) {
      ASSERT_TRUE(owo.track_now({.customer = kCustomer, .feature = "calls", .quantity = "1"}).ok());
    }
    ASSERT_TRUE(owo.billing.invoice({.customer = kCustomer}).ok());
  }
};

TEST_F(StatsCommandTest, ADirectoryIsCountedAlsoAfterAKill) {
  ServerProcess server(data());
  ASSERT_NO_FATAL_FAILURE(Live(server));
  server.Kill();
  const ProgramRun run = Stats();
  EXPECT_EQ(run.exit_status, 0) << run.output;
  EXPECT_THAT(run.output, AllOf(ContainsRegex("events +3\n"), ContainsRegex("customers +1\n"),
                                ContainsRegex("invoices +1\n"), ContainsRegex("\n  1 day +3 "),
                                ContainsRegex("\n1 +3 +1 +1\n")));
  const ProgramRun json = Stats({"--json"});
  EXPECT_EQ(json.exit_status, 0) << json.output;
  EXPECT_THAT(json.output, HasSubstr("{\"tenant\": 1, \"events\": 3, \"customers\": 1, "
                                     "\"invoices\": 1}"));
}

TEST_F(StatsCommandTest, DataThatIsInUseOrMissingIsNotCounted) {
  const ProgramRun missing = Stats();
  EXPECT_EQ(missing.exit_status, 2);
  EXPECT_THAT(missing.output, HasSubstr("there is no store in"));
  const ServerProcess server(data());
  const ProgramRun used = Stats();
  EXPECT_EQ(used.exit_status, 2);
  EXPECT_THAT(used.output, HasSubstr("in use by another process"));
}

}  // namespace
}  // namespace owo
