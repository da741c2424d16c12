// Tenants and API keys change as a whole, by generation.

#include "tests/storage/contract/store_contract.h"

namespace owo::storage {
namespace {

using ::testing::SizeIs;

class AccessContract : public StoreContract {
 protected:
  absl::StatusOr<MutationResult> Put(const PutAccess& put) {
    return Commit(store(), {.tenant = kNoTenant, .now = kNow, .change = put});
  }
  AccessRecord Read() {
    const auto access = store().ReadAccess(kReadAll);
    EXPECT_TRUE(access.ok()) << access.status();
    return access.value_or(AccessRecord());
  }
  uint64_t Generation() { return store().AccessGeneration(kReadAll).value_or(UINT64_MAX); }

  static PutAccess First() {
    PutAccess put;
    TenantProfileRecord& tenant = *put.changes.add_tenants();
    tenant.set_number(2);
    tenant.set_slug("acme");
    *put.changes.add_keys() = KeyOf(1, "key-of-1");
    *put.changes.add_keys() = KeyOf(2, "key-of-2");
    return put;
  }
  static ApiKeyRecord KeyOf(uint32_t tenant, const std::string& id) {
    ApiKeyRecord key;
    key.set_tenant(tenant);
    key.set_id(id);
    key.set_hash(std::string(32, 'h'));
    return key;
  }
  static ApiKeyUseRecord UseOf(uint32_t tenant, const std::string& id, Micros used) {
    ApiKeyUseRecord use;
    use.set_tenant(tenant);
    use.set_id(id);
    use.set_used_us(used);
    return use;
  }
};
OWO_FOR_EVERY_STORE(AccessContract);

TEST_P(AccessContract, IsEmptyAtFirst) {
  EXPECT_EQ(Generation(), 0);
  EXPECT_EQ(Read().SerializeAsString(), "");
}

TEST_P(AccessContract, KeepsWhatWasPutOfAllTenants) {
  ASSERT_THAT(Put(First()), Answers(MutationCode::kCommitted));
  Reopen();
  EXPECT_EQ(Generation(), 1);
  AccessRecord want;
  want.set_generation(1);
  *want.mutable_tenants() = First().changes.tenants();
  *want.mutable_keys() = First().changes.keys();
  EXPECT_EQ(Read().DebugString(), want.DebugString());
}

TEST_P(AccessContract, AChangeOfAnOlderGenerationIsAConflictAndChangesNothing) {
  ASSERT_THAT(Put(First()), Answers(MutationCode::kCommitted));
  PutAccess outdated;
  *outdated.changes.add_keys() = KeyOf(1, "another");
  EXPECT_THAT(Put(outdated), Answers(MutationCode::kConflict));
  outdated.generation = 2;  // a generation that there is not yet
  EXPECT_THAT(Put(outdated), Answers(MutationCode::kConflict));
  EXPECT_EQ(Generation(), 1);
  EXPECT_THAT(Read().keys(), SizeIs(2));
}

TEST_P(AccessContract, ReplacesForgetsAndKeepsTheRest) {
  ASSERT_THAT(Put(First()), Answers(MutationCode::kCommitted));
  PutAccess put{.generation = 1};
  *put.changes.add_tenants() = First().changes.tenants(0);
  put.changes.mutable_tenants(0)->set_suspended(true);
  ApiKeyNameRecord& forgotten = *put.changes.add_forgotten_keys();
  forgotten.set_tenant(1);
  forgotten.set_id("key-of-1");
  ASSERT_THAT(Put(put), Answers(MutationCode::kCommitted));
  Reopen();
  const AccessRecord access = Read();
  EXPECT_EQ(access.generation(), 2);
  ASSERT_THAT(access.tenants(), SizeIs(1));
  EXPECT_TRUE(access.tenants(0).suspended());
  ASSERT_THAT(access.keys(), SizeIs(1));
  EXPECT_EQ(access.keys(0).id(), "key-of-2");
}

TEST_P(AccessContract, KeepsWhenKeysWereUsedForAsLongAsThereAreKeys) {
  ASSERT_THAT(Put(First()), Answers(MutationCode::kCommitted));
  const PutKeyUses uses{.uses = {UseOf(1, "key-of-1", kNow), UseOf(2, "key-of-2", kNow + 5),
                                 UseOf(1, "never made", kNow), UseOf(2, "key-of-1", kNow)}};
  ASSERT_TRUE(IsCommitted(Commit(store(), {.tenant = kNoTenant, .now = kNow, .change = uses})));
  EXPECT_EQ(Generation(), 1) << "no key has changed";
  Reopen();
  ASSERT_THAT(Read().uses(), SizeIs(2));
  EXPECT_EQ(Read().uses(0).used_us(), kNow);
  EXPECT_EQ(Read().uses(1).used_us(), kNow + 5);

  PutAccess put{.generation = 1};
  put.changes.add_forgotten_keys()->set_tenant(1);
  put.changes.mutable_forgotten_keys(0)->set_id("key-of-1");
  ASSERT_THAT(Put(put), Answers(MutationCode::kCommitted));
  ASSERT_THAT(Read().uses(), SizeIs(1));
  EXPECT_EQ(Read().uses(0).id(), "key-of-2");
}

TEST_P(AccessContract, ARepeatedRequestIsRecognizedByTheTenantOfTheMutation) {
  Mutation mutation{
      .tenant = TenantId{2},
      .now = kNow,
      .request = RequestClaim{"CreateApiKey", "r-1", std::string(32, 'f'), "key-of-1"},
      .change = First()};
  ASSERT_TRUE(IsCommitted(Commit(store(), mutation)));
  const auto repeated = Commit(store(), mutation);
  ASSERT_THAT(repeated, Answers(MutationCode::kReplayed));
  EXPECT_EQ(repeated->request.object(), "key-of-1");
  mutation.tenant = TenantId{1};
  EXPECT_THAT(Commit(store(), mutation), Answers(MutationCode::kConflict)) << "not a repeat there";
}

}  // namespace
}  // namespace owo::storage
