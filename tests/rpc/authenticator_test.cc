// What a refusal tells, and to whom.

#include "service/rpc/authenticator.h"

#include <gmock/gmock.h>

#include <atomic>

#include "service/access/key_text.h"
#include "tests/support/refusal.h"

namespace owo::rpc {
namespace {

using ledger::Reason;
using ledger::RefusedAs;
using ledger::Scope;
using ledger::Scopes;
using ledger::ValueIn;
using storage::Micros;

constexpr Micros kMadeAt = 1'794'744'000'000'000;
constexpr char kOperator[] = "operator-key-0123456789-abcdefghij";

class AuthenticatorTest : public ::testing::Test {
 protected:
  AuthenticatorTest() {
    text_ = TextOf(1, 1);
    storage::AccessChangeRecord changes;
    changes.set_generation(1);
    storage::TenantProfileRecord& tenant = *changes.add_tenants();
    tenant.set_number(2);
    tenant.set_slug("acme");
    *changes.add_keys() = RecordOf(text_);
    ring_.Apply(changes);
  }

  // The text of the key with this id and secret, each made of one byte.
  static std::string TextOf(uint8_t id, uint8_t secret) {
    std::array<uint8_t, access::kKeyRandomBytes> random{};
    random.fill(secret);
    std::fill_n(random.begin(), access::kKeyIdRandomBytes, id);
    return MakeKeyText(access::KeyMode::kLive, random);
  }
  static storage::ApiKeyRecord RecordOf(const std::string& text) {
    storage::ApiKeyRecord key;
    key.set_tenant(2);
    key.set_id(std::string(access::ParseKeyText(text)->id));
    const access::KeyHash hash = access::HashKey(text);
    key.set_hash(hash.data(), hash.size());
    key.set_scopes(Scopes{Scope::kRead, Scope::kTrack}.bits());
    key.set_created_us(kMadeAt);
    return key;
  }
  void Change(const std::function<void(storage::ApiKeyRecord&)>& change) {
    storage::AccessChangeRecord changes;
    changes.set_generation(ring_.generation() + 1);
    *changes.add_keys() = RecordOf(text_);
    change(*changes.mutable_keys(0));
    ring_.Apply(changes);
  }
  void Suspend(uint32_t number, const std::string& slug) {
    storage::AccessChangeRecord changes;
    changes.set_generation(ring_.generation() + 1);
    storage::TenantProfileRecord& tenant = *changes.add_tenants();
    tenant.set_number(number);
    tenant.set_slug(slug);
    tenant.set_suspended(true);
    ring_.Apply(changes);
  }
  absl::Status Ask(const std::string& authorization, RpcAccess needs = {.any_of = {Scope::kRead}}) {
    caller_ = Caller();
    return authenticator_.Authenticate(authorization, needs, caller_);
  }
  absl::Status AskWith(const std::string& text) { return Ask("Bearer " + text); }

  std::string text_;
  Micros now_ = kMadeAt;
  access::KeyRing ring_;
  const std::unique_ptr<access::OperatorKey> operator_ =
      access::OperatorKey::FromText(kOperator).value();
  const Authenticator authenticator_{
      {.ring = ring_, .operator_key = operator_.get(), .require_keys = true},
      [this] { return now_; }};
  Caller caller_;
};

TEST_F(AuthenticatorTest, AKeyIsItsTenantsAndHasItsScopes) {
  ASSERT_TRUE(AskWith(text_).ok());
  EXPECT_EQ(caller_.tenant->id, storage::TenantId{2});
  EXPECT_EQ(caller_.principal->scopes, (Scopes{Scope::kRead, Scope::kTrack}));
  EXPECT_EQ(caller_.principal->name, "key " + RecordOf(text_).id());
  EXPECT_EQ(ring_.Find(RecordOf(text_).id())->used, kMadeAt);
  EXPECT_TRUE(Ask("bearer " + text_).ok()) << "the scheme has no case";
}

TEST_F(AuthenticatorTest, WithoutAKeyACallIsRefused) {
  EXPECT_THAT(Ask(""), RefusedAs(Reason::kKeyMissing));
}

TEST_F(AuthenticatorTest, WhatCannotBeAKeyIsToldFromAKeyThatThereIsNot) {
  for (const std::string& text :
       {text_, "Basic " + text_, std::string("Bearer"), std::string("Bearer "), "Bearer  " + text_,
        "Bearer " + text_ + " ", "Bearer " + text_.substr(0, 74),
        "Bearer " + text_.substr(0, 74) + "!", std::string("Bearer not the operator, but as long"),
        "Bearer " + std::string(400, 'x')}) {
    EXPECT_THAT(Ask(text), RefusedAs(Reason::kKeyMalformed)) << text;
  }
  std::string mistyped = text_;
  mistyped[40] = mistyped[40] == 'x' ? 'y' : 'x';
  EXPECT_THAT(AskWith(mistyped), RefusedAs(Reason::kKeyMalformed));
  EXPECT_THAT(AskWith(TextOf(9, 9)), RefusedAs(Reason::kKeyUnknown));
}

// Whether there is a key with an id is told only to who has the key.
TEST_F(AuthenticatorTest, AnIdAloneTellsNothing) {
  const absl::Status known = AskWith(TextOf(1, 9));
  const absl::Status unknown = AskWith(TextOf(9, 9));
  EXPECT_THAT(known, RefusedAs(Reason::kKeyUnknown));
  EXPECT_EQ(known, unknown);
  Change([](auto& key) { key.set_revoked_us(kMadeAt); });
  EXPECT_EQ(AskWith(TextOf(1, 9)), unknown);
  EXPECT_EQ(ring_.Find(RecordOf(text_).id())->used, 0);
}

TEST_F(AuthenticatorTest, AKeyOfTheOtherModeIsAnother) {
  std::string test = text_;
  test.replace(7, 4, "test");
  EXPECT_THAT(AskWith(test), RefusedAs(Reason::kKeyMalformed)) << "the checksum covers the prefix";
}

TEST_F(AuthenticatorTest, ARevokedOrExpiredKeySaysWhen) {
  Change([](auto& key) { key.set_expires_us(kMadeAt + 5'000'000); });
  now_ = kMadeAt + 4'999'999;
  EXPECT_TRUE(AskWith(text_).ok());
  now_ = kMadeAt + 5'000'000;
  const absl::Status expired = AskWith(text_);
  EXPECT_THAT(expired, RefusedAs(Reason::kKeyExpired));
  EXPECT_EQ(ValueIn(expired, "key_id"), RecordOf(text_).id());
  EXPECT_EQ(ValueIn(expired, "expired_at"), "2026-11-15T12:00:05+00:00");
  Change([](auto& key) { key.set_revoked_us(kMadeAt + 1'000'000); });
  const absl::Status revoked = AskWith(text_);
  EXPECT_THAT(revoked, RefusedAs(Reason::kKeyRevoked));
  EXPECT_EQ(ValueIn(revoked, "revoked_at"), "2026-11-15T12:00:01+00:00");
}

TEST_F(AuthenticatorTest, AnyOfTheScopesThatAnRpcNamesWillDo) {
  EXPECT_TRUE(Ask("Bearer " + text_, {.any_of = {Scope::kBilling, Scope::kRead}}).ok());
  const absl::Status refused =
      Ask("Bearer " + text_, {.any_of = {Scope::kAdmin, Scope::kOperator}});
  EXPECT_THAT(refused, RefusedAs(Reason::kScopeMissing));
  EXPECT_EQ(ValueIn(refused, "scope"), "admin,operator");
}

TEST_F(AuthenticatorTest, AnRpcThatNamesNoScopeIsRefusedToEverybody) {
  EXPECT_THAT(Ask("Bearer " + text_, {}), RefusedAs(Reason::kScopeMissing));
  EXPECT_THAT(Ask(std::string("Bearer ") + kOperator, {}), RefusedAs(Reason::kScopeMissing));
  const Authenticator open({.ring = ring_}, ledger::SystemTime);
  EXPECT_THAT(open.Authenticate("", {}, caller_), RefusedAs(Reason::kScopeMissing));
}

TEST_F(AuthenticatorTest, ASuspendedTenantReads) {
  Suspend(2, "acme");
  EXPECT_TRUE(Ask("Bearer " + text_, {.any_of = {Scope::kRead}, .read_only = true}).ok());
  const absl::Status refused = Ask("Bearer " + text_, {.any_of = {Scope::kTrack}});
  EXPECT_THAT(refused, RefusedAs(Reason::kTenantSuspended));
  EXPECT_EQ(ValueIn(refused, "tenant"), "acme");
  EXPECT_THAT(Ask("Bearer " + text_, {.any_of = {Scope::kBilling}}),
              RefusedAs(Reason::kScopeMissing))
      << "a key that may not is not told of the tenant";
}

TEST_F(AuthenticatorTest, TheOperatorBelongsToNoTenantAndHasItsOwnScopeOnly) {
  ASSERT_TRUE(Ask(std::string("Bearer ") + kOperator, {.any_of = {Scope::kOperator}}).ok());
  EXPECT_EQ(caller_.tenant, nullptr);
  EXPECT_EQ(caller_.principal->name, "operator");
  EXPECT_THAT(Ask(std::string("Bearer ") + kOperator), RefusedAs(Reason::kScopeMissing));
}

TEST_F(AuthenticatorTest, WithoutKeysEverybodyMayDoEverythingInTheDefaultTenant) {
  const Authenticator open({.ring = ring_}, [this] { return now_; });
  for (const Scope scope : {Scope::kTrack, Scope::kRead, Scope::kBilling, Scope::kAdmin}) {
    Caller caller;
    ASSERT_TRUE(open.Authenticate("", {.any_of = {scope}}, caller).ok());
    EXPECT_EQ(caller.principal->name, "anonymous");
    EXPECT_EQ(caller.tenant->id, storage::kDefaultTenant);
  }
  Caller caller;
  EXPECT_THAT(open.Authenticate("", {.any_of = {Scope::kOperator}}, caller),
              RefusedAs(Reason::kScopeMissing));
  // A key that is sent counts all the same.
  EXPECT_TRUE(open.Authenticate("Bearer " + text_, {.any_of = {Scope::kRead}}, caller).ok());
  EXPECT_EQ(caller.tenant->id, storage::TenantId{2});
  EXPECT_THAT(open.Authenticate("Bearer x", {.any_of = {Scope::kRead}}, caller),
              RefusedAs(Reason::kKeyMalformed));
  EXPECT_THAT(open.Authenticate(std::string("Bearer ") + kOperator, {}, caller),
              RefusedAs(Reason::kKeyMalformed))
      << "there is no operator";
  Suspend(1, "default");
  EXPECT_THAT(open.Authenticate("", {.any_of = {Scope::kTrack}}, caller),
              RefusedAs(Reason::kTenantSuspended));
}

TEST_F(AuthenticatorTest, AnyValidKeyIsAdmittedWhereThereIsNoScope) {
  EXPECT_TRUE(authenticator_.Admit("Bearer " + text_).ok());
  EXPECT_TRUE(authenticator_.Admit(std::string("Bearer ") + kOperator).ok());
  EXPECT_THAT(authenticator_.Admit(""), RefusedAs(Reason::kKeyMissing));
  Change([](auto& key) { key.set_revoked_us(kMadeAt); });
  EXPECT_THAT(authenticator_.Admit("Bearer " + text_), RefusedAs(Reason::kKeyRevoked));
}

TEST_F(AuthenticatorTest, ACallKeepsItsKeyUntilItIsAnswered) {
  ASSERT_TRUE(AskWith(text_).ok());
  storage::AccessChangeRecord changes;
  changes.set_generation(ring_.generation() + 1);
  changes.add_forgotten_keys()->set_id(RecordOf(text_).id());
  ring_.Apply(changes);
  EXPECT_THAT(authenticator_.Admit("Bearer " + text_), RefusedAs(Reason::kKeyUnknown));
  EXPECT_EQ(caller_.principal->name, "key " + RecordOf(text_).id());
}

}  // namespace
}  // namespace owo::rpc
