// Who waits in an answer does not hold up the next commit.

#include <gtest/gtest.h>
#include <rocksdb/env.h>

#include <atomic>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "storage/rocksdb/open.h"
#include "tests/support/store.h"

namespace owo::storage {
namespace {

constexpr absl::Duration kLong = absl::Seconds(30);
// As large as a commit becomes: what follows is in the next one.
constexpr int kWholeCommit = 32'768;

TEST(AnswersTest, AreGivenBesideTheNextCommit) {
  const std::unique_ptr<rocksdb::Env> env(rocksdb::NewMemEnv(rocksdb::Env::Default()));
  auto store = OpenRocksStore({.data_dir = "/data", .env = env.get()});
  ASSERT_TRUE(store.ok()) << store.status();
  const Subject subject = AddSubject(**store, "acme");
  std::vector<TrackEvent> many;
  for (int i = 0; i < kWholeCommit; ++i) many.push_back(subject.Event(absl::StrCat("m", i), 1));

  absl::Notification next_answered;
  std::atomic<bool> in_time = false;
  absl::Notification first_answered;
  // In an answer of the writing thread: nothing of what is submitted here is taken before its end.
  (*store)->Track(subject.Command({subject.Event("e", 1)}), [&](const auto& /*outcomes*/) {
    (*store)->Track(subject.Command(std::move(many)), [&](const auto& outcomes) {
      in_time = outcomes.ok() && next_answered.WaitForNotificationWithTimeout(kLong);
      first_answered.Notify();
    });
    (*store)->Track(subject.Command({subject.Event("next", 1)}),
                    [&](const auto& /*outcomes*/) { next_answered.Notify(); });
  });
  first_answered.WaitForNotification();
  EXPECT_TRUE(in_time);
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
