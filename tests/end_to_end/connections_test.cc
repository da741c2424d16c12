// More connections than the server has room for.

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "client/cpp/owostack.h"
#include "tests/end_to_end/raw_http2.h"
#include "tests/end_to_end/server_process.h"
#include "tests/support/temp_dir.h"

namespace owo {
namespace {

TEST(ConnectionsTest, MoreThanItHasDescriptorsForDoNotMakeItDeaf) {
  const TempDir dir;
  // Exec keeps the process that the test stops. A log line says that fewer connections are
  // permitted.
  const ServerProcess server(dir.path(), {},
                             {"/bin/sh", "-c", "ulimit -n 256 && exec \"$0\" \"$@\" 2>/dev/null"});
  {
    std::vector<std::unique_ptr<RawSocket>> connections;
    for (int i = 0; i < 500; ++i) {
      connections.push_back(std::make_unique<RawSocket>(server.endpoint()));
    }
    // The last ones are closed by the server.
    EXPECT_EQ(connections.back()->Read(1), "");
  }
  const Owostack owo({.endpoint = server.endpoint()});
  const auto features = owo.catalog.features();
  EXPECT_TRUE(features.ok()) << features.status();
}

TEST(ConnectionsTest, BeyondTheLimitTheyAreClosedAndTheOthersAreServed) {
  const TempDir dir;
  const ServerProcess server(dir.path(), {"--connections_max=3"});
  const Owostack owo({.endpoint = server.endpoint()});
  ASSERT_TRUE(owo.catalog.features().ok());
  const RawSocket second(server.endpoint());
  const RawSocket third(server.endpoint());
  const RawSocket fourth(server.endpoint());
  EXPECT_EQ(fourth.Read(1000).size(), 0U);
  EXPECT_GT(third.Read(9).size(), 0U);  // the server's SETTINGS
  EXPECT_TRUE(owo.catalog.features().ok());
}

TEST(ConnectionsTest, APeerThatReadsNothingIsDisconnected) {
  const TempDir dir;
  const ServerProcess server(dir.path(), {"--memory_mib=128"});
  const Owostack owo({.endpoint = server.endpoint()});
  // As many as the server's first window has room for.
  constexpr int kCalls = 13'000;
  EXPECT_TRUE(IsDisconnectedIfUnread(server.endpoint(), "/owo.billing.v1.Billing/Usage", kCalls));
  const auto features = owo.catalog.features();
  EXPECT_TRUE(features.ok()) << features.status();
}

}  // namespace
}  // namespace owo
