// Fuzz: random valid inputs, intact and damaged, and the properties that each must have.
//
//   Fuzz(3000, AnyQuantity, PackQuantity, UnpackQuantity, absl::StatusCode::kDataLoss);
#ifndef OWO_TESTS_FUZZ_FUZZ_H_
#define OWO_TESTS_FUZZ_FUZZ_H_

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "tests/fuzz/mutator.h"
#include "tests/support/hex.h"
#include "tests/support/long_run.h"
#include "tests/support/random.h"

namespace owo {

// A long run does this many times as many rounds.
inline constexpr int kFuzzLongRun = 500;

// Returns the number of rounds for this kind of run.
inline int FuzzRounds(int rounds) {
  if (kSanitized) rounds = rounds / 4 + 1;
  return IsLongRun() ? rounds * kFuzzLongRun : rounds;
}

// Calls `look(bytes, whole)` with inputs that `any(random)` makes, and with damaged copies. `look`
// returns whether it accepted the bytes. They are in a buffer of exactly their size, so that
// AddressSanitizer detects a read past the end. Some damaged inputs must be accepted.
template <typename Any, typename Look>
void FuzzBytes(int rounds, Any any, Look look, std::vector<std::string> words = {}) {
  constexpr int kDamagedEach = 4;
  Random random;
  Mutator mutator(random, std::move(words));
  int taken = 0;
  std::string another;
  for (int round = FuzzRounds(rounds); round > 0; --round) {
    const std::string whole = any(random);
    for (int damaged = 0; damaged <= kDamagedEach; ++damaged) {
      const std::string input = damaged == 0 ? whole : mutator.Mutate(whole, another);
      const std::vector<char> exact(input.begin(), input.end());
      const bool is_one = look(std::string_view(exact.data(), exact.size()), damaged == 0);
      if (damaged > 0 && is_one) ++taken;
      ASSERT_FALSE(testing::Test::HasFailure()) << (damaged > 0 ? "damaged " : "") << Hex(input);
    }
    another = whole;
  }
  EXPECT_GT(taken, 0) << "no damaged input got past the first check";
}

// The same for values that `encode(value)` writes and `decode(bytes)` reads. A written value is
// read unchanged, and not with a byte more or less. Any other input is refused with `refusal`, or
// read as a value that survives another round of writing and reading.
template <typename Any, typename Encode, typename Decode>
void Fuzz(int rounds, Any any, Encode encode, Decode decode, absl::StatusCode refusal,
          std::vector<std::string> words = {}) {
  int refused = 0;
  const auto look = [&](std::string_view bytes, bool whole) {
    const auto value = decode(bytes);
    if (!value.ok()) {
      EXPECT_FALSE(whole) << value.status();
      EXPECT_EQ(value.status().code(), refusal) << value.status();
      EXPECT_FALSE(value.status().message().empty());
      ++refused;
      return false;
    }
    const std::string written = encode(*value);
    if (whole) {
      EXPECT_EQ(Hex(written), Hex(bytes));
      for (const std::string& other : {written + '\x7f', written.substr(0, written.size() - 1)}) {
        const auto read = decode(other);
        EXPECT_FALSE(!other.empty() && read.ok() && *read == *value) << Hex(other);
      }
    }
    const auto again = decode(written);
    EXPECT_TRUE(again.ok() && *again == *value)
        << again.status() << ": written as " << Hex(written);
    return true;
  };
  FuzzBytes(
      rounds,
      [&](Random& random) {
        const auto value = any(random);
        std::string written = encode(value);
        const auto read = decode(written);
        EXPECT_TRUE(read.ok() && *read == value) << read.status() << ": " << Hex(written);
        return written;
      },
      look, std::move(words));
  EXPECT_GT(refused, 0) << "no damaged input was refused";
}

}  // namespace owo

#endif  // OWO_TESTS_FUZZ_FUZZ_H_
