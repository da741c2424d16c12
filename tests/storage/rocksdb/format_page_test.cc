// docs/format.md and the code agree on every byte.

#include <gtest/gtest.h>

#include "storage/convert.h"
#include "storage/rocksdb/engine/watermark.h"
#include "storage/rocksdb/format/event_chunk.h"
#include "storage/rocksdb/format/journal.h"
#include "storage/rocksdb/format/keys.h"
#include "storage/rocksdb/ids/ids.h"
#include "tests/storage/rocksdb/chunks.h"
#include "tests/storage/rocksdb/worked_bytes.h"
#include "tests/support/hex.h"
#include "tests/support/store.h"

namespace owo::storage {
namespace {

constexpr TenantId kTenant{1};
constexpr CustomerNo kCustomer{7};
constexpr char kUuid[] = "018f2e4c-7d3a-7cc1-9a52-0242ac120002";
constexpr Micros kCommitted = kNow + 250'000;

std::string InvoiceKeyId() {
  return std::string("\x01\x9a\x8d\x0e\x6f\x80\x70\x00\x80\x00\x00\x00\x00\x00\x00\x01", 16);
}

const CounterKey kCounter{
    .customer = kCustomer, .feature = FeatureNo{2}, .period = kNovember, .segment = 0};

const std::vector<EventLocation> kLocations = {{300, 5}, {300, 6}, {302, 0}};

std::map<std::string, std::string> Keys() {
  const CounterKey before_1970{.customer = kCustomer,
                               .feature = FeatureNo{2},
                               .period = {IntervalCode::kDay, -3},
                               .segment = 1};
  return {
      {"format", std::string(keys::kFormat)},
      {"replay-start", std::string(keys::kReplayStart)},
      {"archive-state", std::string(keys::kArchiveState)},
      {"tenant", keys::Tenant(kTenant)},
      {"access-state", keys::AccessState()},
      {"tenant-profile", keys::TenantProfile(kTenant)},
      {"api-key", keys::ApiKey(kTenant, "2b7WfkzMmC4rQm")},
      {"api-key-use", keys::ApiKeyUse(kTenant, "2b7WfkzMmC4rQm")},
      {"journal", keys::Journal(300)},
      {"id-uuid", keys::Id(kTenant, EventId::Of(kUuid))},
      {"id-text", keys::Id(kTenant, EventId::Of("order-17"))},
      {"account", keys::Account(kTenant, kCustomer)},
      {"counter", keys::Counter(kTenant, kCounter)},
      {"archived-counter", keys::ArchivedCounter(kTenant, kCounter)},
      {"digest", keys::Digest(kTenant, kCounter)},
      {"counter-before-1970", keys::Counter(kTenant, before_1970)},
      {"event-chunk", keys::EventChunk(kTenant, kCounter, 300)},
      {"invoice", keys::Invoice(kTenant, kCustomer, InvoiceKeyId())},
      {"invoice-id", keys::InvoiceId(kTenant, InvoiceKeyId())},
      {"covered", keys::Covered(kTenant, kCounter, 300)},
      {"feature", keys::Feature(kTenant, FeatureNo{2})},
      {"plan", keys::Plan(kTenant, PlanNo{3})},
      {"plan-version", keys::PlanVersion(kTenant, PlanNo{3}, 2)},
      {"contract", keys::Contract(kTenant, kCustomer)},
      {"subscription", keys::Subscription(kTenant, kCustomer, 2)},
      {"metadata", keys::Metadata(kTenant, kCustomer, 2)},
      {"customer-metadata", keys::Metadata(kTenant, kCustomer, 0)},
      {"customer", keys::Customer(kTenant, kCustomer)},
      {"customer-id", keys::CustomerId(kTenant, "acme")},
      {"id-ignoring-case", keys::IdIgnoringCase(kTenant, "Ada@Example", kCustomer)},
      {"email", keys::Email(kTenant, "Ops@Acme.example", kCustomer)},
      {"request", keys::Request(kTenant, "CreateCustomer", "r-1")},
  };
}

std::string FirstEvent() {
  std::string bytes;
  AppendEvent(bytes,
              {.id = EventId::Of(kUuid),
               .counter = kCounter,
               .quantity = Units(1500),
               .time = kNow,
               .opens = CounterTerms{.plan = PlanNo{3},
                                     .plan_version = 2,
                                     .subscription = 1,
                                     .period_start = kNovember.ordinal * kDay,
                                     .period_end = kDecember.ordinal * kDay}},
              kCommitted);
  return bytes;
}

std::string Correction() {
  std::string bytes;
  AppendEvent(bytes,
              {.id = EventId::Of("order-17"),
               .id_text = "order-17",
               .properties = "{\"a\":1}",
               .counter = kCounter,
               .quantity = {absl::int128(-2'500'000'000'000)},
               .time = kNow,
               .later_segments = 1,
               .over = true},
              kCommitted);
  return bytes;
}

std::string Chunk() { return PackChunk(kLocations, {kNow, kNow + 300}); }

// The end of customer 7's second subscription, and a spend cap, are set.
JournalChange ContractChangeOf() {
  JournalChange change;
  change.set_tenant(static_cast<uint32_t>(kTenant));
  ContractChangeRecord& contract = *change.mutable_contract_change();
  contract.set_number(static_cast<uint64_t>(kCustomer));
  contract.set_generation(9);
  contract.set_spend_cap(5000);
  SubscriptionRecord& ended = *contract.add_subscriptions();
  ended.set_number(2);
  ended.set_plan(3);
  ended.set_start_us(kNovember.ordinal * kDay);
  ended.set_end_us(kDecember.ordinal * kDay);
  ended.set_created_us(kNow);
  return change;
}
std::string ContractChange() { return ContractChangeOf().SerializeAsString(); }

std::string ContractRow() {
  ContractRecord contract;
  contract.set_number(static_cast<uint64_t>(kCustomer));
  contract.set_generation(9);
  contract.add_zones()->set_zone("UTC");
  contract.mutable_zones(0)->set_since_us(INT64_MIN);
  contract.set_currency("USD");
  contract.set_spend_cap(5000);
  contract.set_subscription_rows(2);
  return contract.SerializeAsString();
}

// An open invoice becomes paid.
JournalChange InvoiceUpdateOf() {
  JournalChange change;
  change.set_tenant(static_cast<uint32_t>(kTenant));
  InvoiceUpdateRecord& update = *change.mutable_invoice_update();
  update.set_id(InvoiceKeyId());
  update.set_customer(static_cast<uint64_t>(kCustomer));
  update.set_revision(2);
  update.set_status(INVOICE_STATUS_RECORD_PAID);
  update.set_paid_us(kNow);
  PaymentRecord& payment = *update.add_payments();
  payment.set_amount(5000);
  payment.set_paid_us(kNow);
  payment.set_reference("tr-1");
  return change;
}
std::string InvoiceUpdate() { return InvoiceUpdateOf().SerializeAsString(); }

JournalChange NumberJumpOf() {
  JournalChange change;
  change.set_tenant(static_cast<uint32_t>(kTenant));
  change.mutable_number_jump()->set_series("INV");
  change.mutable_number_jump()->set_next(1043);
  return change;
}

std::map<std::string, std::string> Values() {
  const std::string invoice = InvoiceKeyId();
  return {{"quantity", PackQuantity(Units(1500))},
          {"id-row", PackIdRow({.fingerprint = Fingerprint(kCustomer, FeatureNo{2}, Units(1500)),
                                .sequence = 300,
                                .over = true})},
          {"covered-value", keys::CoveredValue({.first = 100, .invoice = invoice})},
          {"event-chunk-times-value", Chunk()},
          {"event-chunk-value", WithoutTimes(Chunk())},
          {"watermark", PackMark(300)},
          {"contract-row", ContractRow()},
          {"contract-change", ContractChange()},
          {"invoice-update", InvoiceUpdate()},
          {"number-jump", NumberJumpOf().SerializeAsString()},
          {"event", FirstEvent()},
          {"event-text", Correction()}};
}

TEST(FormatPageTest, DrawsTheBytesThatAreWritten) {
  std::map<std::string, std::string> written = Keys();
  written.merge(Values());
  const std::map<std::string, std::string> drawn = WorkedBytes();
  for (const auto& [name, bytes] : written) {
    ASSERT_TRUE(drawn.contains(name)) << "docs/format.md does not draw " << name;
    EXPECT_EQ(Hex(bytes), Hex(drawn.at(name))) << name;
  }
  EXPECT_EQ(drawn.size(), written.size()) << "a block of docs/format.md is not tested";
}

TEST(FormatPageTest, WhatIsDrawnCanBeRead) {
  const std::map<std::string, std::string> drawn = WorkedBytes();
  EXPECT_EQ(keys::ParseCounter(drawn.at("counter")), kCounter);
  EXPECT_EQ(keys::TrailingCustomer(drawn.at("email")), kCustomer);
  const auto row = UnpackIdRow(drawn.at("id-row"));
  ASSERT_TRUE(row.ok()) << row.status();
  EXPECT_TRUE(row->over);
  EXPECT_EQ(row->sequence, 300);
  EXPECT_EQ(keys::TrailingNumber(drawn.at("event-chunk")), 300);
  for (const char* const chunk : {"event-chunk-value", "event-chunk-times-value"}) {
    EXPECT_EQ(ReadChunk(drawn.at(chunk), 0, 10).value(), kLocations) << chunk;
  }
  EXPECT_EQ(ParseChunkHeader(drawn.at("event-chunk-times-value"))->times,
            (TimeBounds{kNow, kNow + 300}));
  EXPECT_EQ(ParseChunkHeader(drawn.at("event-chunk-value"))->times, std::nullopt);
  const auto covered = keys::ParseCovered(drawn.at("covered-value"));
  ASSERT_TRUE(covered.has_value());
  EXPECT_EQ(covered->first, 100);
  EXPECT_EQ(covered->invoice, InvoiceKeyId());
  JournalChange change;
  ASSERT_TRUE(change.ParseFromString(drawn.at("contract-change")));
  EXPECT_EQ(change.ShortDebugString(), ContractChangeOf().ShortDebugString());
  ASSERT_TRUE(change.ParseFromString(drawn.at("invoice-update")));
  EXPECT_EQ(change.ShortDebugString(), InvoiceUpdateOf().ShortDebugString());
  ASSERT_TRUE(change.ParseFromString(drawn.at("number-jump")));
  EXPECT_EQ(change.ShortDebugString(), NumberJumpOf().ShortDebugString());
  int events = 0;
  const absl::Status read =
      ReadEvents(drawn.at("event") + drawn.at("event-text"), kCommitted, [&](const auto& event) {
        EXPECT_EQ(event.time, kNow);
        EXPECT_EQ(event.counter, kCounter);
        EXPECT_EQ(event.id, EventId::Of(++events == 1 ? kUuid : "order-17"));
        return absl::OkStatus();
      });
  EXPECT_TRUE(read.ok()) << read;
  EXPECT_EQ(events, 2);
}

}  // namespace
}  // namespace owo::storage
