#include "service/server_address.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <utility>

namespace owo::service {
namespace {

TEST(ServerAddressTest, TellsWhatOnlyThisMachineReaches) {
  for (const char* text :
       {"127.0.0.1:50051", "127.1.2.3:1", "localhost:0", "[::1]:50051", "unix:/run/owo.sock"}) {
    const auto address = ParseListenAddress(text);
    ASSERT_TRUE(address.ok()) << address.status();
    EXPECT_TRUE(address->loopback) << text;
  }
  for (const char* text : {"0.0.0.0:50051", "10.0.0.1:1", "128.0.0.1:1", "[::]:1", "[fe80::1]:1",
                           "example.com:1", "127.evil.example:1", "localhost.example:1"}) {
    const auto address = ParseListenAddress(text);
    ASSERT_TRUE(address.ok()) << address.status();
    EXPECT_FALSE(address->loopback) << text;
  }
}

TEST(ServerAddressTest, RefusesWhatIsNoAddress) {
  for (const char* text : {"", ":", "localhost", "127.0.0.1", ":50051", "127.0.0.1:", "a:b",
                           "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:+1", "::1:50051", "[::1:1",
                           "[nope]:1", "a b:1", "unix:", "127.0.0.1:1/x", "dns:///a:1"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParseListenAddress(text).status())) << text;
  }
}

TEST(ServerAddressTest, IsShownWithThePortThatWasFree) {
  EXPECT_EQ(ParseListenAddress("127.0.0.1:0")->WithPort(4711), "127.0.0.1:4711");
  EXPECT_EQ(ParseListenAddress("[::1]:0")->WithPort(4711), "[::1]:4711");
  EXPECT_EQ(ParseListenAddress("unix:/a")->WithPort(1), "unix:/a");
}

TEST(ServerAddressTest, KnowsAPortThatAnotherListensOn) {
  for (const auto& [host, family] : {std::pair("127.0.0.1", AF_INET), {"[::1]", AF_INET6}}) {
    SCOPED_TRACE(host);
    const int fd = socket(family, SOCK_STREAM, 0);
    sockaddr_storage bound{.ss_family = static_cast<sa_family_t>(family)};
    if (family == AF_INET6) reinterpret_cast<sockaddr_in6&>(bound).sin6_addr = in6addr_loopback;
    if (family == AF_INET) {
      reinterpret_cast<sockaddr_in&>(bound).sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    }
    socklen_t size = sizeof(bound);
    ASSERT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&bound), size), 0);
    ASSERT_EQ(listen(fd, 1), 0);
    ASSERT_EQ(getsockname(fd, reinterpret_cast<sockaddr*>(&bound), &size), 0);
    // The same offset in sockaddr_in6.
    const int port = ntohs(reinterpret_cast<sockaddr_in&>(bound).sin_port);
    const auto address = ParseListenAddress(std::string(host) + ":" + std::to_string(port));
    EXPECT_TRUE(IsTaken(*address));
    close(fd);
    EXPECT_FALSE(IsTaken(*address));
  }
  EXPECT_FALSE(IsTaken(*ParseListenAddress("127.0.0.1:0")));
  EXPECT_FALSE(IsTaken(*ParseListenAddress("unix:/a")));
  EXPECT_FALSE(IsTaken(*ParseListenAddress("no-such-host.invalid:1")));
}

}  // namespace
}  // namespace owo::service
