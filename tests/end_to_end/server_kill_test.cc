// A killed server loses no acknowledged event and counts none twice. A server that is asked to stop
// finishes what it accepted. A server that must not start says why.

#include <gmock/gmock.h>

#include <optional>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/synchronization/mutex.h"
#include "tests/end_to_end/at_once.h"
#include "tests/end_to_end/metered_customer.h"
#include "tests/end_to_end/server_process.h"
#include "tests/support/random.h"
#include "tests/support/temp_dir.h"

namespace owo {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr int kCallers = 8;
constexpr int kBatchSize = 50;

// The events that callers sent, and what they know about them. Thread-safe.
class Events {
 public:
  void Add(const std::vector<std::string>& ids, bool acknowledged) {
    const absl::MutexLock lock(&mutex_);
    (acknowledged ? acknowledged_ : unknown_).insert(ids.begin(), ids.end());
  }
  // Returns false if there are still fewer after a minute.
  bool AwaitAcknowledged(size_t count) const {
    const auto enough = [this, count]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
      return acknowledged_.size() >= count;
    };
    const absl::MutexLock lock(&mutex_);
    return mutex_.AwaitWithTimeout(absl::Condition(&enough), absl::Minutes(1));
  }
  std::vector<std::string> acknowledged() const {
    const absl::MutexLock lock(&mutex_);
    return {acknowledged_.begin(), acknowledged_.end()};
  }
  std::vector<std::string> unknown() const {
    const absl::MutexLock lock(&mutex_);
    return {unknown_.begin(), unknown_.end()};
  }
  void UnknownAreResolved() {
    const absl::MutexLock lock(&mutex_);
    acknowledged_.merge(unknown_);
    unknown_.clear();
  }

 private:
  mutable absl::Mutex mutex_;
  std::set<std::string> acknowledged_ ABSL_GUARDED_BY(mutex_);
  std::set<std::string> unknown_ ABSL_GUARDED_BY(mutex_);
};

class ServerKillTest : public ::testing::Test {
 protected:
  void SetUp() override {
    Start();
    AddMeteredCustomer(Client());
  }

  void Start() { server_.emplace(dir_.path()); }

  // A client without retries.
  Owostack Client() const {
    return Owostack({.endpoint = server_->endpoint(), .retry = {.attempts_max = 1}});
  }

  // Callers track, one event or many at a time, until the server no longer answers. `end` ends the
  // server, after `acknowledged` events were acknowledged.
  template <typename End>
  void TrackUntil(size_t acknowledged, const End& end) {
    const size_t known = events_.acknowledged().size();
    const int run = ++runs_;
    AtOnce(kCallers + 1, [&](int caller) {
      if (caller == kCallers) {
        EXPECT_TRUE(events_.AwaitAcknowledged(known + acknowledged));
        return end();
      }
      const Owostack owo = Client();
      for (int i = 0; TrackSome(owo, absl::StrFormat("%d-%d-%d", run, caller, i)); ++i) {
      }
    });
  }

  // Returns false if the server did not answer.
  bool TrackSome(const Owostack& owo, const std::string& name) {
    std::vector<std::string> ids = {name};
    absl::Status status;
    if (name.back() % 2 == 0) {
      const auto tracked = owo.track_now(Call(name));
      status = tracked.status();
      EXPECT_TRUE(!tracked.ok() || (tracked->recorded && !tracked->duplicate));
    } else {
      for (int i = 1; i < kBatchSize; ++i) ids.push_back(absl::StrCat(name, "-", i));
      const auto tracked = owo.track_batch(Calls(ids));
      status = tracked.status();
      EXPECT_TRUE(!tracked.ok() || tracked->recorded == ids.size());
    }
    EXPECT_TRUE(status.ok() || absl::IsUnavailable(status)) << status;
    events_.Add(ids, status.ok());
    return status.ok();
  }

  // Sends the events again. Returns how many had been counted before.
  size_t CountDuplicates(const std::vector<std::string>& ids) {
    constexpr size_t kBatchEventsMax = 1000;
    const Owostack owo = Client();
    size_t duplicates = 0;
    for (size_t at = 0; at < ids.size(); at += kBatchEventsMax) {
      const auto end =
          ids.begin() + static_cast<ptrdiff_t>(std::min(ids.size(), at + kBatchEventsMax));
      const auto result = owo.track_batch(Calls({ids.begin() + static_cast<ptrdiff_t>(at), end}));
      EXPECT_TRUE(result.ok()) << result.status();
      if (result.ok()) duplicates += result->duplicates;
    }
    return duplicates;
  }

  void ExpectBilled(size_t events) {
    const auto usage = Client().billing.usage({.customer = kCustomer});
    ASSERT_TRUE(usage.ok()) << usage.status();
    EXPECT_EQ(usage->total_estimated, kCallPrice * static_cast<int64_t>(events));
  }

  Random random_;
  const TempDir dir_;
  std::optional<ServerProcess> server_;
  Events events_;
  int runs_ = 0;
};

TEST_F(ServerKillTest, WhatWasAcknowledgedIsCountedOnceAndTheRestResolvesOnRetry) {
  const int kills = IsLongRun() ? 60 : 5;
  for (int kill = 1; kill <= kills; ++kill) {
    const auto acknowledged = static_cast<size_t>(random_.Between(1, 1500));
    TrackUntil(acknowledged, [this] { server_->Kill(); });
    Start();
    const std::vector<std::string> known = events_.acknowledged();
    EXPECT_EQ(CountDuplicates(known), known.size());
    const size_t counted = CountDuplicates(events_.unknown());
    EXPECT_LE(counted, events_.unknown().size());
    events_.UnknownAreResolved();
    ExpectBilled(events_.acknowledged().size());
    if (HasFailure()) FAIL() << "after kill " << kill;
  }
  const auto invoice = Client().billing.invoice({.customer = kCustomer});
  ASSERT_TRUE(invoice.ok()) << invoice.status();
  EXPECT_EQ(invoice->invoice.total,
            kCallPrice * static_cast<int64_t>(events_.acknowledged().size()));
}

TEST_F(ServerKillTest, AServerThatStopsAnswersEverythingThatItCounts) {
  const int stops = IsLongRun() ? 30 : 3;
  for (int stop = 1; stop <= stops; ++stop) {
    int status = -1;
    TrackUntil(500, [&] { status = server_->Stop(); });
    EXPECT_EQ(status, 0);
    Start();
    ExpectBilled(events_.acknowledged().size());
    if (HasFailure()) FAIL() << "after stop " << stop;
  }
}

TEST_F(ServerKillTest, ASecondServerOnTheSameDataIsRefused) {
  const ProgramRun second = RunRefusedServer({"--listen=127.0.0.1:0", "--data_dir=" + dir_.path()});
  EXPECT_EQ(second.exit_status, 1);
  EXPECT_THAT(second.output, AllOf(HasSubstr(dir_.path()), HasSubstr("in use")));
  EXPECT_TRUE(Client().track_now(Call("still-there")).ok());
}

TEST_F(ServerKillTest, APortThatIsTakenIsNamed) {
  const TempDir other;
  const ProgramRun second =
      RunRefusedServer({"--listen=" + server_->endpoint(), "--data_dir=" + other.path()});
  EXPECT_EQ(second.exit_status, 2);
  EXPECT_THAT(second.output, HasSubstr(server_->endpoint()));
  // The same if the data is in use as well, as when an operator starts the same server twice.
  const ProgramRun same =
      RunRefusedServer({"--listen=" + server_->endpoint(), "--data_dir=" + dir_.path()});
  EXPECT_EQ(same.exit_status, 2);
  EXPECT_THAT(same.output, HasSubstr(server_->endpoint()));
  EXPECT_TRUE(Client().track_now(Call("still-there")).ok());
}

TEST(ServerListenTest, ItIsNotReachedByOthersUnlessToldSoByName) {
  const TempDir dir;
  const ProgramRun open = RunRefusedServer({"--listen=0.0.0.0:0", "--data_dir=" + dir.path()});
  EXPECT_EQ(open.exit_status, 2);
  EXPECT_THAT(open.output, AllOf(HasSubstr("0.0.0.0"), HasSubstr("--allow_insecure_listen")));
}

}  // namespace
}  // namespace owo
