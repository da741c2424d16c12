#include <gmock/gmock.h>

#include "service/ledger/resolved_event.h"
#include "service/rpc/cursor_text.h"
#include "service/rpc/page_token.h"
#include "tests/rpc/parse_testing.h"
#include "tests/support/catalog.h"

namespace owo::rpc {
namespace {

using ledger::D;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

const std::string kEvent = "customer: 'ada' feature: 'api-calls' ";
const std::string kOne = "quantity: '1' ";

TEST(ParseMeteringTest, EventsAreReadAsWritten) {
  const ledger::UsageEvent event = Must(
      ParseText(ParseTrackRequest,
                kEvent + "quantity: '-0.250' event_id: 'e1' event_time { seconds: 7 nanos: 1500 } "
                         "enforcement: ENFORCEMENT_RECORD_ALWAYS"));
  EXPECT_EQ(event.customer, "ada");
  EXPECT_EQ(event.feature, "api-calls");
  EXPECT_EQ(event.quantity, D("-0.25"));
  EXPECT_EQ(event.IdText(), "e1");
  EXPECT_EQ(event.time, 7'000'001);
  EXPECT_TRUE(event.record_always);
  EXPECT_EQ(event.properties, "");
}

TEST(ParseMeteringTest, PropertiesAreKeptTheSameWhateverTheirOrder) {
  const auto properties = [](const std::string& text) {
    return Must(ParseText(ParseTrackRequest, kEvent + kOne + text)).properties;
  };
  const std::string a = "properties { key: 'a' value: '1' } ";
  const std::string b = "properties { key: 'b' value: '2' } ";
  EXPECT_EQ(properties(a + b), properties(b + a));
  EXPECT_NE(properties(a), properties(b));
  pb::UsageEvent kept;
  ASSERT_TRUE(kept.ParseFromString(properties(a + b)));
  EXPECT_THAT(kept, testing::EqualsProto(a + b));
}

TEST(ParseMeteringTest, QuantitiesAreDecimalsOfMagnitudeUpTo10To12) {
  const auto wrong = [](const std::string& quantity) {
    return WrongFields(ParseTrackRequest, kEvent + "quantity: '" + quantity + "'");
  };
  for (const char* right : {"0", "1", "0.000000000001", "1000000000000", "-1000000000000", "007"}) {
    EXPECT_THAT(wrong(right), IsEmpty()) << right;
  }
  for (const char* bad : {"", "abc", "1e308", "NaN", "inf", "+1", "1.", ".5", " 1", "0x10", "1,5",
                          "0.0000000000001", "1000000000000.000000000001", "-1000000000001",
                          "999999999999999999999999999999999999999999"}) {
    EXPECT_THAT(wrong(bad), ElementsAre("quantity")) << bad;
  }
}

TEST(ParseMeteringTest, EveryFieldOfAnEventIsHeldToItsBounds) {
  const auto wrong = [](const std::string& text) { return WrongFields(ParseTrackRequest, text); };
  EXPECT_THAT(wrong(""), ElementsAre("customer", "feature", "quantity"));
  EXPECT_THAT(wrong("customer: 'ada' feature: 'API' " + kOne), ElementsAre("feature"));
  EXPECT_THAT(wrong("customer: 'ada' feature: '-a' " + kOne), ElementsAre("feature"));
  EXPECT_THAT(wrong("customer: 'ada' " + kOne + "feature: " + Text(65)), ElementsAre("feature"));
  const std::string right = kEvent + kOne;
  EXPECT_THAT(wrong(right + "event_id: " + Text(128)), IsEmpty());
  EXPECT_THAT(wrong(right + "event_id: " + Text(129)), ElementsAre("event_id"));
  EXPECT_THAT(wrong(right + "event_id: ' \u200B '"), IsEmpty());  // opaque
  EXPECT_THAT(wrong(right + "event_id: 'a\\nb'"), ElementsAre("event_id"));
  EXPECT_THAT(wrong(right + "event_time { seconds: -5 }"), ElementsAre("event_time"));
  EXPECT_THAT(wrong(right + "event_time { seconds: 253402300800 }"), ElementsAre("event_time"));
  EXPECT_THAT(wrong(right + Entries("properties", 20, 256)), IsEmpty());
  EXPECT_THAT(wrong(right + Entries("properties", 21)), ElementsAre("properties"));
  EXPECT_THAT(wrong(right + Entries("properties", 1, 257)), ElementsAre("properties"));
  auto unknown = FromText<pb::TrackRequest>(right);
  unknown.set_enforcement(static_cast<pb::Enforcement>(2));
  EXPECT_THAT(FieldsIn(ParseTrackRequest(unknown).status()), ElementsAre("enforcement"));
}

TEST(ParseMeteringTest, AMalformedEventLeavesTheOthersOfItsBatch) {
  const EventBatch batch = Must(ParseText(ParseTrackBatchRequest,
                                          "events { customer: 'ada' feature: 'a' quantity: '1' } "
                                          "events { customer: 'ada' feature: 'a' quantity: 'NaN' } "
                                          "events { customer: 'bob' feature: 'b' quantity: '2' } "
                                          "events { } "));
  EXPECT_EQ(batch.size, 4U);
  ASSERT_EQ(batch.events.size(), 2U);
  EXPECT_EQ(batch.events[1].customer, "bob");
  ASSERT_EQ(batch.malformed.size(), 2U);
  EXPECT_EQ(batch.malformed[0].first, 1U);
  EXPECT_THAT(FieldsIn(batch.malformed[0].second), ElementsAre("quantity"));
  EXPECT_EQ(batch.malformed[1].first, 3U);
}

// In one slice or in several, as long requests arrive.
TEST(ParseMeteringTest, BytesThatAreNoBatchAreRefusedAsAWhole) {
  pb::TrackBatchRequest request;
  *request.add_events() = FromText<pb::UsageEvent>(kEvent + kOne);
  const std::string whole = request.SerializeAsString();
  std::string not_utf8 = whole;
  not_utf8[not_utf8.find("ada")] = '\xff';
  EXPECT_THAT(FieldsIn(ParseBatch(whole + '\x0a').status()), ElementsAre("events[1]"));
  EXPECT_THAT(FieldsIn(ParseBatch(whole.substr(0, whole.size() - 1)).status()),
              ElementsAre("events[0]"));
  EXPECT_THAT(FieldsIn(ParseBatch(not_utf8).status()), ElementsAre("events[0].customer"));
}

TEST(ParseMeteringTest, BatchesHoldOneTo1000Events) {
  pb::TrackBatchRequest request;
  EXPECT_THAT(FieldsIn(ParseTrackBatchRequest(request).status()), ElementsAre("events"));
  for (int i = 0; i < 1000; ++i) {
    *request.add_events() = FromText<pb::UsageEvent>(kEvent + kOne);
  }
  EXPECT_EQ(Must(ParseTrackBatchRequest(request)).events.size(), 1000U);
  *request.add_events() = request.events(0);
  EXPECT_THAT(FieldsIn(ParseTrackBatchRequest(request).status()), ElementsAre("events"));
}

TEST(ParseMeteringTest, TheMemoryOfABatchIsKnownBeforeItIsParsed) {
  constexpr size_t kEvents = 1000;
  pb::TrackBatchRequest request;
  for (size_t i = 0; i < kEvents; ++i) request.add_events();
  const std::string bytes = request.SerializeAsString();
  // The vectors have up to twice the room that they need.
  const size_t of_event = sizeof(ledger::UsageEvent) + sizeof(ledger::TrackResult) +
                          sizeof(ledger::ResolvedEvent) + 2 * sizeof(storage::TrackEvent) +
                          sizeof(storage::TrackOutcome) + 2 * sizeof(size_t);
  EXPECT_GE(BatchMemory(bytes), kEvents * of_event);
  for (size_t i = 0; i < kEvents; ++i) request.add_events();  // are not parsed
  EXPECT_EQ(BatchMemory(request.SerializeAsString()), BatchMemory(bytes) + 3 * bytes.size());
  EXPECT_LT(BatchMemory(""), 100U);
  EXPECT_LT(BatchMemory("no batch"), 100U);
}

// Fields of any kind: unknown ones, groups, entries of a map, and one field again and again.
TEST(ParseMeteringTest, AnEventOfTooManyFieldsIsMalformed) {
  const auto repeated = [](std::string_view field, size_t count) {
    std::string all;
    for (size_t i = 0; i < count; ++i) all += field;
    return all;
  };
  const std::string right = FromText<pb::UsageEvent>(kEvent + kOne).SerializeAsString();
  const auto parse = [&right](const std::string& event) {
    std::string bytes;
    for (const std::string& each : {right, event}) {
      // The number and type of the field, the length of the event, and the event.
      bytes += '\x0a';
      for (size_t size = each.size(); true; size >>= 7) {
        bytes += static_cast<char>((size & 127) | (size > 127 ? 128 : 0));
        if (size <= 127) break;
      }
      bytes += each;
    }
    return ParseBatch(bytes);
  };
  const std::string entry("\x32\x04\x0a\x00\x12\x00", 6);
  for (const auto& [field, most] :
       {std::pair(std::string("\x78\x01"), 997), std::pair(std::string("\x22\x00", 2), 997),
        std::pair(entry, 332)}) {
    const auto within = parse(right + repeated(field, static_cast<size_t>(most)));
    ASSERT_TRUE(within.ok()) << within.status();
    for (const auto& [index, error] : within->malformed) {
      EXPECT_THAT(FieldsIn(error), Not(ElementsAre("events[1]")));
    }
    const EventBatch batch = Must(parse(right + repeated(field, static_cast<size_t>(most) + 1)));
    EXPECT_EQ(batch.events.size(), 1U);
    ASSERT_EQ(batch.malformed.size(), 1U);
    EXPECT_EQ(batch.malformed[0].first, 1U);
    EXPECT_THAT(FieldsIn(batch.malformed[0].second), ElementsAre("events[1]"));
  }
  const EventBatch groups = Must(parse(right + repeated("\x7b\x7c", 1000)));
  EXPECT_THAT(FieldsIn(groups.malformed.at(0).second), ElementsAre("events[1]"));
  // Bytes that are no event are named as such, however many there are.
  EXPECT_THAT(FieldsIn(parse(right + '\x7b' + std::string(5000, 'x')).status()),
              ElementsAre("events[1]"));
}

TEST(ParseMeteringTest, ChecksAreOfOneUnitUnlessTheySay) {
  const CheckParams params = Must(ParseText(ParseCheckRequest, kEvent));
  EXPECT_EQ(params.event.quantity, D("1"));
  EXPECT_FALSE(params.track);
  EXPECT_EQ(Must(ParseText(ParseCheckRequest, kEvent + "quantity: '3'")).event.quantity, D("3"));
  EXPECT_THAT(WrongFields(ParseCheckRequest, kEvent + "quantity: ''"), ElementsAre("quantity"));
}

TEST(ParseMeteringTest, ChecksLookAtTheEventIdOnlyToTrack) {
  const std::string id = "event_id: " + Text(129);
  EXPECT_THAT(WrongFields(ParseCheckRequest, kEvent + id), IsEmpty());
  EXPECT_THAT(WrongFields(ParseCheckRequest, kEvent + id + " track: true"),
              ElementsAre("event_id"));
  const CheckParams params =
      Must(ParseText(ParseCheckRequest, kEvent + "event_id: 'e1' track: true"));
  EXPECT_TRUE(params.track);
  EXPECT_EQ(params.event.IdText(), "e1");
}

TEST(ParseMeteringTest, UsageIsListedFromWhereTheTokenSays) {
  auto request = FromText<pb::ListUsageRequest>("customer: 'ada' feature: 'calls' page_size: 2");
  EXPECT_EQ(Must(ParseListUsageRequest(AnyContext(), request)).before, std::nullopt);
  const storage::CounterKey key{.customer = storage::CustomerNo{7},
                                .feature = storage::FeatureNo{2},
                                .period = {storage::IntervalCode::kHour, -5},
                                .segment = 3};
  request.set_page_token(PageTokens(request, storage::kDefaultTenant).Make(CursorText(key)));
  const ledger::UsageQuery query = Must(ParseListUsageRequest(AnyContext(), request));
  EXPECT_EQ(query.before, key);
  EXPECT_EQ(query.limit, 2U);
  EXPECT_EQ(query.feature, "calls");
  for (const char* cursor : {"7 2 4 20758", "7 2 0 1 1", "7 2 8 1 1", "a 2 4 1 1", "7 2 4 1 -1"}) {
    request.set_page_token(PageTokens(request, storage::kDefaultTenant).Make(cursor));
    EXPECT_THAT(FieldsIn(ParseListUsageRequest(AnyContext(), request).status()),
                ElementsAre("page_token"))
        << cursor;
  }
  EXPECT_THAT(WrongFields(ParseListUsageRequest, "feature: 'A'"),
              ElementsAre("customer", "feature"));
}

}  // namespace
}  // namespace owo::rpc
