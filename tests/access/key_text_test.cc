#include "service/access/key_text.h"

#include <gmock/gmock.h>

#include <set>
#include <vector>

#include "tests/support/hex.h"

namespace owo::access {
namespace {

std::array<uint8_t, kKeyRandomBytes> AllOf(uint8_t byte) {
  std::array<uint8_t, kKeyRandomBytes> random{};
  random.fill(byte);
  return random;
}

// Worked out by other means, so that a key which was given out stays valid.
TEST(KeyTextTest, IsAsItWasGivenOut) {
  EXPECT_EQ(MakeKeyText(KeyMode::kLive, AllOf(0)),
            "owo_sk_live_"
            "00000000000000"
            "0000000000000000000000000000000000000000000"
            "1cFB5h");
  std::array<uint8_t, kKeyRandomBytes> counted{};
  for (size_t i = 0; i < counted.size(); ++i) counted[i] = static_cast<uint8_t>(i + 1);
  EXPECT_EQ(MakeKeyText(KeyMode::kTest, counted),
            "owo_sk_test_01TSm0PiyImxIY2cPkOWUkrUb4EZzajfasC13e5zNIwyMtKOLBq78h99G4aPOdC");
  EXPECT_EQ(MakeKeyText(KeyMode::kLive, AllOf(0xFF)),
            "owo_sk_live_62iEp5bu9VZbsVyhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp14XQ31Q");
}

TEST(KeyTextTest, HasItsParts) {
  const std::string text = MakeKeyText(KeyMode::kTest, AllOf(0x5A));
  ASSERT_EQ(text.size(), kKeyTextSize);
  EXPECT_TRUE(text.starts_with("owo_sk_test_"));
  const auto parsed = ParseKeyText(text);
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->mode, KeyMode::kTest);
  EXPECT_EQ(parsed->id, text.substr(12, 14));
  EXPECT_TRUE(IsKeyId(parsed->id));
  EXPECT_TRUE(HasKeyChecksum(text));
  EXPECT_EQ(ParseKeyText(MakeKeyText(KeyMode::kLive, AllOf(0x5A)))->mode, KeyMode::kLive);
}

TEST(KeyTextTest, OneMistypedCharacterIsNoticed) {
  const std::string text = MakeKeyText(KeyMode::kLive, AllOf(0x5A));
  for (size_t i = 0; i < text.size(); ++i) {
    for (const char c : {'0', 'z', 'Q'}) {
      std::string mistyped = text;
      if (mistyped[i] == c) continue;
      mistyped[i] = c;
      EXPECT_FALSE(HasKeyChecksum(mistyped)) << mistyped;
    }
  }
  for (size_t i = 0; i + 1 < text.size(); ++i) {
    std::string swapped = text;
    std::swap(swapped[i], swapped[i + 1]);
    EXPECT_EQ(HasKeyChecksum(swapped), swapped == text) << swapped;
  }
}

TEST(KeyTextTest, WhatHasAnotherFormIsNoKey) {
  const std::string text = MakeKeyText(KeyMode::kLive, AllOf(0x5A));
  const std::vector<std::string> others = {"",
                                           text.substr(0, text.size() - 1),
                                           text + "0",
                                           " " + text.substr(1),
                                           text + "\n",
                                           "owo_sk_dead_" + text.substr(12),
                                           std::string(kKeyTextSize, '0')};
  for (const std::string& other : others) {
    EXPECT_FALSE(ParseKeyText(other).has_value()) << other;
    EXPECT_FALSE(HasKeyChecksum(other)) << other;
  }
  for (const char c : {'-', '_', '/', ':', '@', '[', '`', '{', '\0', '\xff'}) {
    std::string other = text;
    other[30] = c;
    EXPECT_FALSE(ParseKeyText(other).has_value()) << Hex(other);
  }
  EXPECT_FALSE(IsKeyId("2b7WfkzMmC4rQ"));
  EXPECT_FALSE(IsKeyId("2b7WfkzMmC4rQmm"));
  EXPECT_FALSE(IsKeyId("2b7WfkzMmC4rQ-"));
}

TEST(KeyTextTest, EveryRandomBitCounts) {
  std::set<std::string> texts = {MakeKeyText(KeyMode::kLive, AllOf(0))};
  for (size_t bit = 0; bit < kKeyRandomBytes * 8; ++bit) {
    auto random = AllOf(0);
    random[bit / 8] = static_cast<uint8_t>(1U << bit % 8);
    const std::string text = MakeKeyText(KeyMode::kLive, random);
    EXPECT_TRUE(texts.insert(text.substr(0, kKeyTextSize - kKeyChecksumSize)).second) << bit;
  }
}

TEST(KeyTextTest, IsHashedWithSha256) {
  const KeyHash hash = HashKey("abc");
  const std::string bytes(hash.begin(), hash.end());
  EXPECT_EQ(Hex(bytes), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_TRUE(IsHash(HashKey("abc"), bytes)) << "a context is used again";
  EXPECT_FALSE(IsHash(HashKey("abd"), bytes));
  EXPECT_FALSE(IsHash(hash, bytes.substr(0, 31)));
  EXPECT_FALSE(IsHash(hash, ""));
}

TEST(KeyTextTest, TheKernelGivesOtherBytesEachTime) {
  std::set<std::array<uint8_t, kKeyRandomBytes>> seen;
  for (int i = 0; i < 100; ++i) {
    auto random = AllOf(0);
    ASSERT_TRUE(KernelRandom(random).ok());
    EXPECT_TRUE(seen.insert(random).second);
  }
}

}  // namespace
}  // namespace owo::access
