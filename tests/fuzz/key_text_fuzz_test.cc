// Texts that come as API keys, with arbitrary damage: a damaged key is noticed, and nothing that is
// no key is read as one.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <functional>
#include <set>
#include <string>
#include <string_view>

#include "service/access/key_text.h"
#include "tests/fuzz/fuzz.h"

namespace owo::access {
namespace {

std::string AnyKey(Random& random) {
  const std::string bytes = random.Bytes(kKeyRandomBytes);
  std::array<uint8_t, kKeyRandomBytes> input{};
  std::copy(bytes.begin(), bytes.end(), input.begin());
  return MakeKeyText(random.OneIn(2) ? KeyMode::kLive : KeyMode::kTest, input);
}

TEST(KeyTextFuzzTest, Keys) {
  std::set<std::string, std::less<>> made;
  std::string last;
  FuzzBytes(3000, AnyKey,
            [&](std::string_view text, bool whole) {
              if (whole) made.insert(last = std::string(text));
              const auto parsed = ParseKeyText(text);
              const bool checked = HasKeyChecksum(text);
              EXPECT_TRUE(!whole || checked);
              EXPECT_TRUE(!checked || parsed.has_value());
              EXPECT_EQ(checked, made.contains(text)) << "32 bits miss no damage in so few rounds";
              if (!parsed.has_value()) return false;
              EXPECT_EQ(text.size(), kKeyTextSize);
              EXPECT_TRUE(IsKeyId(parsed->id));
              EXPECT_TRUE(text.starts_with(kKeyPrefix));
              // Only the very text has its hash.
              const KeyHash of_last = HashKey(last);
              EXPECT_EQ(HashKey(text) == of_last, text == last);
              return true;
            },
            {"owo_sk_live_", "owo_sk_test_", "0", "z", " ", "\n", "_"});
}

TEST(KeyTextFuzzTest, RandomTextsHaveNoChecksum) {
  Random random;
  for (int round = FuzzRounds(2000); round > 0; --round) {
    std::string text = AnyKey(random);
    const size_t at = 12 + static_cast<size_t>(random.Between(0, 62));
    const std::string before = text;
    text[at] = "0123456789ABCXYZabcxyz"[random.Between(0, 21)];
    ASSERT_EQ(HasKeyChecksum(text), text == before) << text;
  }
}

}  // namespace
}  // namespace owo::access
