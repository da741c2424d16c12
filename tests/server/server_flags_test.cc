#include "service/server_flags.h"

#include <gmock/gmock.h>

#include "absl/flags/reflection.h"

namespace owo::service {
namespace {

using ::testing::HasSubstr;

CommandLine Parsed(const std::vector<std::string>& arguments) {
  const absl::FlagSaver saver;  // flags keep their values after a parse
  absl::StatusOr<CommandLine> line = ParseCommandLine(arguments);
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
  const ServerLimits defaults = Parsed({}).server.limits;
  EXPECT_EQ(defaults.connections_max, ServerLimits().connections_max);
  EXPECT_EQ(defaults.deadline_max, ServerLimits().deadline_max);
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
    const absl::FlagSaver saver;
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
  };
  for (const auto& [arguments, named] : cases) {
    const absl::FlagSaver saver;
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
  setenv("OWO_OPERATOR_KEY", "from the environment", /*replace=*/1);
  EXPECT_EQ(Parsed({}).server.operator_key, "from the environment");
  unsetenv("OWO_OPERATOR_KEY");
  EXPECT_FALSE(ParseCommandLine({"--operator_key=x"}).ok());
}

TEST(ServerFlagsTest, HelpNamesEveryFlagWithItsDefault) {
  EXPECT_EQ(Parsed({"--help"}).command, Command::kHelp);
  EXPECT_EQ(Parsed({"-h"}).command, Command::kHelp);
  EXPECT_EQ(Parsed({"health", "--help"}).command, Command::kHelp);
  for (const char* flag : {"--listen=127.0.0.1:50051",
                           "--data_dir=./var",
                           "--store=",
                           "--allow_insecure_listen=false",
                           "--event_age_max=840h",
                           "--retain_events=0",
                           "--scrub_every=24h",
                           "--allow_negative_quantities=false",
                           "--default_currency=USD",
                           "--unsafe_no_fsync=false",
                           "--allow_short_retention=false",
                           "--drain_seconds=25",
                           "--memory_mib=512",
                           "--endpoint=127.0.0.1:50051",
                           "--tls_cert=\n",
                           "--tls_key=\n",
                           "--tls_client_ca=\n",
                           "--tls_ca=\n",
                           "--tls_client_cert=\n",
                           "--tls_client_key=\n",
                           "--tls_server_name=\n",
                           "--message_bytes_max=4194304",
                           "--metadata_bytes_max=8192",
                           "--streams_max=100",
                           "--connections_max=1024",
                           "--write_queue_max=1024",
                           "--read_queue_max=1024",
                           "--commit_queue_max=4096",
                           "--commit_queue_events_max=65536",
                           "--deadline_max=5m",
                           "--handshake_timeout=10s",
                           "--keepalive_time=1m",
                           "--keepalive_timeout=20s",
                           "--connection_age_max=30m",
                           "--connection_age_grace=30s",
                           "--calls_per_second=0",
                           "--events_per_second=0"}) {
    EXPECT_THAT(HelpText(), HasSubstr(flag));
  }
}

}  // namespace
}  // namespace owo::service
