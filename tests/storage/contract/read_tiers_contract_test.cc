// A read from memory only returns what a full read returns, or that it needs the disk.

#include <map>

#include "tests/storage/contract/store_contract.h"
#include "tests/support/all_reads.h"

namespace owo::storage {
namespace {

constexpr ReadOptions kInMemory{.tier = ReadTier::kMemoryOnly};

class ReadTiersContract : public StoreContract {
 protected:
  void SetUp() override {
    StoreContract::SetUp();
    quiet_.Add(store(), 20);
    reads_ = quiet_.Reads();
    for (const StoreRead& read : reads_) {
      expected_[read.name] = read.answer(store(), kReadAll).value();
    }
  }
  void ExpectSameFromMemory() {
    for (const StoreRead& read : reads_) {
      const std::optional<std::string> answer = read.answer(store(), kInMemory);
      EXPECT_EQ(answer.value_or(expected_[read.name]), expected_[read.name]) << read.name;
    }
  }
  void ExpectSame() {
    for (const StoreRead& read : reads_) {
      EXPECT_EQ(read.answer(store(), kReadAll), expected_[read.name]) << read.name;
    }
  }

  QuietCustomers quiet_;
  std::vector<StoreRead> reads_;
  std::map<std::string, std::string> expected_;  // by name
};
OWO_FOR_EVERY_STORE(ReadTiersContract);

TEST_P(ReadTiersContract, MemoryAloneNeverAnswersLess) {
  ExpectSameFromMemory();
  for (int life = 0; life < 3; ++life) {
    Reopen();
    ExpectSameFromMemory();
    ExpectSame();
    ExpectSameFromMemory();
    quiet_.ExpectDuplicates(store());
  }
}

}  // namespace
}  // namespace owo::storage
