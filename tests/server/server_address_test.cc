#include "service/server_address.h"

#include <gtest/gtest.h>

#include <string>

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

}  // namespace
}  // namespace owo::service
