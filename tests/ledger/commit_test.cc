// What CommitUntilDone() answers is what was decided, and is not copied on its way.

#include "service/ledger/commit.h"

#include <gtest/gtest.h>

#include <utility>

#include "tests/support/await.h"
#include "tests/support/ledger.h"

namespace owo::ledger {
namespace {

// A value that counts its copies.
class Counted {
 public:
  explicit Counted(int& copies) : copies_(&copies) {}
  Counted(const Counted& other) : copies_(other.copies_) { ++*copies_; }
  Counted(Counted&&) noexcept = default;
  Counted& operator=(const Counted&) = delete;
  Counted& operator=(Counted&&) noexcept = default;
  ~Counted() = default;

 private:
  int* copies_;
};

// An answer may be an invoice of megabytes.
TEST(CommitTest, AnAnswerWithoutAChangeIsNotCopied) {
  TestLedger ledger;
  for (const char* const request : {"", "r1"}) {
    int copies = 0;
    Operation<Counted> operation{
        .context = ledger.context(), .method = "Test", .request = {request, "fingerprint"}};
    operation.decide = [&copies](const Attempt&) -> absl::StatusOr<Decision<Counted>> {
      Decision<Counted> decision{.object = "object"};
      decision.answer.emplace(copies);
      return decision;
    };
    const auto answer = Await<Answered<Counted>>([&](auto done) {
      CommitUntilDone(ledger.parts(), storage::kReadAll, std::move(operation), std::move(done));
    });
    EXPECT_TRUE(answer.ok()) << answer.status();
    EXPECT_EQ(copies, 0) << request;
  }
}

}  // namespace
}  // namespace owo::ledger
