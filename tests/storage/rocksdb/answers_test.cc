// A callback that blocks does not delay the next commit.

#include <gtest/gtest.h>
#include <rocksdb/env.h>

#include <atomic>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "storage/rocksdb/open.h"
#include "tests/support/store.h"

namespace owo::storage {
namespace {

constexpr absl::Duration kLong = absl::Seconds(10);
// The maximum size of a commit: later events are in the next one.
constexpr int kWholeCommit = 32'768;
constexpr int kCommands = 64;

TEST(AnswersTest, AreGivenAsynchronouslyWhenTheyAreMany) {
  const std::unique_ptr<rocksdb::Env> env(rocksdb::NewMemEnv(rocksdb::Env::Default()));
  auto store = OpenRocksStore({.data_dir = "/data", .env = env.get()});
  ASSERT_TRUE(store.ok()) << store.status();
  const Subject subject = AddSubject(**store, "acme");
  const auto part = [&](int command) {
    std::vector<TrackEvent> events;
    for (int i = 0; i < kWholeCommit / kCommands; ++i) {
      events.push_back(subject.Event(absl::StrCat(command, "-", i), 1));
    }
    return subject.Command(std::move(events));
  };

  absl::Notification next_answered;
  std::atomic<int> in_time = 0;
  absl::BlockingCounter answered(kCommands);
  // The writing thread runs this callback, so it takes nothing that is submitted here before the
  // callback returns.
  (*store)->Track(subject.Command({subject.Event("e", 1)}), [&](const auto& /*outcomes*/) {
    for (int command = 0; command < kCommands; ++command) {
      (*store)->Track(part(command), [&](const auto& outcomes) {
        const bool next = next_answered.WaitForNotificationWithTimeout(kLong);
        in_time += outcomes.ok() && next ? 1 : 0;
        answered.DecrementCount();
      });
    }
    (*store)->Track(subject.Command({subject.Event("next", 1)}),
                    [&](const auto& /*outcomes*/) { next_answered.Notify(); });
  });
  answered.Wait();
  EXPECT_EQ(in_time, kCommands);
  EXPECT_EQ(ReadCounter(**store, subject, subject.Counter()).total, Units(kWholeCommit + 2));
}

TEST(AnswersTest, AllAreGivenBeforeTheStoreIsGone) {
  constexpr int kCalls = 500;
  const std::unique_ptr<rocksdb::Env> env(rocksdb::NewMemEnv(rocksdb::Env::Default()));
  auto store = OpenRocksStore({.data_dir = "/data", .env = env.get()});
  ASSERT_TRUE(store.ok()) << store.status();
  const Subject subject = AddSubject(**store, "acme");
  std::atomic<int> answered = 0;
  for (int i = 0; i < kCalls; ++i) {
    (*store)->Track(subject.Command({subject.Event(absl::StrCat("e", i), 1)}),
                    [&answered](const auto& outcomes) { answered += outcomes.ok() ? 1 : 0; });
  }
  store->reset();
  EXPECT_EQ(answered, kCalls);
}

}  // namespace
}  // namespace owo::storage
