#include "service/access/access_upkeep.h"

#include <gmock/gmock.h>

#include <atomic>
#include <fstream>
#include <functional>

#include "absl/time/clock.h"
#include "storage/rocksdb/open.h"
#include "tests/support/interposed_store.h"
#include "tests/support/memory_disk.h"
#include "tests/support/store.h"
#include "tests/support/temp_dir.h"

namespace owo::access {
namespace {

using storage::kNow;

constexpr char kId[] = "AAAAAAAAAAAAAA";
constexpr absl::Duration kOften = absl::Milliseconds(5);

// Whether `is` becomes true within a time that is long enough for every machine.
bool Eventually(const std::function<bool()>& is) {
  const absl::Time end = absl::Now() + absl::Seconds(30);
  while (!is()) {
    if (absl::Now() > end) return false;
    absl::SleepFor(absl::Milliseconds(1));
  }
  return true;
}

class AccessUpkeepTest : public ::testing::Test {
 protected:
  void PutKey() {
    const uint64_t generation = store_.AccessGeneration(storage::kReadAll).value();
    storage::PutAccess put{generation};
    storage::ApiKeyRecord& key = *put.changes.add_keys();
    key.set_tenant(1);
    key.set_id(kId);
    key.set_hash(std::string(32, 'h'));
    ASSERT_TRUE(storage::Commit(store_, {.tenant = storage::kNoTenant, .change = put}).ok());
  }
  storage::Micros StoredUse() {
    const auto access = store_.ReadAccess(storage::kReadAll);
    return access.ok() && access->uses_size() == 1 ? access->uses(0).used_us() : 0;
  }

  const std::unique_ptr<rocksdb::Env> memory_ = NewMemoryDisk();
  storage::InterposedStore store_{
      storage::OpenRocksStore({.data_dir = "/data", .env = memory_.get()}).value()};
  KeyRing ring_;
};

TEST_F(AccessUpkeepTest, NoticesKeysOfAnotherServer) {
  const AccessUpkeep upkeep(store_, ring_, nullptr, {.refresh_every = kOften});
  PutKey();
  EXPECT_TRUE(Eventually([this] { return ring_.Find(kId) != nullptr; }));
}

TEST_F(AccessUpkeepTest, StoresUsesNowAndThenAndAtTheEnd) {
  PutKey();
  ASSERT_TRUE(ring_.Load(store_).ok());
  {
    const AccessUpkeep upkeep(store_, ring_, nullptr,
                              {.refresh_every = kOften, .store_uses_every = kOften});
    ring_.Find(kId)->Use(kNow);
    EXPECT_TRUE(Eventually([this] { return StoredUse() == kNow; }));
  }
  {
    const AccessUpkeep upkeep(store_, ring_, nullptr, {.refresh_every = absl::Hours(1)});
    ring_.Find(kId)->Use(kNow + storage::kDay);
    EXPECT_EQ(StoredUse(), kNow);
  }
  EXPECT_EQ(StoredUse(), kNow + storage::kDay);
}

TEST_F(AccessUpkeepTest, UsesThatCouldNotBeStoredAreStoredLater) {
  PutKey();
  ASSERT_TRUE(ring_.Load(store_).ok());
  ring_.Find(kId)->Use(kNow);
  store_.RefuseNextCommit(absl::ResourceExhaustedError("full"));
  const AccessUpkeep upkeep(store_, ring_, nullptr,
                            {.refresh_every = kOften, .store_uses_every = kOften});
  EXPECT_TRUE(Eventually([this] { return StoredUse() == kNow; }));
}

TEST_F(AccessUpkeepTest, ReadsTheOperatorsKeyAgainAndReportsABrokenOne) {
  const TempDir dir;
  const std::string path = dir.path() + "/key";
  const std::string first(40, 'a');
  const std::string second(41, 'b');
  std::ofstream(path) << first;
  const auto key = OperatorKey::FromFile(path);
  ASSERT_TRUE(key.ok()) << key.status();
  std::atomic<int> failures = 0;
  const AccessUpkeep upkeep(
      store_, ring_, key->get(),
      {.refresh_every = kOften, .on_failure = [&](const absl::Status&) { ++failures; }});
  std::ofstream(path) << "broken";
  EXPECT_TRUE(Eventually([&] { return failures >= 1; }));
  EXPECT_TRUE((*key)->Is(HashKey(first)));
  std::ofstream(path) << second;
  EXPECT_TRUE(Eventually([&] { return (*key)->Is(HashKey(second)); }));
}

}  // namespace
}  // namespace owo::access
