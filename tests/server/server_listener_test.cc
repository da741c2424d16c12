#include "service/server_listener.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>
#include <mutex>

#include "absl/time/clock.h"
#include "tests/support/recorded_log.h"
#include "tests/support/recorded_metrics.h"
#include "tests/support/temp_dir.h"

namespace owo::service {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Keeps connections open, as gRPC does.
class KeptConnections {
 public:
  ~KeptConnections() {
    for (const int descriptor : all_) close(descriptor);
  }
  void Add(int descriptor) {
    const std::lock_guard lock(mutex_);
    all_.push_back(descriptor);
  }
  size_t size() {
    const std::lock_guard lock(mutex_);
    return all_.size();
  }
  // Closes the one that was accepted first.
  void CloseOne() {
    const std::lock_guard lock(mutex_);
    close(all_.front());
    all_.erase(all_.begin());
  }

 private:
  std::mutex mutex_;
  std::vector<int> all_;
};

class KeepingAcceptor final : public grpc::experimental::ExternalConnectionAcceptor {
 public:
  explicit KeepingAcceptor(KeptConnections& kept) : kept_(kept) {}
  void HandleNewConnection(NewConnectionParameters* connection) override {
    kept_.Add(connection->fd);
  }

 private:
  KeptConnections& kept_;
};

class Client {
 public:
  Client() : descriptor_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}
  explicit Client(int port) : Client() { Connect(port); }
  ~Client() { close(descriptor_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void Connect(int port) const {
    sockaddr_in to{.sin_family = AF_INET, .sin_port = htons(static_cast<uint16_t>(port))};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ASSERT_EQ(connect(descriptor_, reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
  }
  int port() const {
    sockaddr_in bound{};
    socklen_t size = sizeof bound;
    getsockname(descriptor_, reinterpret_cast<sockaddr*>(&bound), &size);
    return ntohs(bound.sin_port);
  }
  bool IsClosed() const {
    char byte = 0;
    return recv(descriptor_, &byte, 1, MSG_DONTWAIT) == 0;
  }
  // Waits until the other side has closed the connection. Returns false after 10 s.
  bool AwaitClosed() const {
    pollfd waited{.fd = descriptor_, .events = POLLIN};
    char byte = 0;
    return poll(&waited, 1, 10'000) == 1 && read(descriptor_, &byte, 1) <= 0;
  }

 private:
  const int descriptor_;
};

void Await(const std::function<bool()>& done) {
  const absl::Time end = absl::Now() + absl::Seconds(10);
  while (!done()) {
    ASSERT_LT(absl::Now(), end);
    absl::SleepFor(absl::Milliseconds(1));
  }
}

class ServerListenerTest : public ::testing::Test {
 protected:
  static absl::StatusOr<std::unique_ptr<Listener>> Bind(const std::string& address) {
    return Listener::Bind(*ParseListenAddress(address));
  }
  std::unique_ptr<Listener> Listen(const std::string& address, int connections_max) {
    auto listener = Bind(address);
    EXPECT_TRUE(listener.ok()) << listener.status();
    const absl::Status started = (*listener)->Start(std::make_unique<KeepingAcceptor>(kept_),
                                                    connections_max, log_, metrics_);
    EXPECT_TRUE(started.ok()) << started;
    return *std::move(listener);
  }
  int64_t Refused(const std::string& reason) {
    return metrics_.value("owo_connections_refused_total/" + reason);
  }

  telemetry::RecordedLog log_;
  telemetry::RecordedMetrics metrics_;
  KeptConnections kept_;
};

TEST_F(ServerListenerTest, ClosesConnectionsBeyondTheLimitUntilOneEnds) {
  const auto listener = Listen("127.0.0.1:0", 2);
  const Client first(listener->port());
  const Client second(listener->port());
  Await([&] { return kept_.size() == 2; });
  const Client third(listener->port());
  EXPECT_TRUE(third.AwaitClosed());
  EXPECT_EQ(Refused("limit"), 1);
  EXPECT_EQ(listener->Connections(), 2U);
  EXPECT_THAT(log_.lines(), ElementsAre(HasSubstr("connections_max=2")));

  kept_.CloseOne();
  // Closed connections are noticed a moment later.
  std::vector<std::unique_ptr<Client>> more;
  Await([&] {
    more.push_back(std::make_unique<Client>(listener->port()));
    return kept_.size() == 2;
  });
  EXPECT_EQ(metrics_.value("owo_connections_accepted_total"), 3);
}

TEST_F(ServerListenerTest, ListensAgainAfterItRanOutOfDescriptors) {
  const auto listener = Listen("127.0.0.1:0", 100);
  const Client first(listener->port());
  Await([&] { return kept_.size() == 1; });
  const std::vector<Client> waiting(20);
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  const rlimit former = limit;
  const int next = open("/dev/null", O_RDONLY | O_CLOEXEC);
  close(next);
  limit.rlim_cur = static_cast<rlim_t>(next);
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
  for (const Client& client : waiting) client.Connect(listener->port());
  Await([&] { return Refused("descriptors") > 1; });
  EXPECT_EQ(kept_.size(), 1U);
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &former), 0);
  Await([&] { return kept_.size() == 21; });
  EXPECT_THAT(log_.lines().front(), HasSubstr("cannot be accepted"));
}

TEST_F(ServerListenerTest, StopsAcceptingAndKeepsWhatItAccepted) {
  const auto listener = Listen("127.0.0.1:0", 100);
  const int port = listener->port();
  const Client first(port);
  Await([&] { return kept_.size() == 1; });
  Await([&] { return metrics_.value("owo_connections") == 1; });
  listener->StopAccepting();
  EXPECT_EQ(metrics_.value("owo_connections"), 0);
  EXPECT_EQ(listener->Connections(), 1U);
  kept_.CloseOne();
  EXPECT_EQ(listener->Connections(), 0U);
  EXPECT_TRUE(Bind("127.0.0.1:" + std::to_string(port)).ok());
}

TEST_F(ServerListenerTest, AnAddressBelongsToOne) {
  const auto listener = Listen("127.0.0.1:0", 100);
  const auto second = Bind("127.0.0.1:" + std::to_string(listener->port()));
  EXPECT_TRUE(absl::IsAlreadyExists(second.status())) << second.status();
  EXPECT_TRUE(absl::IsAlreadyExists(Bind("192.0.2.1:0").status()));  // not of this machine
  EXPECT_TRUE(absl::IsAlreadyExists(Bind("no-such-host.invalid:1").status()));
}

TEST_F(ServerListenerTest, ListensOnEveryAddressOfAName) {
  for (const char* const address : {"localhost:0", "0.0.0.0:0", "[::]:0"}) {
    SCOPED_TRACE(address);
    const size_t before = kept_.size();
    const auto listener = Listen(address, 100);
    const Client client(listener->port());  // over IPv4
    Await([&] { return kept_.size() == before + 1; });
  }
}

TEST_F(ServerListenerTest, ASocketFileIsReplacedOnlyIfNobodyListensOnIt) {
  const TempDir dir;
  const std::string path = dir.path() + "/socket";
  auto listener = Listen("unix:" + path, 100);
  EXPECT_TRUE(absl::IsAlreadyExists(Bind("unix:" + path).status()));
  // What a killed server leaves.
  std::filesystem::rename(path, path + ".left");
  listener.reset();
  std::filesystem::rename(path + ".left", path);
  listener = Listen("unix://" + path, 100);
  EXPECT_TRUE(std::filesystem::is_socket(path));
  listener.reset();
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(ServerListenerTest, DisconnectsThePeerThatIsNamed) {
  for (const char* const address : {"127.0.0.1:0", "[::]:0"}) {
    const auto listener = Listen(address, 100);
    const Client first(listener->port());
    const Client second(listener->port());
    Await([&] { return listener->Connections() == 2; });
    listener->Disconnect("ipv4:127.0.0.1:" + std::to_string(second.port()));
    EXPECT_TRUE(second.AwaitClosed());
    EXPECT_FALSE(first.IsClosed());
  }
  EXPECT_EQ(metrics_.value("owo_connections_disconnected_total"), 2);
}

TEST(OpenConnectionsTest, ADescriptorThatIsUsedAgainIsNotTheConnection) {
  OpenConnections connections;
  int pair[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
  connections.Add(pair[0]);
  connections.Add(pair[1]);
  EXPECT_EQ(connections.Count(), 2U);
  // One number becomes another socket, the other a file.
  const int other = socket(AF_INET, SOCK_STREAM, 0);
  ASSERT_EQ(dup2(other, pair[0]), pair[0]);
  EXPECT_EQ(connections.Count(), 1U);
  const int file = open("/dev/null", O_RDONLY);
  ASSERT_EQ(dup2(file, pair[1]), pair[1]);
  EXPECT_EQ(connections.Count(), 0U);
  for (const int descriptor : {pair[0], pair[1], other, file}) close(descriptor);
}

TEST(PermittedConnectionsTest, RaisesTheLimitOfOpenFilesAsFarAsItMay) {
  rlimit former{};
  getrlimit(RLIMIT_NOFILE, &former);
  rlimit limit = former;
  limit.rlim_cur = 500;
  setrlimit(RLIMIT_NOFILE, &limit);
  EXPECT_EQ(PermittedConnections(100), 100);
  getrlimit(RLIMIT_NOFILE, &limit);
  EXPECT_GT(limit.rlim_cur, 500U);
  const int too_many = static_cast<int>(std::min<rlim_t>(former.rlim_max, 1'000'000'000));
  EXPECT_LT(PermittedConnections(too_many), too_many);
  setrlimit(RLIMIT_NOFILE, &former);
}

}  // namespace
}  // namespace owo::service
