// What the front passes on, what it answers itself, and how it takes new certificates.

#include <gmock/gmock.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "owo/billing/v1/metering.grpc.pb.h"
#include "tests/end_to_end/http2_frames.h"
#include "tests/end_to_end/metered_customer.h"
#include "tests/end_to_end/raw_http2.h"
#include "tests/hostile/front_process.h"

namespace owo {
namespace {

namespace pb = ::owo::billing::v1;
using ::testing::HasSubstr;

using Channel = std::shared_ptr<grpc::Channel>;

Channel Insecure(const std::string& endpoint) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(endpoint, grpc::InsecureChannelCredentials(), arguments);
}

grpc::Status Track(const Channel& channel, const std::string& quantity = "1",
                   bool compressed = false) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
  if (compressed) context.set_compression_algorithm(GRPC_COMPRESS_GZIP);
  pb::TrackRequest request;
  request.set_customer(kCustomer);
  request.set_feature(compressed ? std::string(4096, 'f') : "calls");
  request.set_quantity(quantity);
  pb::TrackResponse response;
  return pb::Metering::NewStub(channel)->Track(&context, request, &response);
}

std::string Text(const grpc::Status& status) {
  return absl::StrCat(status.error_code(), " ", status.error_message(), " ",
                      status.error_details());
}

class FrontTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (NginxPath().empty()) GTEST_SKIP() << "the package nginx-light is not installed";
  }

  static void AddCustomer(const FrontedServer& fronted) {
    AddMeteredCustomer(Owostack({.endpoint = fronted.server_endpoint()}));
  }
};

TEST_F(FrontTest, StatusesPassUnchanged) {
  const FrontedServer fronted;
  AddCustomer(fronted);
  const Channel front = Insecure(fronted.endpoint());
  const Channel direct = Insecure(fronted.server_endpoint());
  EXPECT_TRUE(Track(front).ok());
  const grpc::Status wrong = Track(front, "no number");
  EXPECT_EQ(wrong.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_NE(wrong.error_details(), "");
  EXPECT_EQ(Text(wrong), Text(Track(direct, "no number")));
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(300));
  const auto health = grpc::health::v1::Health::NewStub(front);
  const auto watch = health->Watch(&context, {});
  grpc::health::v1::HealthCheckResponse response;
  EXPECT_TRUE(watch->Read(&response));
  EXPECT_EQ(response.status(), grpc::health::v1::HealthCheckResponse::SERVING);
  EXPECT_FALSE(watch->Read(&response));
  EXPECT_EQ(watch->Finish().error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
}

TEST_F(FrontTest, CompressedMessagesAreUnimplemented) {
  const FrontedServer fronted;
  AddCustomer(fronted);
  const grpc::Status status = Track(Insecure(fronted.endpoint()), "1", true);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNIMPLEMENTED) << status.error_message();
}

TEST_F(FrontTest, CallsBeyondTheRateAreToldWhenToRetry) {
  const FrontedServer fronted({.replace = "limit_req zone=calls burst=10000 nodelay",
                               .replace_by = "limit_req zone=calls"});
  AddCustomer(fronted);
  // Without a burst, two calls within a tenth of a millisecond are one too many.
  grpc::Status refused;
  std::vector<std::jthread> callers;
  std::mutex mutex;
  for (int i = 0; i < 4; ++i) {
    callers.emplace_back([&] {
      const Channel channel = Insecure(fronted.endpoint());
      for (const absl::Time end = absl::Now() + absl::Seconds(20); absl::Now() < end;) {
        const grpc::Status status = Track(channel);
        const std::lock_guard lock(mutex);
        if (!status.ok()) refused = status;
        if (!refused.ok()) return;
      }
    });
  }
  callers.clear();
  ASSERT_EQ(refused.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED) << refused.error_message();
  google::rpc::Status details;
  google::rpc::RetryInfo retry;
  ASSERT_TRUE(details.ParseFromString(refused.error_details()));
  ASSERT_EQ(details.details_size(), 1);
  ASSERT_TRUE(details.details(0).UnpackTo(&retry));
  EXPECT_EQ(retry.retry_delay().seconds(), 1);
}

TEST_F(FrontTest, WithoutTheServerCallsAreUnavailable) {
  FrontedServer fronted;
  const Channel channel = Insecure(fronted.endpoint());
  EXPECT_EQ(fronted.server().Stop(), 0);
  const grpc::Status status = Track(channel);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE) << status.error_message();
  EXPECT_THAT(status.error_message(), HasSubstr("the server does not answer"));
}

// The frames that arrived on a connection.
struct Answers {
  std::vector<std::pair<uint32_t, Http2Type>> frames;
  bool Has(uint32_t stream, Http2Type type) const {
    return std::ranges::find(frames, std::pair(stream, type)) != frames.end();
  }
};
// Reads until `stream`, or the connection, has ended. Acknowledges nothing.
Answers ReadUntilEndOf(uint32_t stream, const RawSocket& socket) {
  Answers answers;
  for (;;) {
    const std::string header = socket.Read(kFrameHeaderBytes);
    if (header.size() < kFrameHeaderBytes) return answers;
    const std::string_view view(header);
    socket.Read(FromBigEndian(view.substr(0, 3)));
    const auto type = static_cast<Http2Type>(header[3]);
    const auto of = static_cast<uint32_t>(FromBigEndian(view.substr(5)));
    answers.frames.emplace_back(of, type);
    const bool ended = type == Http2Type::kReset || (header[4] & kEndStream) != 0;
    if (of == stream && ended && type != Http2Type::kSettings) return answers;
  }
}

std::string RawCall(uint32_t stream, const std::string& path, const std::string& headers = "") {
  return Http2Frame(Http2Type::kHeaders, kEndHeaders, stream, CallHeaders(path) + headers) +
         Http2Frame(Http2Type::kData, kEndStream, stream, GrpcMessage(""));
}

TEST_F(FrontTest, OneBadHeaderEndsOneCall) {
  const FrontedServer fronted;
  const std::string check = "/grpc.health.v1.Health/Check";
  const std::vector<std::string> bad = {
      Http2Header("x-some-bin", "!!! no base64"),
      Http2Header("grpc-timeout", "1S\nforged: line"),
      Http2Header("grpc-timeout", "soon"),
      Http2Header("te", "x") + Http2Header("x-large", std::string(7800, 'v')),
      Http2Header("grpclb_client_stats", "x"),
      Http2Header("x-large", std::string(12'000, 'v')),
      Http2Header("Upper-Case", "x"),
      Http2Header("grpc-encoding", "gzip"),
      Http2Header("grpc-encoding", "no such encoding"),
  };
  const RawSocket socket(fronted.endpoint(), {.timeout_ms = 5000});
  socket.Send(kHttp2Preface + Http2Frame(Http2Type::kSettings, 0, 0, ""));
  socket.Send(RawCall(1, "/grpc.health.v1.Health/Watch"));
  uint32_t stream = 3;
  for (const std::string& headers : bad) {
    SCOPED_TRACE(headers.substr(0, 60));
    socket.Send(RawCall(stream, check, headers));
    const Answers wrong = ReadUntilEndOf(stream, socket);
    EXPECT_FALSE(wrong.Has(0, Http2Type::kGoaway));
    EXPECT_FALSE(wrong.Has(1, Http2Type::kReset));
    stream += 2;
    // gRPC closes the connection that a bad header came on. A call that the front sends on it at
    // that moment is answered UNAVAILABLE, and is repeated, as clients do.
    bool answered = false;
    for (int attempt = 0; attempt < 3 && !answered; ++attempt) {
      socket.Send(RawCall(stream, check));
      const Answers right = ReadUntilEndOf(stream, socket);
      answered = right.Has(stream, Http2Type::kHeaders) && right.Has(stream, Http2Type::kData);
      EXPECT_FALSE(right.Has(0, Http2Type::kGoaway));
      EXPECT_FALSE(right.Has(1, Http2Type::kReset));
      stream += 2;
    }
    EXPECT_TRUE(answered);
  }
}

// With an authority of its own, certificates of a server and of a client.
class Certificates {
 public:
  Certificates() {
    OpenSsl(
        "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=authority -keyout ca.key "
        "-out ca.crt");
    for (const char* const name : {"first", "second", "client"}) Make(name);
    Use("first");
  }

  // What the front uses; replaced at once, as Kubernetes does.
  std::string tls_dir() const { return dir_.path() + "/tls"; }
  void Use(const std::string& name) const {
    const std::string made = dir_.path() + "/made";
    std::filesystem::remove(made);
    std::filesystem::create_directory_symlink(dir_.path() + "/" + name, made);
    std::filesystem::rename(made, tls_dir());
  }
  // A directory "broken" whose certificate has the key of another.
  void MakeBroken() const {
    std::filesystem::copy(dir_.path() + "/second", dir_.path() + "/broken");
    std::filesystem::copy_file(dir_.path() + "/client/tls.key", dir_.path() + "/broken/tls.key",
                               std::filesystem::copy_options::overwrite_existing);
  }

  Channel Connect(const std::string& endpoint, bool with_certificate = true) const {
    grpc::SslCredentialsOptions options{.pem_root_certs = Read("ca.crt")};
    if (with_certificate) {
      options.pem_private_key = Read("client/tls.key");
      options.pem_cert_chain = Read("client/tls.crt");
    }
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return grpc::CreateCustomChannel(endpoint, grpc::SslCredentials(options), arguments);
  }

  // What s_client says of a connection: which certificate it got, or why there is none.
  std::string Handshake(const std::string& endpoint, const std::string& options = "") const {
    return Run("openssl s_client -connect " + endpoint + " -CAfile ca.crt -cert client/tls.crt " +
               "-key client/tls.key -alpn h2 " + options + " </dev/null");
  }

 private:
  void Make(const std::string& name) const {
    std::filesystem::create_directory(dir_.path() + "/" + name);
    std::ofstream(dir_.path() + "/names") << "subjectAltName=DNS:localhost,IP:127.0.0.1";
    OpenSsl("req -newkey rsa:2048 -nodes -subj /CN=" + name + " -keyout " + name +
            "/tls.key -out request");
    OpenSsl(
        "x509 -req -in request -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 "
        "-extfile names -out " +
        name + "/tls.crt");
    std::filesystem::copy_file(dir_.path() + "/ca.crt", dir_.path() + "/" + name + "/ca.crt");
  }
  std::string Run(const std::string& command) const {
    return RunProgram({"/bin/sh", "-c", "cd " + dir_.path() + " && " + command}).output;
  }
  void OpenSsl(const std::string& arguments) const {
    const ProgramRun run =
        RunProgram({"/bin/sh", "-c", "cd " + dir_.path() + " && openssl " + arguments});
    if (run.exit_status != 0) throw std::runtime_error("openssl: " + run.output);
  }
  std::string Read(const std::string& name) const {
    std::ostringstream text;
    text << std::ifstream(dir_.path() + "/" + name).rdbuf();
    return text.str();
  }

  const TempDir dir_;
};

TEST_F(FrontTest, CallersNeedACertificateAndTls12) {
  const Certificates certificates;
  const FrontedServer fronted({.tls_dir = certificates.tls_dir()});
  AddCustomer(fronted);
  EXPECT_TRUE(Track(certificates.Connect(fronted.endpoint())).ok());
  EXPECT_EQ(Track(certificates.Connect(fronted.endpoint(), false)).error_code(),
            grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(Track(Insecure(fronted.endpoint())).error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_THAT(certificates.Handshake(fronted.endpoint(), "-tls1_2"), HasSubstr("CN = first"));
  // At security level 0 openssl itself would speak TLS 1.1.
  EXPECT_THAT(certificates.Handshake(fronted.endpoint(), "-tls1_1 -cipher ALL:@SECLEVEL=0"),
              HasSubstr("no peer certificate available"));
}

TEST_F(FrontTest, NewCertificatesAreTakenWithoutADroppedCall) {
  const Certificates certificates;
  certificates.MakeBroken();
  const FrontedServer fronted({.tls_dir = certificates.tls_dir()});
  AddCustomer(fronted);
  std::atomic<bool> stop = false;
  std::atomic<int> calls = 0;
  std::vector<std::jthread> callers;
  for (int i = 0; i < 4; ++i) {
    callers.emplace_back([&] {
      const Channel channel = certificates.Connect(fronted.endpoint());
      for (; !stop; ++calls) {
        const grpc::Status status = Track(channel);
        EXPECT_TRUE(status.ok()) << status.error_code() << status.error_message();
      }
    });
  }
  const auto await = [&](const std::string& name) {
    const absl::Time end = absl::Now() + absl::Seconds(20);
    while (absl::Now() < end) {
      if (certificates.Handshake(fronted.endpoint()).find("CN = " + name) != std::string::npos) {
        return true;
      }
    }
    return false;
  };
  EXPECT_TRUE(await("first"));
  certificates.Use("second");
  EXPECT_TRUE(await("second"));
  certificates.Use("broken");
  absl::SleepFor(absl::Seconds(3));  // three looks at the files
  EXPECT_THAT(certificates.Handshake(fronted.endpoint()), HasSubstr("CN = second"));
  certificates.Use("first");
  EXPECT_TRUE(await("first"));
  stop = true;
  callers.clear();
  EXPECT_GT(calls, 100);
}

}  // namespace
}  // namespace owo
