#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/cpp/internal/wire.h"
#include "tests/client/proto_text.h"

namespace owo {
namespace {

using ::testing::ElementsAre;
using testing::EqualsProto;
using testing::FromText;
using ::testing::IsEmpty;
using testing::UnsetFields;

const TrackParams kEvent = {.customer = "user_123",
                            .feature = "api",
                            .quantity = "0.25",
                            .event_id = "e",
                            .event_time = absl::FromUnixSeconds(7),
                            .properties = {{"k", "v"}},
                            .enforcement = Enforcement::kRecordAlways};
constexpr char kEventText[] =
    "customer: 'user_123' feature: 'api' quantity: '0.25' event_id: 'e' event_time { seconds: 7 } "
    "properties { key: 'k' value: 'v' } enforcement: ENFORCEMENT_RECORD_ALWAYS ";

TEST(WireMeteringTest, EventsSayEverything) {
  const v1::TrackRequest track = ToWire(kEvent);
  EXPECT_THAT(UnsetFields(track), IsEmpty());
  EXPECT_THAT(track, EqualsProto(kEventText));

  const v1::TrackBatchRequest batch =
      ToWire(TrackBatchParams{.events = {kEvent, {.customer = "other"}}});
  EXPECT_THAT(UnsetFields(batch), IsEmpty());
  EXPECT_THAT(batch,
              EqualsProto("events {" + std::string(kEventText) + "} events { customer: 'other' }"));
}

TEST(WireMeteringTest, ChecksSayEverything) {
  const v1::CheckRequest check = ToWire(CheckParams{.customer = "user_123",
                                                    .feature = "api",
                                                    .quantity = "0.25",
                                                    .track = true,
                                                    .event_id = "e",
                                                    .event_time = absl::FromUnixSeconds(7),
                                                    .properties = {{"k", "v"}}});
  EXPECT_THAT(UnsetFields(check), IsEmpty());
  EXPECT_THAT(check, EqualsProto("customer: 'user_123' feature: 'api' quantity: '0.25' track: true "
                                 "event_id: 'e' event_time { seconds: 7 } "
                                 "properties { key: 'k' value: 'v' }"));
  EXPECT_FALSE(ToWire(CheckParams{}).has_quantity());
}

TEST(WireMeteringTest, QuestionsSayEverything) {
  const v1::ListUsageRequest list =
      ToWire(UsageHistoryParams{.customer = "user_123", .feature = "api"});
  EXPECT_THAT(UnsetFields(list), ElementsAre("page_size", "page_token"));
  EXPECT_THAT(list, EqualsProto("customer: 'user_123' feature: 'api'"));
}

constexpr char kResultText[] =
    "code: TRACK_CODE_TRACKED_OVERAGE allowed: true recorded: true duplicate: true event_id: 'e' "
    "usage: '1042' included: '1000' limit: '5000' balance: '0' resets_at { seconds: 7 }";

const TrackResult kResult = {.code = TrackCode::kTrackedOverage,
                             .allowed = true,
                             .recorded = true,
                             .duplicate = true,
                             .event_id = "e",
                             .usage = "1042",
                             .included = "1000",
                             .limit = "5000",
                             .balance = "0",
                             .resets_at = absl::FromUnixSeconds(7)};

TEST(WireMeteringTest, AnswersAreReadWhole) {
  const auto track = FromText<v1::TrackResponse>(kResultText);
  EXPECT_THAT(UnsetFields(track), IsEmpty());
  EXPECT_EQ(FromWire(track), kResult);
  const auto check = FromText<v1::CheckResponse>(kResultText);
  EXPECT_THAT(UnsetFields(check), IsEmpty());
  EXPECT_EQ(FromWire(check), kResult);
  EXPECT_EQ(FromWire(v1::TrackResponse()), TrackResult{});
}

TEST(WireMeteringTest, BatchesAreReadWhole) {
  const auto response = FromText<v1::TrackBatchResponse>(R"(
      codes: [TRACK_CODE_TRACKED, TRACK_CODE_REJECTED, 17] recorded: 1 duplicates: 2
      details {
        index: 1 code: TRACK_CODE_REJECTED allowed: true recorded: true duplicate: true
        error { reason: ERROR_REASON_EVENT_TOO_OLD message: 'too old' field: 'event_time'
                metadata { key: 'k' value: 'v' } }
      }
      details { index: 2 })");
  EXPECT_THAT(UnsetFields(response), IsEmpty());
  EXPECT_EQ(FromWire(response),
            (TrackBatchResult{
                .codes = {TrackCode::kTracked, TrackCode::kRejected, static_cast<TrackCode>(17)},
                .details = {{.index = 1,
                             .code = TrackCode::kRejected,
                             .allowed = true,
                             .recorded = true,
                             .duplicate = true,
                             .error = EventError{.reason = "EVENT_TOO_OLD",
                                                 .message = "too old",
                                                 .field = "event_time",
                                                 .metadata = {{"k", "v"}}}},
                            {.index = 2}},
                .recorded = 1,
                .duplicates = 2}));
}

TEST(WireMeteringTest, ReasonsOfANewerServerAreNumbers) {
  EXPECT_EQ(FromWire(FromText<v1::EventError>("reason: 99")).reason, "99");
}

TEST(WireMeteringTest, HistoryIsReadWhole) {
  const auto period = FromText<v1::UsagePeriod>(R"(
      feature_slug: 'api' feature_name: 'API' subscription_id: 'sub_1' plan: 'pro' plan_version: 3
      period { interval: INTERVAL_DAY label: '2025-12-01' start { seconds: 7 } end { seconds: 8 }
               time_zone: 'UTC' }
      segment: 1 used: '2' included: '3' remaining: '4' billable: '5' invoiced_units: '6'
      unbilled_units: '7' invoiced_amount: 8 unbilled_amount: -9 currency: 'USD'
      currency_exponent: 2)");
  EXPECT_THAT(UnsetFields(period), IsEmpty());
  EXPECT_EQ(FromWire(period), (UsagePeriod{.feature_slug = "api",
                                           .feature_name = "API",
                                           .period = {.interval = Interval::kDay,
                                                      .label = "2025-12-01",
                                                      .start = absl::FromUnixSeconds(7),
                                                      .end = absl::FromUnixSeconds(8),
                                                      .time_zone = "UTC"},
                                           .subscription_id = "sub_1",
                                           .plan = "pro",
                                           .plan_version = 3,
                                           .segment = 1,
                                           .used = "2",
                                           .included = "3",
                                           .remaining = "4",
                                           .billable = "5",
                                           .invoiced_units = "6",
                                           .unbilled_units = "7",
                                           .invoiced_amount = 8,
                                           .unbilled_amount = -9,
                                           .currency = "USD",
                                           .currency_exponent = 2}));
}

}  // namespace
}  // namespace owo
