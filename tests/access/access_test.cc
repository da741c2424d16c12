#include "service/access/access.h"

#include <gmock/gmock.h>

#include <set>

#include "tests/support/await.h"
#include "tests/support/ledger.h"
#include "tests/support/refusal.h"
#include "tests/support/store.h"

namespace owo::access {
namespace {

using ledger::Answered;
using ledger::Must;
using ledger::Reason;
using ledger::RefusedAs;
using ledger::RequestRef;
using ledger::Scope;
using ledger::ValueIn;
using storage::Micros;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr Micros kHour = Micros{3600} * 1'000'000;

// A server: its ring and what it decides on that.
class Node {
 public:
  explicit Node(ledger::TestLedger& ledger) : ledger_(ledger), access_(ledger.parts(), ring_) {
    EXPECT_TRUE(ring_.Load(ledger.store()).ok());
  }

  using Tenant = Answered<storage::TenantProfileRecord>;
  absl::StatusOr<Tenant> CreateTenant(const std::string& slug, RequestRef request = {},
                                      bool test = false) {
    return Await<Tenant>([&](auto done) {
      access_.CreateTenant(Operator(), {.slug = slug, .name = "N", .test = test}, request,
                           std::move(done));
    });
  }
  absl::StatusOr<Tenant> SetSuspended(const std::string& slug, bool suspended,
                                      RequestRef request = {}) {
    return Await<Tenant>([&](auto done) {
      access_.SetSuspended(Operator(), slug, suspended, request, std::move(done));
    });
  }
  absl::StatusOr<Tenant> Rename(const std::string& slug, const std::string& name) {
    return Await<Tenant>(
        [&](auto done) { access_.RenameTenant(Operator(), slug, name, {}, std::move(done)); });
  }
  absl::StatusOr<Answered<NewKey>> CreateKey(const ledger::CallContext& context, KeyParams params,
                                             RequestRef request = {}) {
    if (params.scopes.empty()) params.scopes = {Scope::kTrack};
    return Await<Answered<NewKey>>(
        [&](auto done) { access_.CreateKey(context, params, request, std::move(done)); });
  }
  absl::StatusOr<Answered<KeyView>> Revoke(const ledger::CallContext& context, KeyRef key,
                                           RequestRef request = {}) {
    return Await<Answered<KeyView>>(
        [&](auto done) { access_.RevokeKey(context, key, request, std::move(done)); });
  }
  absl::StatusOr<Answered<NewKey>> Rotate(const ledger::CallContext& context, KeyRef key,
                                          Micros overlap, RequestRef request = {}) {
    return Await<Answered<NewKey>>([&](auto done) {
      access_.RotateKey(context, {key, overlap}, request, std::move(done));
    });
  }

  ledger::CallContext Operator() const {
    ledger::CallContext context = ledger_.context();
    context.principal = &operator_;
    context.tenant = storage::kNoTenant;
    return context;
  }
  // Of a key of this tenant.
  ledger::CallContext Of(uint32_t tenant) const {
    ledger::CallContext context = ledger_.context();
    context.principal = &admin_;
    context.tenant = storage::TenantId{tenant};
    return context;
  }
  Access& access() { return access_; }
  KeyRing& ring() { return ring_; }

 private:
  const ledger::Principal operator_{.name = "operator", .scopes = {Scope::kOperator}};
  const ledger::Principal admin_{.name = "admin", .scopes = ledger::Scopes::All()};
  ledger::TestLedger& ledger_;
  KeyRing ring_;
  Access access_;
};

class AccessTest : public ::testing::Test {
 protected:
  ledger::TestLedger ledger_;
  Node node_{ledger_};
};

TEST_F(AccessTest, TenantsAreCreatedRenamedSuspendedAndResumed) {
  const auto acme = Must(node_.CreateTenant("acme", {}, /*test=*/true)).value;
  EXPECT_EQ(acme.number(), 2U);
  EXPECT_TRUE(acme.test());
  EXPECT_EQ(acme.created_us(), ledger_.now());
  ledger_.Advance(absl::Seconds(1));
  EXPECT_EQ(Must(node_.Rename("acme", "Acme Inc.")).value.name(), "Acme Inc.");
  EXPECT_TRUE(Must(node_.SetSuspended("acme", true)).value.suspended());
  EXPECT_TRUE(Must(node_.SetSuspended("acme", true)).value.suspended()) << "it stays so";
  const auto resumed = Must(node_.SetSuspended("acme", false)).value;
  EXPECT_FALSE(resumed.suspended());
  EXPECT_EQ(resumed.created_us(), acme.created_us());
  EXPECT_EQ(resumed.updated_us(), ledger_.now());
  EXPECT_TRUE(Must(node_.SetSuspended("default", true)).value.suspended());
  EXPECT_TRUE(node_.ring().default_tenant().suspended);

  // The same is on disk.
  Node again(ledger_);
  const auto stored = again.access().ListTenants("", 9);
  ASSERT_THAT(stored->tenants, SizeIs(2));
  EXPECT_EQ(stored->tenants[0].DebugString(), resumed.DebugString());
}

TEST_F(AccessTest, ASlugIsUniqueAndAnUnknownOneIsRefused) {
  Must(node_.CreateTenant("acme"));
  EXPECT_THAT(node_.CreateTenant("acme"), RefusedAs(Reason::kTenantExists));
  EXPECT_THAT(node_.CreateTenant("default"), RefusedAs(Reason::kTenantExists));
  EXPECT_THAT(node_.Rename("bolt", "B"), RefusedAs(Reason::kTenantNotFound));
  EXPECT_THAT(node_.SetSuspended("bolt", true), RefusedAs(Reason::kTenantNotFound));
}

TEST_F(AccessTest, ARepeatOfARequestChangesNothing) {
  const RequestRef request{.id = "r-1", .fingerprint = "f"};
  const auto first = Must(node_.CreateTenant("acme", request));
  EXPECT_FALSE(first.replayed);
  Must(node_.Rename("acme", "renamed"));
  const auto repeat = Must(node_.CreateTenant("acme", request));
  EXPECT_TRUE(repeat.replayed);
  EXPECT_EQ(repeat.value.name(), "renamed");
  EXPECT_THAT(node_.CreateTenant("bolt", {.id = "r-1", .fingerprint = "other"}),
              RefusedAs(Reason::kRequestIdReused));

  const RequestRef suspend{.id = "s-1", .fingerprint = "f"};
  Must(node_.SetSuspended("acme", true, suspend));
  Must(node_.SetSuspended("acme", false));
  const auto suspended_again = Must(node_.SetSuspended("acme", true, suspend));
  EXPECT_TRUE(suspended_again.replayed);
  EXPECT_FALSE(suspended_again.value.suspended()) << "as it is now";
}

TEST_F(AccessTest, TheTextOfAKeyIsAnsweredOnce) {
  const RequestRef request{.id = "r-1", .fingerprint = "f"};
  const auto made = Must(node_.CreateKey(node_.Of(1), {.label = "ci"}, request)).value;
  EXPECT_TRUE(HasKeyChecksum(made.text));
  EXPECT_EQ(ParseKeyText(made.text)->id, made.key.record.id());
  EXPECT_EQ(ParseKeyText(made.text)->mode, KeyMode::kLive);
  EXPECT_TRUE(IsHash(HashKey(made.text), made.key.record.hash()));
  const auto repeat = Must(node_.CreateKey(node_.Of(1), {.label = "ci"}, request));
  EXPECT_TRUE(repeat.replayed);
  EXPECT_EQ(repeat.value.text, "");
  EXPECT_EQ(repeat.value.key.record.id(), made.key.record.id());
  EXPECT_EQ(node_.ring().keys(), 1U);

  // It is not on disk either.
  const std::string secret = made.text.substr(kKeyPrefixSize + kKeyIdSize, kKeySecretSize);
  const auto stored = ledger_.store().ReadAccess(storage::kReadAll);
  ASSERT_TRUE(stored.ok());
  EXPECT_EQ(stored->SerializeAsString().find(secret), std::string::npos);
}

TEST_F(AccessTest, KeysOfATestTenantAreTestKeys) {
  Must(node_.CreateTenant("trial", {}, /*test=*/true));
  const auto made = Must(node_.CreateKey(node_.Operator(), {.tenant = "trial"})).value;
  EXPECT_EQ(ParseKeyText(made.text)->mode, KeyMode::kTest);
}

TEST_F(AccessTest, ARevokedKeyStaysRevoked) {
  const auto made = Must(node_.CreateKey(node_.Of(1), {})).value;
  const std::string id = made.key.record.id();
  const Micros revoked = ledger_.now();
  EXPECT_EQ(Must(node_.Revoke(node_.Of(1), {.id = id})).value.record.revoked_us(), revoked);
  EXPECT_TRUE(node_.ring().Find(id)->IsRevoked());
  ledger_.Advance(absl::Hours(1));
  EXPECT_EQ(Must(node_.Revoke(node_.Of(1), {.id = id})).value.record.revoked_us(), revoked);
  EXPECT_TRUE(Node(ledger_).ring().Find(id)->IsRevoked()) << "on disk";
}

TEST_F(AccessTest, ARotationLeavesTheOldKeyValidForAsLongAsItSays) {
  const auto old = Must(node_.CreateKey(node_.Of(1), {.label = "ci", .scopes = {Scope::kRead}}));
  const std::string id = old.value.key.record.id();
  const RequestRef request{.id = "r-1", .fingerprint = "f"};
  const auto rotated = Must(node_.Rotate(node_.Of(1), {.id = id}, kHour, request)).value;
  EXPECT_TRUE(HasKeyChecksum(rotated.text));
  EXPECT_NE(rotated.key.record.id(), id);
  EXPECT_EQ(rotated.key.record.label(), "ci");
  EXPECT_EQ(rotated.key.record.scopes(), old.value.key.record.scopes());
  EXPECT_EQ(rotated.key.record.expires_us(), 0);
  EXPECT_EQ(rotated.replaced->record.expires_us(), ledger_.now() + kHour);
  EXPECT_TRUE(node_.ring().Find(id)->IsValid(ledger_.now() + kHour - 1));
  EXPECT_FALSE(node_.ring().Find(id)->IsValid(ledger_.now() + kHour));

  const auto repeat = Must(node_.Rotate(node_.Of(1), {.id = id}, kHour, request));
  EXPECT_TRUE(repeat.replayed);
  EXPECT_EQ(repeat.value.text, "");
  EXPECT_EQ(repeat.value.key.record.id(), rotated.key.record.id());
  EXPECT_EQ(repeat.value.replaced->record.id(), id);

  // A second rotation never makes it valid for longer.
  const auto second = Must(node_.Rotate(node_.Of(1), {.id = id}, 24 * kHour)).value;
  EXPECT_EQ(second.replaced->record.expires_us(), ledger_.now() + kHour);
  ledger_.Advance(absl::Hours(1));
  EXPECT_THAT(node_.Rotate(node_.Of(1), {.id = id}, kHour), RefusedAs(Reason::kApiKeyEnded));
}

TEST_F(AccessTest, ARotationWithoutOverlapEndsTheOldKeyAtOnce) {
  const auto old = Must(node_.CreateKey(node_.Of(1), {})).value;
  Must(node_.Rotate(node_.Of(1), {.id = old.key.record.id()}, 0));
  EXPECT_FALSE(node_.ring().Find(old.key.record.id())->IsValid(ledger_.now()));
}

TEST_F(AccessTest, ACallerSeesItsOwnTenantOnly) {
  Must(node_.CreateTenant("acme"));
  const auto of_acme = Must(node_.CreateKey(node_.Operator(), {.tenant = "acme"})).value;
  const std::string id = of_acme.key.record.id();
  const auto of_default = node_.Of(1);

  const auto foreign = node_.CreateKey(of_default, {.tenant = "acme"}).status();
  auto unknown = node_.CreateKey(of_default, {.tenant = "nope"}).status();
  EXPECT_THAT(foreign, RefusedAs(Reason::kTenantNotFound));
  EXPECT_THAT(unknown, RefusedAs(Reason::kTenantNotFound));
  EXPECT_EQ(ValueIn(foreign, "tenant"), "acme");
  EXPECT_THAT(node_.access().GetTenant(of_default, "acme"), RefusedAs(Reason::kTenantNotFound));
  EXPECT_EQ(node_.access().GetTenant(of_default, "")->slug(), "default");
  EXPECT_EQ(node_.access().GetTenant(of_default, "default")->slug(), "default");

  EXPECT_THAT(node_.Revoke(of_default, {.id = id}), RefusedAs(Reason::kApiKeyNotFound));
  EXPECT_THAT(node_.Rotate(of_default, {.id = id}, 0), RefusedAs(Reason::kApiKeyNotFound));
  EXPECT_THAT(node_.Revoke(node_.Operator(), {.tenant = "default", .id = id}),
              RefusedAs(Reason::kApiKeyNotFound));
  EXPECT_THAT(node_.access().ListKeys(of_default, "", "", 9)->keys, IsEmpty());
  EXPECT_THAT(node_.access().ListKeys(node_.Operator(), "acme", "", 9)->keys, SizeIs(1));
  Must(node_.Revoke(node_.Operator(), {.tenant = "acme", .id = id}));
}

TEST_F(AccessTest, KeysAreListedInPages) {
  std::set<std::string> made;
  for (int i = 0; i < 7; ++i) {
    made.insert(Must(node_.CreateKey(node_.Of(1), {})).value.key.record.id());
    if (i % 2 == 0) ledger_.Advance(absl::Seconds(1));
  }
  std::set<std::string> listed;
  std::string after;
  Micros last = 0;
  do {
    const auto page = node_.access().ListKeys(node_.Of(1), "", after, 3);
    ASSERT_TRUE(page.ok()) << page.status();
    EXPECT_LE(page->keys.size(), 3U);
    for (const KeyView& key : page->keys) {
      EXPECT_TRUE(listed.insert(key.record.id()).second);
      EXPECT_GE(key.record.created_us(), last);
      last = key.record.created_us();
    }
    after = page->next;
    EXPECT_TRUE(IsKeyCursor(after));
  } while (!after.empty());
  EXPECT_EQ(listed, made);
  for (const char* const text : {"x", "5", "5:short", ":AAAAAAAAAAAAAA", "5:AAAAAAAAAAAAA-"}) {
    EXPECT_FALSE(IsKeyCursor(text)) << text;
  }
}

TEST_F(AccessTest, ATenantHasABoundedNumberOfKeysAndForgetsTheOldestThatEnded) {
  std::vector<std::string> ids;
  for (size_t i = 0; i < kValidKeysMax; ++i) {
    ids.push_back(Must(node_.CreateKey(node_.Of(1), {})).value.key.record.id());
    ledger_.Advance(absl::Seconds(1));
  }
  const auto refused = node_.CreateKey(node_.Of(1), {}).status();
  EXPECT_THAT(refused, RefusedAs(Reason::kTooManyApiKeys));
  EXPECT_EQ(ValueIn(refused, "limit"), "100");
  EXPECT_THAT(node_.Rotate(node_.Of(1), {.id = ids[0]}, 0), RefusedAs(Reason::kTooManyApiKeys));
  Must(node_.CreateTenant("acme"));
  Must(node_.CreateKey(node_.Operator(), {.tenant = "acme"}));

  for (size_t i = 0; i < kEndedKeysMax + 2; ++i) {
    Must(node_.Revoke(node_.Of(1), {.id = ids[i]}));
    Must(node_.CreateKey(node_.Of(1), {}));
  }
  EXPECT_EQ(node_.ring().Find(ids[0]), nullptr);
  EXPECT_NE(node_.ring().Find(ids[2]), nullptr);
  EXPECT_EQ(node_.ring().keys(), kValidKeysMax + kEndedKeysMax + 1);
  const auto stored = ledger_.store().ReadAccess(storage::kReadAll);
  EXPECT_EQ(static_cast<size_t>(stored->keys_size()), node_.ring().keys());
}

// Two servers over one store: neither decides on what the other has changed.
TEST_F(AccessTest, AnotherServersChangesAreNoticedBeforeADecision) {
  Node other(ledger_);
  Must(node_.CreateTenant("acme"));
  EXPECT_THAT(other.CreateTenant("acme"), RefusedAs(Reason::kTenantExists));
  EXPECT_EQ(Must(other.CreateTenant("bolt")).value.number(), 3U);
  const auto made = Must(other.CreateKey(other.Operator(), {.tenant = "bolt"})).value;
  const std::string id = made.key.record.id();
  EXPECT_EQ(node_.ring().Find(id), nullptr);
  Must(node_.CreateKey(node_.Of(1), {}));
  EXPECT_NE(node_.ring().Find(id), nullptr) << "it met a conflict, and read again";
}

TEST_F(AccessTest, ManyChangesAtOnceAreAllMade) {
  constexpr int kThreads = 4;
  constexpr int kEach = 5;
  storage::InParallel(kThreads, [this](int) {
    for (int i = 0; i < kEach; ++i) Must(node_.CreateKey(node_.Of(1), {}));
  });
  EXPECT_EQ(node_.ring().keys(), static_cast<size_t>(kThreads * kEach));
  EXPECT_EQ(node_.ring().generation(), ledger_.store().AccessGeneration(storage::kReadAll).value());
}

TEST_F(AccessTest, AFailedCommitLeavesEverythingAsItWas) {
  ledger_.store().RefuseNextCommit(absl::UnavailableError("the disk is gone"));
  EXPECT_THAT(node_.CreateKey(node_.Of(1), {}), RefusedAs(Reason::kStoreUnavailable));
  EXPECT_EQ(node_.ring().keys(), 0U);
  Must(node_.CreateKey(node_.Of(1), {}));
}

}  // namespace
}  // namespace owo::access
