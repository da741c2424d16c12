#include "storage/event_id.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/support/hex.h"
#include "tests/support/random.h"

namespace owo::storage {
namespace {

std::string UuidText(Random& random) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string text = "xxxxxxxx-xxxx-7xxx-axxx-xxxxxxxxxxxx";
  for (char& c : text) {
    if (c == 'x') c = kHex[random.Between(0, 15)];
  }
  return text;
}

TEST(EventIdTest, ACanonicalUuidIsItsOwnBytes) {
  const EventId id = EventId::Of("018f2e4c-7d3a-7cc1-9a52-0242ac120002");
  EXPECT_TRUE(id.is_uuid());
  EXPECT_EQ(Hex(id.bytes()), "018f2e4c7d3a7cc19a520242ac120002");
  EXPECT_EQ(id.UuidText(), "018f2e4c-7d3a-7cc1-9a52-0242ac120002");
}

// sha256("order-17") begins with 72a90ea3da8b5dd01bde2f27314e02e2. The two highest bits of byte 8
// are set.
TEST(EventIdTest, AnyOtherTextIsItsMarkedHash) {
  const EventId id = EventId::Of("order-17");
  EXPECT_FALSE(id.is_uuid());
  EXPECT_EQ(Hex(id.bytes()), "72a90ea3da8b5dd0dbde2f27314e02e2");
}

TEST(EventIdTest, OnlyCanonicalTextIsAUuid) {
  for (const char* text :
       {"018F2E4C-7D3A-7CC1-9A52-0242AC120002", "018f2e4c7d3a7cc19a520242ac120002",
        "{018f2e4c-7d3a-7cc1-9a52-0242ac120002}", "018f2e4c-7d3a-7cc1-9a52-0242ac12000",
        "018f2e4c-7d3a-7cc1-9a52-0242ac12000g", "018f2e4c-7d3a-7cc1-9a52_0242ac120002",
        "018f2e4c-7d3a-7cc1-fa52-0242ac120002", "018f2e4c-7d3a-7cc1-0a52-0242ac120002",
        "00000000-0000-0000-0000-000000000000", "", "a"}) {
    EXPECT_FALSE(EventId::Of(text).is_uuid()) << text;
  }
}

TEST(EventIdTest, SpellingsOfOneUuidAreDifferentIds) {
  std::set<std::string> ids;
  for (const char* text :
       {"018f2e4c-7d3a-7cc1-9a52-0242ac120002", "018F2E4C-7D3A-7CC1-9A52-0242AC120002",
        "018f2e4c7d3a7cc19a520242ac120002"}) {
    ids.emplace(EventId::Of(text).bytes());
  }
  EXPECT_EQ(ids.size(), 3);
}

TEST(EventIdTest, UuidsAndOtherTextNeverMeet) {
  Random random;
  for (int i = 0; i < 20'000; ++i) {
    const std::string text = UuidText(random);
    const EventId uuid = EventId::Of(text);
    ASSERT_TRUE(uuid.is_uuid()) << text;
    ASSERT_EQ(uuid.UuidText(), text);
    ASSERT_EQ(static_cast<unsigned char>(uuid.bytes()[8]) >> 6, 2);
    const EventId other = EventId::Of(random.Bytes(random.Between(0, 40)));
    ASSERT_FALSE(other.is_uuid());
    ASSERT_EQ(static_cast<unsigned char>(other.bytes()[8]) >> 6, 3);
  }
}

TEST(EventIdTest, TimeOrderedUuidsStayInOrder) {
  EXPECT_LT(EventId::Of("018f2e4c-7d3a-7cc1-9a52-0242ac120002").bytes(),
            EventId::Of("018f2e4c-7d3b-7000-8000-000000000000").bytes());
}

TEST(EventIdTest, ComesBackFromItsBytes) {
  for (const char* text : {"018f2e4c-7d3a-7cc1-9a52-0242ac120002", "order-17"}) {
    const EventId id = EventId::Of(text);
    const EventId back = EventId::FromBytes(id.bytes().data(), id.is_uuid());
    EXPECT_EQ(back, id);
    EXPECT_EQ(back.is_uuid(), id.is_uuid());
  }
}

}  // namespace
}  // namespace owo::storage
