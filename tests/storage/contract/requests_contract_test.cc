// A successful request is remembered for 30 days, in the same commit; a failed one is not.

#include "tests/storage/contract/store_contract.h"
#include "tests/support/invoices.h"

namespace owo::storage {
namespace {

class RequestsContract : public StoreContract {
 protected:
  static Mutation Request(std::string_view id, std::string_view fingerprint,
                          std::string_view customer) {
    Mutation mutation = Change({}, NewCustomer(customer));
    mutation.request = {
        .method = "CreateCustomer", .id = std::string(id), .fingerprint = std::string(fingerprint)};
    return mutation;
  }
  std::optional<RequestRecord> Find(std::string_view id, Micros now = kNow) {
    auto found = store().FindRequest(kReadAll, kDefaultTenant, "CreateCustomer", id, now);
    EXPECT_TRUE(found.ok()) << found.status();
    return found.ok() ? *std::move(found) : std::nullopt;
  }
  bool Exists(std::string_view customer) {
    const auto found = store().FindCustomer(kReadAll, kDefaultTenant, customer);
    EXPECT_TRUE(found.ok()) << found.status();
    return found.ok() && found->has_value();
  }
};
OWO_FOR_EVERY_STORE(RequestsContract);

TEST_P(RequestsContract, ASuccessIsRememberedWithWhatItMade) {
  ASSERT_THAT(Commit(store(), Request("r1", "content", "acme")), Answers(MutationCode::kCommitted));
  Reopen();
  const auto found = Find("r1");
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->fingerprint(), "content");
  EXPECT_EQ(found->object(), "1");
  EXPECT_EQ(found->committed_us(), kNow);
  EXPECT_FALSE(Find("r").has_value());
}

TEST_P(RequestsContract, ARepeatChangesNothingAndAnswersWhatWasRemembered) {
  ASSERT_THAT(Commit(store(), Request("r1", "content", "acme")), Answers(MutationCode::kCommitted));
  const auto repeat = Commit(store(), Request("r1", "content", "other"));
  ASSERT_THAT(repeat, Answers(MutationCode::kReplayed));
  EXPECT_EQ(repeat->request.object(), "1");
  EXPECT_FALSE(Exists("other"));
}

TEST_P(RequestsContract, OneOfManyConcurrentRepeatsIsCommitted) {
  std::atomic<int> committed = 0;
  std::atomic<int> repeated = 0;
  InParallel(20, [&](int) {
    const auto result = Commit(store(), Request("r1", "content", "acme"));
    if (IsCommitted(result)) ++committed;
    if (result.ok() && result->code == MutationCode::kReplayed) ++repeated;
  });
  EXPECT_EQ(committed, 1);
  EXPECT_EQ(repeated, 19);
}

TEST_P(RequestsContract, AnotherContentUnderTheSameIdIsRefused) {
  ASSERT_THAT(Commit(store(), Request("r1", "content", "acme")), Answers(MutationCode::kCommitted));
  EXPECT_THAT(Commit(store(), Request("r1", "other content", "other")),
              Answers(MutationCode::kRequestReused));
  EXPECT_FALSE(Exists("other"));
}

TEST_P(RequestsContract, MethodsAndTenantsHaveIdsOfTheirOwn) {
  ASSERT_THAT(Commit(store(), Request("r1", "content", "acme")), Answers(MutationCode::kCommitted));
  Mutation other_method = Request("r1", "other", "second");
  other_method.request->method = "CreateCustomers";
  EXPECT_THAT(Commit(store(), other_method), Answers(MutationCode::kCommitted));
  Mutation other_tenant = Request("r1", "other", "acme");
  other_tenant.tenant = TenantId{2};
  EXPECT_THAT(Commit(store(), other_tenant), Answers(MutationCode::kCommitted));
}

TEST_P(RequestsContract, AFailureStoresNoRequest) {
  ASSERT_THAT(Commit(store(), Request("r1", "content", "acme")), Answers(MutationCode::kCommitted));
  EXPECT_THAT(Commit(store(), Request("r2", "content", "acme")), Answers(MutationCode::kExists));
  EXPECT_FALSE(Find("r2").has_value());
  EXPECT_THAT(Commit(store(), Request("r2", "other content", "other")),
              Answers(MutationCode::kCommitted));
}

TEST_P(RequestsContract, IsForgottenAfterThirtyDays) {
  ASSERT_THAT(Commit(store(), Request("r1", "content", "acme")), Answers(MutationCode::kCommitted));
  EXPECT_TRUE(Find("r1", kNow + 30 * kDay).has_value());
  EXPECT_FALSE(Find("r1", kNow + 30 * kDay + 1).has_value());

  Mutation later = Request("r1", "other content", "other");
  later.now = kNow + 30 * kDay;
  EXPECT_THAT(Commit(store(), later), Answers(MutationCode::kRequestReused));
  later.now += 1;
  EXPECT_THAT(Commit(store(), later), Answers(MutationCode::kCommitted));
  EXPECT_EQ(Find("r1", later.now)->fingerprint(), "other content");
}

TEST_P(RequestsContract, StoresTheObjectThatWasNamed) {
  const Subject subject = AddSubject(store(), "acme");
  TrackOne(store(), subject, subject.Event("e1", 5));
  Mutation mutation =
      Change(subject, InvoiceAll(subject, ReadAccount(store(), subject), InvoiceId(1)));
  mutation.request = {.method = "Invoice", .id = "r1", .fingerprint = "f", .object = "inv_1"};
  ASSERT_THAT(Commit(store(), mutation), Answers(MutationCode::kCommitted));
  const auto repeat = Commit(store(), mutation);
  ASSERT_THAT(repeat, Answers(MutationCode::kReplayed));
  EXPECT_EQ(repeat->request.object(), "inv_1");
  EXPECT_EQ(ReadAccount(store(), subject).invoice_version, 1);
}

}  // namespace
}  // namespace owo::storage
