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

TEST(WireEventsTest, QuestionsSayEverything) {
  const v1::ListInvoiceEventsRequest invoice =
      ToWire(InvoiceEventsParams{.invoice_id = "inv_1", .line = 2});
  EXPECT_THAT(UnsetFields(invoice), ElementsAre("page_size", "page_token"));
  EXPECT_THAT(invoice, EqualsProto("invoice_id: 'inv_1' line: 2"));
  EXPECT_FALSE(ToWire(InvoiceEventsParams{}).has_line());

  const v1::ListEventsRequest list = ToWire(EventsParams{.customer = "user_123",
                                                         .feature = "api",
                                                         .start = absl::FromUnixSeconds(7),
                                                         .end = absl::FromUnixSeconds(8)});
  EXPECT_THAT(UnsetFields(list), ElementsAre("page_size", "page_token"));
  EXPECT_THAT(list, EqualsProto("customer: 'user_123' feature: 'api' start { seconds: 7 } "
                                "end { seconds: 8 }"));
  EXPECT_THAT(ToWire(EventsParams{.customer = "user_123"}), EqualsProto("customer: 'user_123'"));
}

TEST(WireEventsTest, EventsAreReadWhole) {
  const auto event = FromText<v1::RecordedEvent>(R"(
      event_id: 'e' customer_id: 'user_123' feature_slug: 'api' quantity: '-0.25'
      event_time { seconds: 7 } recorded_at { seconds: 8 } properties { key: 'k' value: 'v' }
      period { interval: INTERVAL_DAY label: '2025-12-01' start { seconds: 1 } end { seconds: 9 }
               time_zone: 'UTC' }
      segment: 1 invoice_id: 'inv_1' line: 2)");
  EXPECT_THAT(UnsetFields(event), IsEmpty());
  EXPECT_EQ(FromWire(event), (RecordedEvent{.event_id = "e",
                                            .customer_id = "user_123",
                                            .feature_slug = "api",
                                            .quantity = "-0.25",
                                            .event_time = absl::FromUnixSeconds(7),
                                            .recorded_at = absl::FromUnixSeconds(8),
                                            .properties = {{"k", "v"}},
                                            .period = {.interval = Interval::kDay,
                                                       .label = "2025-12-01",
                                                       .start = absl::FromUnixSeconds(1),
                                                       .end = absl::FromUnixSeconds(9),
                                                       .time_zone = "UTC"},
                                            .segment = 1,
                                            .invoice_id = "inv_1",
                                            .line = 2}));
  EXPECT_EQ(FromWire(v1::RecordedEvent()).line, std::nullopt);
}

}  // namespace
}  // namespace owo
