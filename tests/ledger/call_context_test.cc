#include "service/ledger/call_context.h"

#include <gtest/gtest.h>

namespace owo::ledger {
namespace {

TEST(ScopesTest, HoldExactlyWhatTheyWereGiven) {
  constexpr Scopes scopes = {Scope::kTrack, Scope::kBilling};
  EXPECT_TRUE(scopes.Has(Scope::kTrack));
  EXPECT_FALSE(scopes.Has(Scope::kRead));
  EXPECT_TRUE(scopes.Has(Scope::kBilling));
  EXPECT_FALSE(scopes.Has(Scope::kAdmin));
  for (const Scope scope : {Scope::kTrack, Scope::kRead, Scope::kBilling, Scope::kAdmin}) {
    EXPECT_TRUE(Scopes::All().Has(scope));
    EXPECT_FALSE(Scopes().Has(scope));
  }
}

TEST(CallContextTest, TheTimeIsThatOfTheTenantAndTheDeadlineThatOfTheSystem) {
  const Clock clock = [] { return storage::Micros{42}; };
  CallContext context{.clock = &clock};
  EXPECT_EQ(context.now(), 42);
  EXPECT_FALSE(context.IsPastDeadline());
  context.deadline = SystemTime() - 1;
  EXPECT_TRUE(context.IsPastDeadline());
  context.deadline = SystemTime() + storage::Micros{3600} * 1'000'000;
  EXPECT_FALSE(context.IsPastDeadline());
}

TEST(CallContextTest, ACallWithoutNamesHasEmptyOnes) {
  const CallContext context;
  EXPECT_EQ(context.correlation_id(), "");
  EXPECT_EQ(context.traceparent(), "");
}

}  // namespace
}  // namespace owo::ledger
