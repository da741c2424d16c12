// `--retain_events`: the server drops old events while it serves, and its data passes `verify`.

#include <gmock/gmock.h>

#include "absl/time/clock.h"
#include "client/cpp/owostack.h"
#include "tests/end_to_end/server_process.h"
#include "tests/support/temp_dir.h"

namespace owo {
namespace {

using ::testing::ContainsRegex;
using ::testing::SizeIs;

constexpr absl::Duration kTimeout = absl::Seconds(60);
constexpr absl::Duration kBetweenLooks = absl::Milliseconds(100);

class RetainEventsTest : public ::testing::Test {
 protected:
  // Tracks usage in an hour that has ended, and then makes a newer record without events of that
  // hour.
  static void Live(const ServerProcess& server) {
    const Owostack owo({.endpoint = server.endpoint()});
    const auto synced =
        owo.catalog.sync({.features = {{.slug = "bursts", .name = "Bursts"}},
                          .plans = {{.slug = "pro",
                                     .name = "Pro",
                                     .currency = "USD",
                                     .features = {{.feature_slug = "bursts",
                                                   .usage_model = UsageModel::kIncluded,
                                                   .included = "100",
                                                   .reset_interval = Interval::kHour,
                                                   .overage = OveragePolicy::kBlock}}}}});
    ASSERT_TRUE(synced.ok()) << synced.status();
    ASSERT_TRUE(owo.customers.create({.id = "acme"}).ok());
    const absl::Time start = absl::Now() - absl::Hours(4);
    const auto subscribed =
        owo.customers.subscribe({.customer = "acme", .plan = "pro", .start = start});
    ASSERT_TRUE(subscribed.ok()) << subscribed.status();
    const auto tracked = owo.track_now(Old());
    ASSERT_TRUE(tracked.ok() && tracked->recorded) << tracked.status();
    ASSERT_TRUE(owo.customers.create({.id = "other"}).ok());
  }
  static TrackParams Old() {
    return {.customer = "acme",
            .feature = "bursts",
            .quantity = "7",
            .event_id = "old",
            .event_time = absl::Now() - absl::Hours(3)};
  }

  const TempDir dir_;
};

TEST_F(RetainEventsTest, OldEventsExpireWhileTheServerServes) {
  const std::string data = dir_.path() + "/data";
  {
    const ServerProcess server(data);
    ASSERT_NO_FATAL_FAILURE(Live(server));
    const Owostack owo({.endpoint = server.endpoint()});
    const auto events = owo.events({.customer = "acme"});
    ASSERT_TRUE(events.ok()) << events.status();
    EXPECT_THAT(*events, SizeIs(1));
  }
  {
    const ServerProcess server(data, {"--retain_events=1s", "--allow_short_retention"});
    const Owostack owo({.endpoint = server.endpoint()});
    auto events = owo.events({.customer = "acme"});
    for (const absl::Time end = absl::Now() + kTimeout; events.ok() && absl::Now() < end;) {
      absl::SleepFor(kBetweenLooks);
      events = owo.events({.customer = "acme"});
    }
    EXPECT_TRUE(absl::IsFailedPrecondition(events.status())) << events.status();
    const auto repeat = owo.track_now(Old());
    ASSERT_TRUE(repeat.ok()) << repeat.status();
    EXPECT_TRUE(repeat->duplicate);
  }
  const ProgramRun run = RunProgram({OWO_SERVER, "verify", "--data_dir=" + data});
  EXPECT_EQ(run.exit_status, 0) << run.output;
  EXPECT_THAT(run.output, ContainsRegex("\narchived events +1\n"));
}

}  // namespace
}  // namespace owo
