// Signals: SIGTERM and SIGINT stop the server after it has finished what it accepted. Other signals
// that would end it are ignored.

#include <gtest/gtest.h>

#include <csignal>

#include "tests/end_to_end/metered_customer.h"
#include "tests/end_to_end/server_process.h"
#include "tests/support/temp_dir.h"

namespace owo {
namespace {

TEST(SignalsTest, OthersThanThoseThatStopTheServerAreIgnored) {
  const TempDir dir;
  ServerProcess server(dir.path());
  const Owostack owo({.endpoint = server.endpoint()});
  ASSERT_NO_FATAL_FAILURE(AddMeteredCustomer(owo));
  int calls = 0;
  for (const int number : {SIGHUP, SIGUSR1, SIGUSR2, SIGALRM, SIGPIPE}) {
    for (int again = 0; again < 2; ++again) {
      ASSERT_EQ(kill(server.pid(), number), 0);
      const auto counted = owo.track_now(Call("e" + std::to_string(calls++)));
      ASSERT_TRUE(counted.ok()) << number << ": " << counted.status();
    }
  }
  EXPECT_EQ(server.Stop(), 0) << "it was ended by a signal";
}

// The signal that wakes the waiting thread must not be mistaken for a failure of the store or a
// stop.
TEST(SignalsTest, ManyOfThemDoNotStopIt) {
  const TempDir dir;
  ServerProcess server(dir.path());
  const Owostack owo({.endpoint = server.endpoint()});
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(kill(server.pid(), SIGUSR1), 0);
  ASSERT_NO_FATAL_FAILURE(AddMeteredCustomer(owo));
  EXPECT_EQ(server.Stop(), 0);
}

}  // namespace
}  // namespace owo
