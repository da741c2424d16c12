// A data directory survives many restarts, and the rows of its first runs end up in tables that
// later runs have not opened yet. Everything that was acknowledged in any run can be read in every
// later one.

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <gtest/gtest.h>

#include <optional>

#include "absl/strings/str_cat.h"
#include "tests/end_to_end/metered_customer.h"
#include "tests/end_to_end/quiet_customers.h"
#include "tests/end_to_end/server_process.h"
#include "tests/support/long_run.h"
#include "tests/support/random.h"
#include "tests/support/temp_dir.h"

namespace owo {
namespace {

constexpr int kEventsPerLife = 200;
constexpr size_t kReadPerLife = 30;

class ManyLivesTest : public ::testing::Test {
 protected:
  // Uses its own connection: gRPC would share one that was made to an earlier server.
  Channel Connect() const {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return grpc::CreateCustomChannel(server_->endpoint(), grpc::InsecureChannelCredentials(),
                                     arguments);
  }

  // Usage of other customers during one run: enough to leave rows of every kind in the logs, which
  // the next start writes to tables.
  void LiveBusily(int life) {
    const Owostack owo({.endpoint = server_->endpoint()});
    std::vector<std::string> ids;
    for (int i = 0; i < kEventsPerLife; ++i) ids.push_back(absl::StrCat("busy-", life, "-", i));
    const auto tracked = owo.track_batch(Calls(ids));
    ASSERT_TRUE(tracked.ok()) << tracked.status();
    EXPECT_EQ(tracked->recorded, ids.size());
    const auto invoice = owo.billing.invoice({.customer = kCustomer});
    ASSERT_TRUE(invoice.ok()) << invoice.status();
    EXPECT_EQ(invoice->invoice.total, kCallPrice * kEventsPerLife);
    const std::string other = absl::StrCat("other-", life);
    ASSERT_TRUE(owo.customers.create({.id = other}).ok());
    ASSERT_TRUE(owo.customers.subscribe({.customer = other, .plan = "pro"}).ok());
  }

  void End() {
    if (random_.OneIn(2)) {
      EXPECT_EQ(server_->Stop(), 0);
    } else {
      server_->Kill();
    }
  }

  Random random_;
  const TempDir dir_;
  std::optional<ServerProcess> server_;
  QuietCustomers quiet_;
};

TEST_F(ManyLivesTest, WhatWasAcknowledgedInAnyLifeIsReadInEveryLaterOne) {
  const int lives = IsLongRun() ? 1000 : 32;
  const int added_every = IsLongRun() ? 50 : 5;
  server_.emplace(dir_.path(), std::vector<std::string>{"--memory_mib=128"});
  ASSERT_NO_FATAL_FAILURE(AddMeteredCustomer(Owostack({.endpoint = server_->endpoint()})));
  SyncQuietCatalog(Connect());
  quiet_.Add("first", Connect());
  for (int life = 1; life <= lives; ++life) {
    ASSERT_NO_FATAL_FAILURE(LiveBusily(life));
    End();
    server_.emplace(dir_.path(), std::vector<std::string>{"--memory_mib=128"});
    quiet_.ExpectUnchanged(Connect(), random_, kReadPerLife);
    if (random_.OneIn(4)) quiet_.ExpectRepeatsKnown(Connect(), random_, kReadPerLife);
    if (life % added_every == 0) quiet_.Add(absl::StrCat("life-", life), Connect());
    if (HasFailure()) FAIL() << "in life " << life;
  }
  quiet_.ExpectBillable(Connect());
  EXPECT_EQ(server_->Stop(), 0);
  const ProgramRun verified = RunProgram({OWO_SERVER, "verify", "--data_dir=" + dir_.path()});
  EXPECT_EQ(verified.exit_status, 0) << verified.output;
}

}  // namespace
}  // namespace owo
