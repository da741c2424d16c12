// The contract of every store, as tests over a list of stores. Another store needs one more line in
// store_contract.cc.
//
//   class TrackContract : public StoreContract {};
//   OWO_FOR_EVERY_STORE(TrackContract);
//   TEST_P(TrackContract, CountsAnEventOnce) { … store() … Reopen() … }
#ifndef OWO_TESTS_STORAGE_CONTRACT_STORE_CONTRACT_H_
#define OWO_TESTS_STORAGE_CONTRACT_STORE_CONTRACT_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/store.h"
#include "tests/support/store.h"

namespace owo::storage {

// The location of a store's data. It is empty at first, and opened by one store at a time.
class Place {
 public:
  virtual ~Place() = default;
  // `queue_max` bounds the writes that may wait.
  virtual absl::StatusOr<std::unique_ptr<Store>> Open(size_t queue_max) = 0;
};

struct StoreKind {
  std::string name;
  // Whether Store::CommitSequence() counts all commits, not only the subscriptions of a tenant.
  bool counts_all_commits = false;
  std::function<std::unique_ptr<Place>()> make_place;
};

// Returns all kinds of stores.
std::vector<StoreKind> StoreKinds();

// Formats the kind for failed tests.
inline void PrintTo(const StoreKind& kind, std::ostream* out) { *out << kind.name; }

class StoreContract : public ::testing::TestWithParam<StoreKind> {
 protected:
  StoreContract() : place_(GetParam().make_place()) {}
  void SetUp() override { Reopen(); }

  void Reopen(size_t queue_max = 4096) {
    store_.reset();
    auto opened = place_->Open(queue_max);
    ASSERT_TRUE(opened.ok()) << opened.status();
    store_ = *std::move(opened);
  }
  Store& store() { return *store_; }

 private:
  const std::unique_ptr<Place> place_;
  std::unique_ptr<Store> store_;
};

#define OWO_FOR_EVERY_STORE(suite)                                           \
  INSTANTIATE_TEST_SUITE_P(Stores, suite, ::testing::ValuesIn(StoreKinds()), \
                           [](const auto& instance) { return instance.param.name; })

// ---- Matchers of outcomes and results.

MATCHER_P(Codes, codes, "") {
  std::vector<TrackCode> got;
  got.reserve(arg.size());
  for (const TrackOutcome& outcome : arg) got.push_back(outcome.code);
  return ::testing::ExplainMatchResult(::testing::ElementsAreArray(codes), got, result_listener);
}

MATCHER_P(Answers, code, "") {
  if (!arg.ok()) {
    *result_listener << arg.status();
    return false;
  }
  *result_listener << "code " << static_cast<int>(arg->code);
  return arg->code == code;
}

inline bool IsCommitted(const absl::StatusOr<MutationResult>& result) {
  return result.ok() && result->code == MutationCode::kCommitted;
}

}  // namespace owo::storage

#endif  // OWO_TESTS_STORAGE_CONTRACT_STORE_CONTRACT_H_
