#include "service/server_flags.h"

#include <gmock/gmock.h>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace owo::service {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

CommandLine Parsed(const std::vector<std::string>& arguments,
                   const std::vector<std::string>& environment = {}) {
  absl::StatusOr<CommandLine> line = ParseCommandLine(arguments, environment);
  EXPECT_TRUE(line.ok()) << line.status();
  return line.ok() ? *line : CommandLine{};
}

TEST(ServerFlagsTest, WithoutFlagsTheServerIsSafe) {
  const CommandLine line = Parsed({});
  EXPECT_EQ(line.command, Command::kServe);
  EXPECT_EQ(line.server.listen, "127.0.0.1:50051");
  EXPECT_EQ(line.server.store, "rocksdb:./var");
  EXPECT_EQ(line.data_dir, "./var");
  EXPECT_FALSE(line.server.allow_insecure_listen);
  EXPECT_FALSE(line.server.allow_listen_without_front);
  EXPECT_EQ(line.server.socket_group, "");
  EXPECT_EQ(line.server.require_keys, std::nullopt);
  EXPECT_EQ(line.server.operator_key_file, "");
  EXPECT_EQ(line.server.operator_key, "");
  EXPECT_FALSE(line.server.allow_anonymous_reflection);
  EXPECT_TRUE(line.server.sync);
  EXPECT_EQ(line.server.ledger.event_age_max, absl::ToInt64Microseconds(absl::Hours(24 * 35)));
  EXPECT_EQ(line.server.retain_events, absl::ZeroDuration());
  EXPECT_EQ(line.server.scrub_every, absl::Hours(24));
  EXPECT_FALSE(line.server.ledger.allow_negative_quantities);
  EXPECT_EQ(line.server.ledger.default_currency, "USD");
  EXPECT_EQ(line.drain, absl::Seconds(25));
}

TEST(ServerFlagsTest, EveryFlagIsTaken) {
  const CommandLine line = Parsed(
      {"--listen=0.0.0.0:1", "--data_dir", "/data", "--allow_insecure_listen",
       "--allow_listen_without_front", "--socket_group=www-data", "--event_age_max=0",
       "--retain_events=9600h", "--scrub_every=1h", "--allow_negative_quantities=true",
       "--default_currency=JPY", "--unsafe_no_fsync", "--drain_seconds=0", "--memory_mib=128",
       "--require_keys", "--operator_key_file=/key", "--allow_anonymous_reflection"});
  EXPECT_EQ(line.server.require_keys, true);
  EXPECT_EQ(line.server.operator_key_file, "/key");
  EXPECT_TRUE(line.server.allow_anonymous_reflection);
  EXPECT_EQ(line.server.listen, "0.0.0.0:1");
  EXPECT_EQ(line.server.store, "rocksdb:/data");
  EXPECT_EQ(line.data_dir, "/data");
  EXPECT_TRUE(line.server.allow_insecure_listen);
  EXPECT_TRUE(line.server.allow_listen_without_front);
  EXPECT_EQ(line.server.socket_group, "www-data");
  EXPECT_EQ(line.server.ledger.event_age_max, 0);
  EXPECT_EQ(line.server.retain_events, absl::Hours(9600));
  EXPECT_EQ(line.server.scrub_every, absl::Hours(1));
  EXPECT_TRUE(line.server.ledger.allow_negative_quantities);
  EXPECT_EQ(line.server.ledger.default_currency, "JPY");
  EXPECT_FALSE(line.server.sync);
  EXPECT_EQ(line.drain, absl::ZeroDuration());
  EXPECT_EQ(line.server.memory_mib, 128);
}

TEST(ServerFlagsTest, ARetentionBelowADayTakesAFlagThatSaysSo) {
  EXPECT_EQ(Parsed({"--retain_events=24h"}).server.retain_events, absl::Hours(24));
  EXPECT_EQ(Parsed({"--retain_events=0"}).server.retain_events, absl::ZeroDuration());
  EXPECT_EQ(Parsed({"--retain_events=1s", "--allow_short_retention"}).server.retain_events,
            absl::Seconds(1));
}

TEST(ServerFlagsTest, EveryLimitIsAFlag) {
  EXPECT_EQ(Parsed({}).server.limits, ServerLimits());
  const ServerLimits limits =
      Parsed({"--message_bytes_max=2000", "--metadata_bytes_max=2001", "--streams_max=1",
              "--connections_max=2", "--write_queue_max=3", "--read_queue_max=4",
              "--commit_queue_max=13", "--commit_queue_events_max=1400", "--deadline_max=5s",
              "--handshake_timeout=6s", "--keepalive_time=7s", "--keepalive_timeout=8s",
              "--connection_age_max=9s", "--connection_age_grace=10s", "--calls_per_second=11",
              "--events_per_second=12"})
          .server.limits;
  EXPECT_EQ(limits.message_bytes_max, 2000);
  EXPECT_EQ(limits.metadata_bytes_max, 2001);
  EXPECT_EQ(limits.streams_max, 1);
  EXPECT_EQ(limits.connections_max, 2);
  EXPECT_EQ(limits.write_queue_max, 3);
  EXPECT_EQ(limits.read_queue_max, 4);
  EXPECT_EQ(limits.commit_queue_max, 13);
  EXPECT_EQ(limits.commit_queue_events_max, 1400);
  EXPECT_EQ(limits.deadline_max, absl::Seconds(5));
  EXPECT_EQ(limits.handshake_timeout, absl::Seconds(6));
  EXPECT_EQ(limits.keepalive_time, absl::Seconds(7));
  EXPECT_EQ(limits.keepalive_timeout, absl::Seconds(8));
  EXPECT_EQ(limits.connection_age_max, absl::Seconds(9));
  EXPECT_EQ(limits.connection_age_grace, absl::Seconds(10));
  EXPECT_EQ(limits.calls_per_second, 11);
  EXPECT_EQ(limits.events_per_second, 12);
}

TEST(ServerFlagsTest, TlsTakesFiles) {
  const CommandLine line = Parsed({"--tls_cert=/c", "--tls_key=/k", "--tls_client_ca=/a"});
  EXPECT_EQ(line.server.tls.files.cert, "/c");
  EXPECT_EQ(line.server.tls.files.key, "/k");
  EXPECT_EQ(line.server.tls.files.client_ca, "/a");
  const CommandLine health =
      Parsed({"health", "--tls_ca=/a", "--tls_client_cert=/c", "--tls_client_key=/k",
              "--tls_server_name=billing.example.com"});
  EXPECT_EQ(health.health_tls.ca, "/a");
  EXPECT_EQ(health.health_tls.cert, "/c");
  EXPECT_EQ(health.health_tls.key, "/k");
  EXPECT_EQ(health.health_tls.server_name, "billing.example.com");
}

TEST(ServerFlagsTest, VerifyTakesItsOwnFlags) {
  const CommandLine line = Parsed({"verify", "--data_dir=/data", "--scratch_dir=/scratch"});
  EXPECT_EQ(line.command, Command::kVerify);
  EXPECT_EQ(line.verify.data_dir, "/data");
  EXPECT_EQ(line.verify.scratch_dir, "/scratch");
}

TEST(ServerFlagsTest, AStoreIsTheSameAsItsDirectory) {
  for (const char* const url : {"rocksdb:/a:b", "/a:b"}) {
    const std::string flag = std::string("--store=") + url;
    EXPECT_EQ(Parsed({flag}).server.store, "rocksdb:/a:b");
    EXPECT_EQ(Parsed({flag}).data_dir, "/a:b");
    EXPECT_EQ(Parsed({"verify", flag}).verify.data_dir, "/a:b");
  }
  EXPECT_EQ(Parsed({"--data_dir=a:b"}).server.store, "rocksdb:a:b");
}

TEST(ServerFlagsTest, AStoreIsGivenOnceAndWhole) {
  const std::vector<std::string> cases[] = {{"--store="},
                                            {"--store", ""},
                                            {"verify", "--store="},
                                            {"--store=rocksdb:"},
                                            {"--store=mysql:x"},
                                            {"--data_dir=x", "--store="},
                                            {"--store=", "--data_dir=x"},
                                            {"--data_dir=x", "--store=x"},
                                            {"--data_dir", "x", "--store", "x"}};
  for (const std::vector<std::string>& wrong : cases) {
    const absl::Status status = ParseCommandLine(wrong).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << ::testing::PrintToString(wrong);
    EXPECT_THAT(std::string(status.message()), HasSubstr("--store")) << status;
  }
}

TEST(ServerFlagsTest, SwitchesCanBeTurnedOff) {
  EXPECT_TRUE(Parsed({"--unsafe_no_fsync", "--nounsafe_no_fsync"}).server.sync);
  EXPECT_TRUE(Parsed({"--unsafe_no_fsync=false"}).server.sync);
}

TEST(ServerFlagsTest, WhatIsWrongIsSaid) {
  const std::pair<std::vector<std::string>, std::string> cases[] = {
      {{"--bogus"}, "bogus"},
      {{"--endpoint=x"}, "endpoint"},  // flags of another command
      {{"--scratch_dir=x"}, "scratch_dir"},
      {{"verify", "--listen=x"}, "listen"},
      {{"verify", "--data_dir="}, "data_dir"},
      {{"--store=mysql:host"}, "mysql"},
      {{"verify", "--store=mysql:host"}, "mysql"},
      {{"--store=rocksdb:"}, "store"},
      {{"--store=/a", "--data_dir=/a"}, "store"},
      {{"--data_dir", "./var", "--store=/a"}, "store"},
      {{"serve"}, "serve"},
      {{"-x"}, "-x"},
      {{"--nolisten"}, "nolisten"},
      {{"--listen"}, "listen"},
      {{"--data_dir="}, "data_dir"},
      {{"--drain_seconds=x"}, "drain_seconds"},
      {{"--drain_seconds=-1"}, "drain_seconds"},
      {{"--drain_seconds=3601"}, "drain_seconds"},
      {{"--connections_max=0"}, "connections_max"},
      {{"--memory_mib=127"}, "128"},  // the minimum
      {{"--memory_mib=1048577"}, "memory_mib"},
      {{"--memory_mib=x"}, "memory_mib"},
      {{"--event_age_max=-1h"}, "event_age_max"},
      {{"--retain_events=-1h"}, "retain_events"},
      {{"--retain_events=9600"}, "retain_events"},
      {{"--retain_events=1h"}, "allow_short_retention"},
      {{"--retain_events=1us"}, "allow_short_retention"},
      {{"--retain_events=23h59m59s"}, "allow_short_retention"},
      {{"--scrub_every=-1h"}, "scrub_every"},
      {{"--scrub_every=daily"}, "scrub_every"},
      {{"--event_age_max=inf"}, "event_age_max"},
      {{"--event_age_max=35"}, "event_age_max"},
      {{"--default_currency=usd"}, "default_currency"},
      {{"--default_currency=XAU"}, "default_currency"},
      {{"--unsafe_no_fsync=perhaps"}, "unsafe_no_fsync"},
      {{"health", "--listen=x"}, "listen"},
      {{"health", "now"}, "now"},
      {{"health", "--config=x"}, "config"},  // a broken file must not fail the health check
      {{"--listen=127.0.0.1"}, "listen"},
      {{"--json"}, "json"},
      {{"stats", "--scratch_dir=x"}, "scratch_dir"},
      {{"stats", "--store=a", "--data_dir=a"}, "--store"},
      {{"--config=/dev/null/x"}, "/dev/null/x"},
  };
  for (const auto& [arguments, named] : cases) {
    const absl::Status status = ParseCommandLine(arguments).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << named;
    EXPECT_THAT(std::string(status.message()), HasSubstr(named));
  }
}

TEST(ServerFlagsTest, HealthAsksAnEndpoint) {
  const CommandLine line = Parsed({"health", "--endpoint=127.0.0.1:4711"});
  EXPECT_EQ(line.command, Command::kHealth);
  EXPECT_EQ(line.endpoint, "127.0.0.1:4711");
}

TEST(ServerFlagsTest, KeysCanBeRequiredOrNot) {
  EXPECT_EQ(Parsed({"--require_keys=true"}).server.require_keys, true);
  EXPECT_EQ(Parsed({"--require_keys=false"}).server.require_keys, false);
  EXPECT_EQ(Parsed({"--norequire_keys"}).server.require_keys, false);
}

TEST(ServerFlagsTest, TheOperatorsKeyComesFromTheEnvironmentAndNoFlag) {
  EXPECT_EQ(Parsed({}, {"OWO_OPERATOR_KEY=from the environment"}).server.operator_key,
            "from the environment");
  EXPECT_EQ(Parsed({}).server.operator_key, "");
  EXPECT_FALSE(ParseCommandLine({"--operator_key=x"}).ok());
}

// A limit beyond its bounds is refused, with the bounds.
TEST(ServerFlagsTest, EveryLimitHasBoundsThatTheErrorNames) {
  const std::pair<std::string, std::string> cases[] = {
      {"--message_bytes_max=4194305", "want a whole number, 1024 to 4194304"},
      {"--metadata_bytes_max=0", "1024 to 65536"},
      {"--streams_max=0", "1 to 10000"},
      {"--connections_max=0", "1 to 1000000"},
      {"--write_queue_max=0", "1 to 1000000"},
      {"--read_queue_max=-1", "1 to 1000000"},
      {"--commit_queue_max=0", "1 to 1000000"},
      {"--commit_queue_events_max=999", "1000 to 100000000"},
      {"--deadline_max=0", "1s to 24h"},
      {"--handshake_timeout=inf", "0 to 10m"},
      {"--handshake_timeout=99ms", "at least 100ms"},
      {"--keepalive_time=0", "1s to 24h"},
      {"--keepalive_timeout=-1s", "1s to 24h"},
      {"--connection_age_max=25h", "1s to 24h"},
      {"--connection_age_grace=0", "1s to 24h"},
      {"--calls_per_second=-1", "0 to 1000000000"},
      {"--events_per_second=1000000001", "0 to 1000000000"},
  };
  for (const auto& [argument, wanted] : cases) {
    const absl::Status status = ParseCommandLine({argument}).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << argument;
    EXPECT_THAT(std::string(status.message()), HasSubstr(argument.substr(0, argument.find('='))));
    EXPECT_THAT(std::string(status.message()), HasSubstr(wanted));
  }
}

TEST(ServerFlagsTest, StatsTakesItsOwnFlags) {
  const CommandLine line = Parsed({"stats", "--data_dir=/data", "--json"});
  EXPECT_EQ(line.command, Command::kStats);
  EXPECT_EQ(line.stats.data_dir, "/data");
  EXPECT_TRUE(line.json);
  EXPECT_FALSE(Parsed({"stats"}).json);
}

TEST(ServerFlagsTest, EveryMistakeIsNamedAtOnce) {
  const absl::Status status =
      ParseCommandLine({"--memory_mib=1", "--retain_events=1h"},
                       {"OWO_LISTEN=nowhere", "OWO_STORE=/a", "OWO_DATA_DIR=/a"})
          .status();
  EXPECT_THAT(absl::StrSplit(status.message(), '\n'),
              UnorderedElementsAre(HasSubstr("--memory_mib: got \"1\""),
                                   HasSubstr("--retain_events: got 1h"),
                                   HasSubstr("OWO_LISTEN: got \"nowhere\""),
                                   HasSubstr("OWO_STORE: names the data that OWO_DATA_DIR names "
                                             "already; set one of --store and --data_dir")));
}

TEST(ServerFlagsTest, EveryFlagHasAVariable) {
  const CommandLine line = Parsed({}, {"OWO_MEMORY_MIB=128", "OWO_UNSAFE_NO_FSYNC=true",
                                       "OWO_ENDPOINT=127.0.0.1:1", "OWO_SCRATCH_DIR=/scratch"});
  EXPECT_EQ(line.server.memory_mib, 128);
  EXPECT_FALSE(line.server.sync);
  EXPECT_EQ(Parsed({"health"}, {"OWO_ENDPOINT=127.0.0.1:1"}).endpoint, "127.0.0.1:1");
}

TEST(ServerFlagsTest, ChangedFlagsAreAsACommandLine) {
  const CommandLine line =
      Parsed({"--memory_mib=128", "--drain_seconds=25"}, {"OWO_UNSAFE_NO_FSYNC=1"});
  EXPECT_EQ(ChangedFlags(line.flags), "--unsafe_no_fsync=true --memory_mib=128");
  EXPECT_EQ(ChangedFlags(Parsed({}).flags), "");
}

// The default of a row must be what its flag's type writes for it; else it would count as changed.
TEST(ServerFlagsTest, DefaultsAreCanonical) {
  for (const std::string command : {"", "health", "verify", "stats"}) {
    const auto line = Parsed(command.empty() ? std::vector<std::string>{} : std::vector{command});
    ASSERT_FALSE(line.flags.empty());
    for (const config::EffectiveFlag& flag : line.flags) {
      if (flag.value.empty()) continue;
      std::vector<std::string> arguments = {"--" + flag.name + "=" + flag.value};
      if (!command.empty()) arguments.insert(arguments.begin(), command);
      EXPECT_EQ(ChangedFlags(Parsed(arguments).flags), "") << flag.name;
    }
  }
}

TEST(ServerFlagsTest, HelpNamesEveryFlagWithItsDefaultAndItsVariable) {
  EXPECT_EQ(Parsed({"--help"}).help, HelpText());
  EXPECT_EQ(Parsed({"-h"}).help, HelpText());
  for (const std::string command : {"", "health", "verify", "stats"}) {
    const bool serves = command.empty();
    const CommandLine help = Parsed(serves ? std::vector<std::string>{"--help"}
                                           : std::vector<std::string>{command, "--help"});
    EXPECT_EQ(help.command, Command::kHelp);
    EXPECT_THAT(HelpText(), HasSubstr(help.help)) << command;
    for (const config::EffectiveFlag& flag :
         Parsed(serves ? std::vector<std::string>{} : std::vector{command}).flags) {
      EXPECT_THAT(help.help, HasSubstr("\n  --" + flag.name)) << command;
      EXPECT_THAT(help.help, HasSubstr("OWO_" + absl::AsciiStrToUpper(flag.name) + "."));
    }
    if (!serves) {
      EXPECT_THAT(help.help, Not(HasSubstr("--listen"))) << command;
    }
  }
  EXPECT_THAT(HelpText(), HasSubstr("Default: 512. Bounds: 128 to 1048576. Variable: "));
}

TEST(ServerFlagsTest, HelpFitsATerminal) {
  for (const absl::string_view line : absl::StrSplit(HelpText(), '\n')) {
    EXPECT_LE(line.size(), 80) << line;
  }
}

TEST(ServerFlagsTest, AVersionIsAsked) {
  EXPECT_EQ(Parsed({"--version"}).command, Command::kVersion);
}

}  // namespace
}  // namespace owo::service
