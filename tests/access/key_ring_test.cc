#include "service/access/key_ring.h"

#include <gmock/gmock.h>

#include "storage/rocksdb/open.h"
#include "tests/support/memory_disk.h"
#include "tests/support/store.h"

namespace owo::access {
namespace {

using storage::AccessChangeRecord;
using storage::kNow;
using storage::TenantId;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kA[] = "AAAAAAAAAAAAAA";
constexpr char kB[] = "BBBBBBBBBBBBBB";

storage::ApiKeyRecord KeyOf(uint32_t tenant, const std::string& id, storage::Micros created) {
  storage::ApiKeyRecord key;
  key.set_tenant(tenant);
  key.set_id(id);
  key.set_hash(std::string(32, 'h'));
  key.set_scopes(ledger::Scopes{ledger::Scope::kRead}.bits());
  key.set_created_us(created);
  return key;
}

storage::TenantProfileRecord TenantOf(uint32_t number, const std::string& slug) {
  storage::TenantProfileRecord tenant;
  tenant.set_number(number);
  tenant.set_slug(slug);
  return tenant;
}

AccessChangeRecord First() {
  AccessChangeRecord changes;
  changes.set_generation(1);
  *changes.add_tenants() = TenantOf(2, "acme");
  *changes.add_keys() = KeyOf(2, kB, kNow);
  *changes.add_keys() = KeyOf(2, kA, kNow + 1);
  return changes;
}

std::vector<std::string> IdsIn(const std::vector<std::shared_ptr<const Key>>& keys) {
  std::vector<std::string> ids;
  for (const auto& key : keys) ids.push_back(key->record.id());
  return ids;
}

class KeyRingTest : public ::testing::Test {
 protected:
  // Commits to the store, as another process would.
  void Put(AccessChangeRecord changes) {
    const uint64_t generation = store_->AccessGeneration(storage::kReadAll).value();
    const auto put =
        storage::Commit(*store_, {.tenant = storage::kNoTenant,
                                  .now = kNow,
                                  .change = storage::PutAccess{generation, std::move(changes)}});
    ASSERT_TRUE(put.ok() && put->code == storage::MutationCode::kCommitted) << put.status();
  }

  const std::unique_ptr<rocksdb::Env> memory_ = NewMemoryDisk();
  const std::unique_ptr<storage::Store> store_ =
      storage::OpenRocksStore({.data_dir = "/data", .env = memory_.get()}).value();
  KeyRing ring_;
};

TEST_F(KeyRingTest, HasTheDefaultTenantFromTheStart) {
  ASSERT_TRUE(ring_.Load(*store_).ok());
  EXPECT_EQ(ring_.FindTenant("default")->number(), 1U);
  EXPECT_EQ(ring_.default_tenant().id, storage::kDefaultTenant);
  EXPECT_EQ(ring_.tenants(), 1U);
  EXPECT_EQ(ring_.keys(), 0U);
  EXPECT_EQ(ring_.Find(kA), nullptr);
}

TEST_F(KeyRingTest, HasWhatTheStoreHas) {
  Put(First());
  ASSERT_TRUE(ring_.Load(*store_).ok());
  EXPECT_EQ(ring_.generation(), 1U);
  const auto key = ring_.Find(kA);
  ASSERT_NE(key, nullptr);
  EXPECT_EQ(key->tenant.id, TenantId{2});
  EXPECT_EQ(key->principal.scopes, ledger::Scopes{ledger::Scope::kRead});
  EXPECT_EQ(ring_.last_tenant(), 2U);
}

TEST_F(KeyRingTest, NoticesWhatAnotherProcessCommitted) {
  ASSERT_TRUE(ring_.Load(*store_).ok());
  Put(First());
  EXPECT_EQ(ring_.Find(kA), nullptr);
  ASSERT_TRUE(ring_.Refresh(*store_).ok());
  const auto held = ring_.Find(kA);
  ASSERT_NE(held, nullptr);

  AccessChangeRecord changes;
  *changes.add_keys() = KeyOf(2, kB, kNow);
  changes.mutable_keys(0)->set_revoked_us(kNow);
  *changes.add_tenants() = TenantOf(2, "acme");
  changes.mutable_tenants(0)->set_suspended(true);
  changes.add_forgotten_keys()->set_tenant(2);
  changes.mutable_forgotten_keys(0)->set_id(kA);
  Put(changes);
  ASSERT_TRUE(ring_.Refresh(*store_).ok());
  EXPECT_EQ(ring_.Find(kA), nullptr);
  EXPECT_TRUE(ring_.Find(kB)->IsRevoked());
  EXPECT_TRUE(held->tenant.suspended) << "a call sees it that holds the key";
  EXPECT_EQ(held->record.id(), kA);
}

TEST_F(KeyRingTest, AppliesTheNextGenerationOnly) {
  ASSERT_TRUE(ring_.Load(*store_).ok());
  AccessChangeRecord changes = First();
  changes.set_generation(2);
  ring_.Apply(changes);
  EXPECT_EQ(ring_.keys(), 0U) << "there is a gap, which Refresh() fills";
  ring_.Apply(First());
  EXPECT_EQ(ring_.keys(), 2U);
  changes.set_generation(1);
  changes.mutable_keys(0)->set_revoked_us(kNow);
  ring_.Apply(changes);
  EXPECT_FALSE(ring_.Find(kB)->IsRevoked()) << "it was applied before";
}

TEST_F(KeyRingTest, ListsKeysByAgeAndTenantsBySlug) {
  AccessChangeRecord changes = First();
  *changes.add_tenants() = TenantOf(3, "bolt");
  *changes.add_keys() = KeyOf(3, "CCCCCCCCCCCCCC", kNow - 5);
  ring_.Apply(changes);
  EXPECT_THAT(IdsIn(ring_.ListKeys(TenantId{2}, {}, 9)), ElementsAre(kB, kA));
  EXPECT_THAT(IdsIn(ring_.ListKeys(TenantId{2}, {}, 1)), ElementsAre(kB));
  EXPECT_THAT(IdsIn(ring_.ListKeys(TenantId{2}, {kNow, kB}, 9)), ElementsAre(kA));
  EXPECT_THAT(IdsIn(ring_.ListKeys(TenantId{2}, {kNow, kA}, 9)), ElementsAre(kB, kA))
      << "a place where there is no key any more";
  EXPECT_THAT(IdsIn(ring_.ListKeys(TenantId{1}, {}, 9)), IsEmpty());
  EXPECT_THAT(ring_.ListTenants("", 9), SizeIs(3));
  ASSERT_THAT(ring_.ListTenants("acme", 1), SizeIs(1));
  EXPECT_EQ(ring_.ListTenants("acme", 1).front().slug(), "bolt");
}

TEST_F(KeyRingTest, SaysOnceWhenAKeyWasUsed) {
  Put(First());
  ASSERT_TRUE(ring_.Load(*store_).ok());
  EXPECT_THAT(ring_.TakeUses(), IsEmpty());
  const auto held = ring_.Find(kA);
  held->Use(kNow);
  held->Use(kNow + 1);  // not worth a write
  auto uses = ring_.TakeUses();
  ASSERT_THAT(uses, SizeIs(1));
  EXPECT_EQ(uses[0].id(), kA);
  EXPECT_EQ(uses[0].tenant(), 2U);
  EXPECT_EQ(uses[0].used_us(), kNow);
  EXPECT_THAT(ring_.TakeUses(), IsEmpty());
  ring_.GiveBackUses(uses);
  EXPECT_THAT(ring_.TakeUses(), SizeIs(1)) << "it could not be stored";

  // A change of a key does not lose when it was used.
  AccessChangeRecord changes;
  changes.set_generation(2);
  *changes.add_keys() = KeyOf(2, kA, kNow + 1);
  changes.mutable_keys(0)->set_revoked_us(kNow);
  ring_.Apply(changes);
  EXPECT_EQ(ring_.Find(kA)->used.load(), kNow);
}

TEST_F(KeyRingTest, KnowsStoredUsesAfterAStart) {
  Put(First());
  storage::ApiKeyUseRecord use;
  use.set_tenant(2);
  use.set_id(kA);
  use.set_used_us(kNow + 7);
  ASSERT_TRUE(storage::Commit(
                  *store_,
                  {.tenant = storage::kNoTenant, .now = kNow, .change = storage::PutKeyUses{{use}}})
                  .ok());
  ASSERT_TRUE(ring_.Load(*store_).ok());
  EXPECT_EQ(ring_.Find(kA)->used.load(), kNow + 7);
  EXPECT_EQ(ring_.Find(kB)->used.load(), 0);
  EXPECT_THAT(ring_.TakeUses(), IsEmpty());
}

}  // namespace
}  // namespace owo::access
