// A server with TLS as operators run it: its flags, the probe, the client.

#include <gmock/gmock.h>

#include <csignal>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tests/end_to_end/metered_customer.h"
#include "tests/end_to_end/server_process.h"
#include "tests/support/certificates.h"
#include "tests/support/temp_dir.h"

namespace owo {
namespace {

using ::testing::HasSubstr;

class TlsTest : public ::testing::Test {
 protected:
  TlsTest() {
    Write("ca.crt", ca_.pem());
    WritePair("tls", ca_.Issue({.names = {"DNS:billing.example.com"}}));
    Write("client-ca.crt", client_ca_.pem());
    WritePair("client", client_ca_.Issue({.names = {"DNS:shop.example.com"}}));
  }

  std::string Path(const std::string& name) const { return files_.path() + "/" + name; }
  void Write(const std::string& name, const std::string& text) { WriteText(Path(name), text); }
  void WritePair(const std::string& name, const TestCertificate& pair) {
    Write(name + ".crt", pair.cert);
    Write(name + ".key", pair.key);
  }
  std::string Flag(const std::string& flag, const std::string& file) const {
    return absl::StrCat("--", flag, "=", Path(file));
  }
  std::vector<std::string> TlsFlags() const {
    return {Flag("tls_cert", "tls.crt"), Flag("tls_key", "tls.key")};
  }
  std::vector<std::string> MutualTlsFlags() const {
    std::vector<std::string> flags = TlsFlags();
    flags.push_back(Flag("tls_client_ca", "client-ca.crt"));
    return flags;
  }
  TlsOptions ClientTls() const {
    return {.enabled = true, .ca_file = Path("ca.crt"), .server_name = "billing.example.com"};
  }
  static ProgramRun Health(const std::string& endpoint, std::vector<std::string> flags) {
    flags.insert(flags.begin(), {OWO_SERVER, "health", "--endpoint=" + endpoint});
    return RunProgram(std::move(flags));
  }
  // Makes one call without retries.
  static absl::Status Call(const std::string& endpoint, const TlsOptions& tls) {
    const Owostack owo({.endpoint = endpoint,
                        .tls = tls,
                        .call_timeout = absl::Seconds(5),
                        .retry = {.attempts_max = 1}});
    return owo.catalog.features().status();
  }

  const TestCa ca_{"server CA"};
  const TestCa client_ca_{"client CA"};
  const TempDir files_;
  const TempDir data_;
};

TEST_F(TlsTest, TheClientAndTheProbeReachAServerWithTls) {
  const ServerProcess server(data_.path(), TlsFlags());
  const Owostack owo({.endpoint = server.endpoint(), .tls = ClientTls()});
  ASSERT_NO_FATAL_FAILURE(AddMeteredCustomer(owo));

  const std::string ca = Flag("tls_ca", "ca.crt");
  const ProgramRun healthy =
      Health(server.endpoint(), {ca, "--tls_server_name=billing.example.com"});
  EXPECT_EQ(healthy.exit_status, 0) << healthy.output;
  EXPECT_EQ(Health(server.endpoint(), {ca}).exit_status, 1);  // the certificate has another name
  EXPECT_EQ(Health(server.endpoint(), {}).exit_status, 1);    // without TLS
}

TEST_F(TlsTest, TheClientChecksTheServersCertificate) {
  const ServerProcess server(data_.path(), TlsFlags());
  EXPECT_TRUE(Call(server.endpoint(), ClientTls()).ok());
  TlsOptions other_name = ClientTls();
  other_name.server_name = "other.example.com";
  EXPECT_TRUE(absl::IsUnavailable(Call(server.endpoint(), other_name)));
  TlsOptions other_ca = ClientTls();
  other_ca.ca_file = Path("client-ca.crt");
  EXPECT_TRUE(absl::IsUnavailable(Call(server.endpoint(), other_ca)));
  TlsOptions of_system = ClientTls();
  of_system.ca_file.clear();
  EXPECT_FALSE(Call(server.endpoint(), of_system).ok());
  EXPECT_TRUE(absl::IsUnavailable(Call(server.endpoint(), {})));  // without TLS
}

TEST_F(TlsTest, WithAClientCaBothShowACertificate) {
  const ServerProcess server(data_.path(), MutualTlsFlags());
  TlsOptions tls = ClientTls();
  EXPECT_TRUE(absl::IsUnavailable(Call(server.endpoint(), tls)));
  tls.cert_file = Path("client.crt");
  tls.key_file = Path("client.key");
  const absl::Status status = Call(server.endpoint(), tls);
  EXPECT_TRUE(status.ok()) << status;

  std::vector<std::string> flags = {Flag("tls_ca", "ca.crt"),
                                    "--tls_server_name=billing.example.com"};
  EXPECT_EQ(Health(server.endpoint(), flags).exit_status, 1);
  flags.push_back(Flag("tls_client_cert", "client.crt"));
  flags.push_back(Flag("tls_client_key", "client.key"));
  const ProgramRun healthy = Health(server.endpoint(), flags);
  EXPECT_EQ(healthy.exit_status, 0) << healthy.output;
}

TEST_F(TlsTest, OptionsThatCannotBeUsedFailEveryCall) {
  TlsOptions tls = ClientTls();
  tls.ca_file = Path("none.crt");
  const absl::Status missing = Call("127.0.0.1:1", tls);
  EXPECT_TRUE(absl::IsInvalidArgument(missing));
  EXPECT_THAT(std::string(missing.message()), HasSubstr("none.crt"));
  tls = ClientTls();
  tls.cert_file = Path("client.crt");  // without its key
  EXPECT_TRUE(absl::IsInvalidArgument(Call("127.0.0.1:1", tls)));
}

TEST_F(TlsTest, ItStartsOnlyWithFilesThatFit) {
  const std::string data_dir = "--data_dir=" + data_.path();
  const std::string listen = "--listen=127.0.0.1:0";
  const auto refused = [&](std::vector<std::string> flags) {
    flags.insert(flags.begin(), {listen, data_dir});
    const ProgramRun run = RunRefusedServer(flags);
    EXPECT_EQ(run.exit_status, 2);
    return run.output;
  };
  EXPECT_THAT(refused({Flag("tls_cert", "tls.crt")}), HasSubstr("--tls_key"));
  EXPECT_THAT(refused({Flag("tls_client_ca", "client-ca.crt")}), HasSubstr("--tls_client_ca"));
  EXPECT_THAT(refused({Flag("tls_cert", "tls.crt"), Flag("tls_key", "client.key")}),
              HasSubstr("does not belong to the certificate"));
  EXPECT_THAT(refused({Flag("tls_cert", "none.crt"), Flag("tls_key", "tls.key")}),
              HasSubstr("none.crt"));
}

TEST_F(TlsTest, WithTlsItMayBeReachedByOthers) {
  std::vector<std::string> flags = TlsFlags();
  for (const char* flag : {"--allow_listen_without_front", "--require_keys=false",
                           "--listen=0.0.0.0:0"}) {  // the last --listen counts
    flags.push_back(flag);
  }
  const ServerProcess server(data_.path(), flags);
  const std::vector<std::string> parts = absl::StrSplit(server.endpoint(), ':');
  EXPECT_EQ(parts.front(), "0.0.0.0");
  EXPECT_TRUE(Call("127.0.0.1:" + parts.back(), ClientTls()).ok());
}

}  // namespace
}  // namespace owo
