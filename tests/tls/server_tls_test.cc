// TLS over the network: whom a server lets in, and how it takes new files.

#include "service/tls/server_tls.h"

#include <gmock/gmock.h>
#include <grpc/support/log.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <mutex>
#include <thread>

#include "grpc/health/v1/health.grpc.pb.h"
#include "service/rpc/client_certificate.h"
#include "tests/support/certificates.h"
#include "tests/support/recorded_log.h"
#include "tests/support/recorded_metrics.h"
#include "tests/support/temp_dir.h"
#include "tests/tls/raw_tls.h"

namespace owo::tls {
namespace {

namespace health = grpc::health::v1;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

// Answers every call, and keeps the names in the certificate of the last caller.
class Answers final : public health::Health::Service {
 public:
  grpc::Status Check(grpc::ServerContext* context, const health::HealthCheckRequest* /*request*/,
                     health::HealthCheckResponse* /*response*/) override {
    const std::lock_guard lock(mutex_);
    names_ = rpc::ClientCertificateNames(*context->auth_context());
    return grpc::Status::OK;
  }
  std::vector<std::string> names() {
    const std::lock_guard lock(mutex_);
    return names_;
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> names_;
};

// Counts log lines of gRPC about versions of TLS.
std::atomic<int> protocol_errors = 0;
void KeepProtocolErrors(gpr_log_func_args* line) {
  if (std::string_view(line->message).find("unsupported protocol") != std::string_view::npos) {
    ++protocol_errors;
  }
}

class ServerTlsTest : public ::testing::Test {
 protected:
  ~ServerTlsTest() override {
    if (server_ != nullptr) server_->Shutdown(std::chrono::system_clock::now());
  }

  std::string Path(const std::string& name) const { return dir_.path() + "/" + name; }
  TlsFiles Files() const { return {.cert = Path("live/tls.crt"), .key = Path("live/tls.key")}; }

  // Makes a directory with a pair.
  void WritePair(const std::string& directory, const TestCertificate& pair) {
    std::filesystem::create_directories(Path(directory));
    WriteText(Path(directory + "/tls.crt"), pair.cert);
    WriteText(Path(directory + "/tls.key"), pair.key);
  }
  // Makes the symbolic link "live" point to a directory, as Kubernetes does for a secret.
  void Link(const std::string& directory) {
    std::filesystem::create_symlink(directory, Path("live.new"));
    std::filesystem::rename(Path("live.new"), Path("live"));
  }

  void Serve(TlsFiles files) {
    auto tls = ServerTls::Open({.files = std::move(files), .check_every = absl::Milliseconds(20)},
                               log_, metrics_);
    ASSERT_TRUE(tls.ok()) << tls.status();
    tls_ = *std::move(tls);
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", tls_->credentials(), &port_);
    builder.RegisterService(&answers_);
    server_ = builder.BuildAndStart();
    ASSERT_NE(server_, nullptr);
  }
  void ServeWithClientCa() {
    WritePair("one", first_);
    Link("one");
    WriteText(Path("client-ca.crt"), client_ca_.pem());
    TlsFiles files = Files();
    files.client_ca = Path("client-ca.crt");
    Serve(std::move(files));
  }

  std::unique_ptr<health::Health::Stub> Client(const TestCertificate& shown = {}) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // a connection of its own
    return health::Health::NewStub(
        grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(port_),
                                  grpc::SslCredentials({.pem_root_certs = ca_.pem(),
                                                        .pem_private_key = shown.key,
                                                        .pem_cert_chain = shown.cert}),
                                  arguments));
  }
  static grpc::Status Call(health::Health::Stub& stub) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    health::HealthCheckResponse response;
    return stub.Check(&context, {}, &response);
  }
  void ExpectRefused(const TestCertificate& shown) {
    EXPECT_EQ(Call(*Client(shown)).error_code(), grpc::StatusCode::UNAVAILABLE);
  }

  // Waits until `done`. The test fails after 20 s.
  static void Await(const std::function<bool()>& done) {
    const absl::Time end = absl::Now() + absl::Seconds(20);
    while (!done()) {
      ASSERT_LT(absl::Now(), end);
      absl::SleepFor(absl::Milliseconds(5));
    }
  }
  void AwaitServed(const TestCertificate& pair) {
    Await([&] { return ConnectTls(port_).server_certificate == pair.cert; });
  }
  int64_t Expiry(const std::string& certificate) {
    return metrics_.value("owo_tls_not_after_timestamp_seconds/" + certificate);
  }

  const TempDir dir_;
  const TestCa ca_{"server CA"};
  const TestCa client_ca_{"client CA"};
  const absl::Time now_ = absl::Now();
  const TestCertificate first_ = ca_.Issue({.not_after = now_ + absl::Hours(10)});
  const TestCertificate second_ = ca_.Issue({.not_after = now_ + absl::Hours(20)});
  telemetry::RecordedLog log_;
  telemetry::RecordedMetrics metrics_;
  Answers answers_;
  int port_ = 0;
  std::unique_ptr<ServerTls> tls_;
  std::unique_ptr<grpc::Server> server_;
};

TEST_F(ServerTlsTest, OneWithoutCertificateIsServedIfThereIsNoClientCa) {
  WritePair("one", first_);
  Link("one");
  Serve(Files());
  const grpc::Status status = Call(*Client());
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_THAT(answers_.names(), IsEmpty());
  EXPECT_EQ(Expiry("server"), absl::ToUnixSeconds(now_ + absl::Hours(10)));
  EXPECT_EQ(Expiry("client_ca"), 0);
}

TEST_F(ServerTlsTest, SpeaksTls12AndLaterWithAlpnOnly) {
  WritePair("one", first_);
  Link("one");
  Serve(Files());
  const RawTls newest = ConnectTls(port_);
  EXPECT_EQ(newest.error, "");
  EXPECT_EQ(newest.version, "TLSv1.3");
  EXPECT_EQ(newest.alpn, "h2");
  EXPECT_EQ(ConnectTls(port_, TLS1_2_VERSION).version, "TLSv1.2");
  // The server closes the connection without an alert. Its log says why.
  gpr_set_log_function(KeepProtocolErrors);
  EXPECT_NE(ConnectTls(port_, TLS1_1_VERSION).error, "");
  Await([] { return protocol_errors > 0; });
  gpr_set_log_function(nullptr);
}

TEST_F(ServerTlsTest, WithAClientCaOnlyItsCertificatesAreLetIn) {
  ServeWithClientCa();
  const TestCertificate right =
      client_ca_.Issue({.names = {"URI:spiffe://example.com/billing", "DNS:billing.example.com",
                                  "IP:10.0.0.1", "email:billing@example.com"}});
  const grpc::Status status = Call(*Client(right));
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_THAT(answers_.names(),
              UnorderedElementsAre("URI:spiffe://example.com/billing", "DNS:billing.example.com",
                                   "IP:10.0.0.1", "email:billing@example.com"));
  ExpectRefused({});
  ExpectRefused(ca_.Issue());                  // of another CA
  ExpectRefused(TestCa("client CA").Issue());  // of another CA with the same name
  ExpectRefused(
      client_ca_.Issue({.not_before = now_ - absl::Hours(2), .not_after = now_ - absl::Hours(1)}));
  ExpectRefused(
      client_ca_.Issue({.not_before = now_ + absl::Hours(1), .not_after = now_ + absl::Hours(2)}));
}

TEST_F(ServerTlsTest, ANewClientCaIsTaken) {
  ServeWithClientCa();
  const TestCa newer("newer client CA");
  const TestCertificate of_newer = newer.Issue();
  ExpectRefused(of_newer);
  WriteText(Path("client-ca.crt"), newer.pem());
  Await([&] { return Call(*Client(of_newer)).ok(); });
  ExpectRefused(client_ca_.Issue());
}

TEST_F(ServerTlsTest, ANewPairIsTakenWithoutDroppingACall) {
  WritePair("one", first_);
  WritePair("two", second_);
  Link("one");
  Serve(Files());
  AwaitServed(first_);
  std::atomic<bool> stop = false;
  std::atomic<int> calls = 0;
  std::atomic<int> failed = 0;
  std::vector<std::jthread> callers;
  for (int i = 0; i < 4; ++i) {
    callers.emplace_back([&, i] {
      // Half of the callers connect again and again.
      for (auto stub = Client(); !stop; ++calls) {
        if (i % 2 == 0) stub = Client();
        if (!Call(*stub).ok()) ++failed;
      }
    });
  }
  Await([&] { return calls > 50; });
  Link("two");
  AwaitServed(second_);
  Link("one");
  AwaitServed(first_);
  const int reached = calls;
  Await([&] { return calls > reached + 50; });
  stop = true;
  callers.clear();
  EXPECT_EQ(failed, 0);
  EXPECT_EQ(metrics_.value("owo_tls_reloads_total"), 2);
  EXPECT_EQ(metrics_.value("owo_tls_reload_failures_total"), 0);
  EXPECT_EQ(Expiry("server"), absl::ToUnixSeconds(now_ + absl::Hours(10)));
  EXPECT_THAT(log_.lines(), SizeIs(2));
}

TEST_F(ServerTlsTest, ABrokenPairKeepsTheOldOneAndAMendedOneIsTaken) {
  WritePair("one", first_);
  Link("one");
  Serve(Files());
  AwaitServed(first_);
  const auto failures = [&] { return metrics_.value("owo_tls_reload_failures_total"); };
  WriteText(Path("one/tls.crt"), second_.cert);  // with the key of the first
  Await([&] { return failures() == 1; });
  EXPECT_THAT(log_.lines(), ElementsAre(HasSubstr("does not belong to the certificate")));
  EXPECT_EQ(ConnectTls(port_).server_certificate, first_.cert);
  EXPECT_TRUE(Call(*Client()).ok());

  std::filesystem::remove(Path("one/tls.key"));
  Await([&] { return failures() == 2; });
  EXPECT_THAT(log_.lines(), SizeIs(2));  // each change is logged once
  EXPECT_EQ(ConnectTls(port_).server_certificate, first_.cert);
  EXPECT_EQ(Expiry("server"), absl::ToUnixSeconds(now_ + absl::Hours(10)));

  WriteText(Path("one/tls.key"), second_.key);
  AwaitServed(second_);
  EXPECT_TRUE(Call(*Client()).ok());
  EXPECT_EQ(failures(), 2);
  EXPECT_EQ(metrics_.value("owo_tls_reloads_total"), 1);
  EXPECT_EQ(Expiry("server"), absl::ToUnixSeconds(now_ + absl::Hours(20)));
}

TEST_F(ServerTlsTest, AnExpiredPairDoesNotReplaceAValidOne) {
  WritePair("one", first_);
  WritePair("two",
            ca_.Issue({.not_before = now_ - absl::Hours(2), .not_after = now_ - absl::Hours(1)}));
  Link("one");
  Serve(Files());
  Link("two");
  Await([&] { return metrics_.value("owo_tls_reload_failures_total") == 1; });
  EXPECT_THAT(log_.lines(), ElementsAre(HasSubstr("expired")));
  EXPECT_EQ(ConnectTls(port_).server_certificate, first_.cert);
}

TEST_F(ServerTlsTest, DoesNotStartWithFilesThatCannotBeUsed) {
  WritePair("one", {.cert = first_.cert, .key = second_.key});
  Link("one");
  const auto tls = ServerTls::Open({.files = Files()}, log_, metrics_);
  EXPECT_TRUE(absl::IsInvalidArgument(tls.status())) << tls.status();
}

}  // namespace
}  // namespace owo::tls
