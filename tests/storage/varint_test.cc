#include "storage/util/varint.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/support/hex.h"
#include "tests/support/random.h"

namespace owo::storage {
namespace {

std::string Varint(absl::uint128 value) {
  std::string bytes;
  AppendVarint(bytes, value);
  return bytes;
}

std::string Signed(absl::int128 value) {
  std::string bytes;
  AppendSigned128(bytes, value);
  return bytes;
}

TEST(VarintTest, BytesAreThoseOfProtobuf) {
  EXPECT_EQ(Hex(Varint(0)), "00");
  EXPECT_EQ(Hex(Varint(127)), "7f");
  EXPECT_EQ(Hex(Varint(128)), "8001");
  EXPECT_EQ(Hex(Varint(300)), "ac02");
  EXPECT_EQ(Hex(Varint(UINT64_MAX)), "ffffffffffffffffff01");
  EXPECT_EQ(Hex(Varint(absl::Uint128Max())), "ffffffffffffffffffffffffffffffffffff03");
}

TEST(VarintTest, SmallMagnitudesTakeFewBytes) {
  EXPECT_EQ(Hex(Signed(0)), "00");
  EXPECT_EQ(Hex(Signed(-1)), "01");
  EXPECT_EQ(Hex(Signed(1)), "02");
  EXPECT_EQ(Hex(Signed(-64)), "7f");
  EXPECT_EQ(Hex(Signed(64)), "8001");
}

TEST(VarintTest, WordsOfAnySizeComeBack) {
  Random random;
  for (int i = 0; i < 100'000; ++i) {
    const uint64_t word = random.OfAnySize();
    const absl::uint128 wide = absl::MakeUint128(random.OfAnySize(), word);
    const auto narrow = static_cast<int64_t>(word);
    std::string bytes;
    AppendVarint64(bytes, word);
    ASSERT_EQ(bytes, Varint(word));
    AppendVarint(bytes, wide);
    AppendSigned128(bytes, static_cast<absl::int128>(wide));
    AppendVarint64(bytes, ZigZag(narrow));

    ByteReader in(bytes);
    ASSERT_EQ(in.Varint64(), word);
    ASSERT_EQ(in.Varint128(), wide);
    ASSERT_EQ(in.Signed128(), static_cast<absl::int128>(wide));
    ASSERT_EQ(UnZigZag(in.Varint64()), narrow);
    ASSERT_TRUE(in.AtEnd());
  }
}

TEST(VarintTest, TheEndsOfTheRangesComeBack) {
  for (const absl::int128 value : {absl::Int128Min(), absl::Int128Max(), absl::int128(0)}) {
    const std::string bytes = Signed(value);
    ByteReader in(bytes);
    EXPECT_EQ(in.Signed128(), value);
    EXPECT_TRUE(in.AtEnd());
  }
  for (const int64_t value : {INT64_MIN, INT64_MAX, int64_t{0}, int64_t{-1}}) {
    EXPECT_EQ(UnZigZag(ZigZag(value)), value);
  }
}

TEST(ByteReaderTest, RefusesWhatIsTooLarge) {
  const std::string word = Varint(absl::uint128(1) << 64);
  EXPECT_EQ(ByteReader(word).Varint64(), 0);
  ByteReader in(word);
  in.Varint64();
  EXPECT_FALSE(in.ok());

  const std::string half = Varint(uint64_t{1} << 32);
  ByteReader narrow(half);
  narrow.Varint32();
  EXPECT_FALSE(narrow.ok());

  std::string wide = Varint(absl::Uint128Max());
  wide.back() = 4;  // bit 128
  ByteReader wider(wide);
  wider.Varint128();
  EXPECT_FALSE(wider.ok());

  const std::string endless(40, '\xff');
  ByteReader never(endless);
  never.Varint128();
  EXPECT_FALSE(never.ok());
}

TEST(ByteReaderTest, NeverReadsPastTheEndAndStaysFailed) {
  const std::string bytes = "ab";
  ByteReader in(bytes);
  EXPECT_EQ(in.Take(1), "a");
  EXPECT_FALSE(in.AtEnd());
  EXPECT_EQ(in.Take(2), "");
  EXPECT_FALSE(in.ok());
  EXPECT_EQ(in.Take(1), "");
  EXPECT_EQ(in.Byte(), 0);
  EXPECT_EQ(in.Varint64(), 0);
  EXPECT_FALSE(in.AtEnd());
}

TEST(ByteReaderTest, EveryTruncationOfAVarintFails) {
  const std::string bytes = Varint(absl::Uint128Max());
  for (size_t size = 0; size < bytes.size(); ++size) {
    ByteReader in({bytes.data(), size});
    in.Varint128();
    EXPECT_FALSE(in.ok()) << size;
  }
}

}  // namespace
}  // namespace owo::storage
