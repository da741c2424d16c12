// Randomly damaged requests of every call: each is accepted as valid, or refused as malformed with
// its wrong fields.

#include <gmock/gmock.h>
#include <google/protobuf/stubs/logging.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_split.h"
#include "service/rpc/errors.h"
#include "service/rpc/metering/parse_event.h"
#include "service/rpc/page_token.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/message_mutator.h"
#include "tests/rpc/parse_testing.h"

namespace owo::rpc {
namespace {

using google::protobuf::Message;

const std::vector<std::string> kRequestWords = absl::StrSplit(
    " ada a@b.c calls pro 1 -0.5 0.000000000001 1000000000000 USD Africa/Lagos time_zone spend_cap "
    "id é \n 018f2e4c-7d3a-7cc1-9a52-0242ac120002 inv_01a20433aae370008ea8b661dcb9754f",
    ' ');

constexpr char kSomeInvoice[] = "invoice_id: 'inv_01a20433aae370008ea8b661dcb9754f' ";
constexpr char kSomeEvent[] =
    "customer: 'ada' feature: 'calls' quantity: '2.5' event_id: 'e1' event_time { seconds: 7 } "
    "properties { key: 'region' value: 'eu' } ";
constexpr char kSomeCatalog[] =
    "features { slug: 'calls' name: 'Calls' unit: 'call' } "
    "plans { slug: 'pro' name: 'Pro' currency: 'USD' interval: INTERVAL_MONTH"
    "  features { feature_slug: 'calls' usage_model: USAGE_MODEL_USAGE_BASED included: '10'"
    "    rating_model: RATING_MODEL_GRADUATED max_overage_units: '100'"
    "    tiers { up_to: '5' unit_price: '1' } tiers { unit_price: '2' flat_fee: '3' } }"
    "  features { feature_slug: 'calls' usage_model: USAGE_MODEL_INCLUDED billing_units: '10'"
    "    overage: OVERAGE_POLICY_CHARGE rating_model: RATING_MODEL_PACKAGE unit_price: '1' } } "
    "request_id: 'r'";

// Each event of a batch is checked separately.
void ExpectEachEventAnswered(const EventBatch& batch) {
  EXPECT_EQ(batch.events.size() + batch.malformed.size(), batch.size);
  for (const auto& [index, status] : batch.malformed) {
    EXPECT_LT(index, batch.size);
    EXPECT_FALSE(FieldsIn(status).empty());
  }
}

absl::StatusOr<EventBatch> ParseEachEvent(const pb::TrackBatchRequest& request) {
  absl::StatusOr<EventBatch> batch = ParseTrackBatchRequest(request);
  if (batch.ok()) ExpectEachEventAnswered(*batch);
  return batch;
}

// A valid request, and its parser.
struct Call {
  std::unique_ptr<Message> request;
  std::function<absl::Status(const Message&)> parse;
};

template <typename Params, typename Request>
std::pair<std::string, Call> CallOf(absl::StatusOr<Params> (*parse)(const Request&),
                                    const std::string& text) {
  return {std::string(Request::descriptor()->name()),
          Call{std::make_unique<Request>(FromText<Request>(text)), [parse](const Message& request) {
                 return parse(static_cast<const Request&>(request)).status();
               }}};
}

template <typename Params, typename Request>
std::pair<std::string, Call> CallOf(absl::StatusOr<Params> (*parse)(const ledger::CallContext&,
                                                                    const Request&),
                                    const std::string& text) {
  return {std::string(Request::descriptor()->name()),
          Call{std::make_unique<Request>(FromText<Request>(text)), [parse](const Message& request) {
                 return parse(AnyContext(), static_cast<const Request&>(request)).status();
               }}};
}

// By the name of the request.
std::map<std::string, Call> Calls() {
  std::map<std::string, Call> calls;
  const std::string ada = "customer: 'ada' ";
  const std::string invoice = kSomeInvoice;
  calls.insert(CallOf(ParseUsageRequest, ada));
  calls.insert(CallOf(ParseInvoiceRequest, ada + "draft: true metadata { key: 'po' value: '7' }"));
  calls.insert(CallOf(ParseListInvoicesRequest, ada + "status: INVOICE_STATUS_PAID page_size: 7"));
  calls.insert(CallOf(ParseGetInvoiceRequest, invoice));
  calls.insert(CallOf(ParseFinalizeInvoiceRequest, invoice + "request_id: 'r'"));
  calls.insert(CallOf(ParsePaymentNow, invoice + "paid_at { seconds: 5 } reference: 'x'"));
  calls.insert(CallOf(ParseVoidInvoiceRequest, invoice + "reason: 'wrong' request_id: 'r'"));
  calls.insert(CallOf(ParseListInvoiceEventsRequest, invoice + "line: 2 page_size: 1000"));
  calls.insert(CallOf(ParseSyncCatalogRequest, kSomeCatalog));
  calls.insert(CallOf(ParseListFeaturesRequest, "include_archived: true page_size: 7"));
  calls.insert(CallOf(ParseListPlansRequest, "page_size: 500"));
  calls.insert(CallOf(ParseGetPlanRequest, "plan: 'pro' version: 1"));
  calls.insert(
      CallOf(ParseCreateCustomerRequest,
             "customer { id: 'ada' email: 'a@b.c' name: 'Ada' time_zone: 'UTC' spend_cap: 5"
             "  metadata { key: 'k' value: 'v' } } request_id: 'r'"));
  calls.insert(CallOf(ParseGetCustomerRequest, ada));
  calls.insert(CallOf(
      ParseUpdateCustomerRequest,
      ada +
          "update { name: 'Ada' spend_cap: 7 } update_mask { paths: 'name' paths: 'spend_cap' }"));
  calls.insert(CallOf(ParseListCustomersRequest, "page_size: 7"));
  calls.insert(CallOf(ParseSubscribeRequest, ada + "plan: 'pro' start { seconds: 5 nanos: 9 }"));
  calls.insert(CallOf(ParseCancelSubscriptionRequest, ada + "end { seconds: 5 }"));
  calls.insert(CallOf(ParseResumeSubscriptionRequest, ada + "request_id: 'r'"));
  calls.insert(CallOf(ParseListSubscriptionsRequest, ada + "page_size: 7"));
  calls.insert(CallOf(ParseTrackRequest, kSomeEvent));
  calls.insert(CallOf(ParseEachEvent, "events { " + std::string(kSomeEvent) + "} events { }"));
  calls.insert(CallOf(ParseCheckRequest, std::string(kSomeEvent) + "track: true"));
  calls.insert(CallOf(ParseListUsageRequest, ada + "feature: 'calls' page_size: 7"));
  calls.insert(CallOf(ParseListEventsRequest, ada + "start { seconds: 5 } end { seconds: 9 }"));
  return calls;
}

// Expects a refusal that any caller may see: it names the wrong fields, in an error of bounded
// size. Only ids that cannot be an invoice's are INVOICE_NOT_FOUND instead.
void ExpectRefused(const Message& request, const absl::Status& status) {
  const ledger::Refusal refusal = ledger::RefusalOf(status);
  if (refusal.reason == ledger::Reason::kInvoiceNotFound) {
    EXPECT_NE(request.GetDescriptor()->FindFieldByName("invoice_id"), nullptr) << status;
  } else {
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    EXPECT_FALSE(FieldsIn(status).empty());
  }
  const grpc::Status shown = ToGrpc(status);
  EXPECT_FALSE(shown.error_message().empty());
  EXPECT_LT(shown.error_message().size() + shown.error_details().size(), 8U << 10);
}

// Derives the list of calls from the services, so that none is missing here.
std::set<std::string> RequestsOfTheApi() {
  std::set<std::string> names;
  for (const auto* file :
       {pb::UsageRequest::descriptor()->file(), pb::SyncCatalogRequest::descriptor()->file(),
        pb::GetCustomerRequest::descriptor()->file(), pb::TrackRequest::descriptor()->file()}) {
    for (int s = 0; s < file->service_count(); ++s) {
      for (int m = 0; m < file->service(s)->method_count(); ++m) {
        names.insert(file->service(s)->method(m)->input_type()->name());
      }
    }
  }
  return names;
}

// Damages bytes, and also sets fields to values with a meaning.
void FuzzCall(const Call& call) {
  int refused = 0;
  const auto any = [&](Random& random) {
    MessageMutator mutator(random, kRequestWords);
    const std::unique_ptr<Message> request(call.request->New());
    request->CopyFrom(*call.request);
    for (int64_t changes = random.Between(0, 6); changes > 0; --changes) mutator.Change(*request);
    return request->SerializeAsString();
  };
  FuzzBytes(
      300, any,
      [&](std::string_view wire, bool) {
        const std::unique_ptr<Message> request(call.request->New());
        if (!request->ParseFromArray(wire.data(), static_cast<int>(wire.size()))) return false;
        const absl::Status status = call.parse(*request);
        if (status.ok()) return true;
        ++refused;
        ExpectRefused(*request, status);
        return false;
      },
      kRequestWords);
  EXPECT_GT(refused, 0);
}

TEST(RequestFuzzTest, EveryRequestIsTakenOrRefusedAsMalformed) {
  const google::protobuf::LogSilencer silence;  // protobuf logs every text that is not UTF-8
  std::set<std::string> names;
  for (const auto& [name, call] : Calls()) {
    SCOPED_TRACE(name);
    EXPECT_TRUE(call.parse(*call.request).ok()) << call.parse(*call.request);
    FuzzCall(call);
    names.insert(name);
  }
  EXPECT_EQ(names, RequestsOfTheApi());
}

void ExpectSameEvent(const ledger::UsageEvent& a, const ledger::UsageEvent& b) {
  EXPECT_EQ(a.customer, b.customer);
  EXPECT_EQ(a.feature, b.feature);
  EXPECT_EQ(a.quantity, b.quantity);
  EXPECT_EQ(a.id, b.id);
  EXPECT_EQ(a.id_text, b.id_text);
  EXPECT_EQ(a.time, b.time);
  EXPECT_EQ(a.properties, b.properties);
  EXPECT_EQ(a.record_always, b.record_always);
}

// Events that are parsed directly from the bytes equal those that protobuf parses. Batches with
// unknown fields may be refused.
TEST(RequestFuzzTest, BatchesAreReadAsProtobufReadsThem) {
  const google::protobuf::LogSilencer silence;
  const auto whole = FromText<pb::TrackBatchRequest>(
      "events { customer: 'ada' feature: 'calls' quantity: '2' event_id: 'e2' } events { " +
      std::string(kSomeEvent) + "} events { customer: 'bob' feature: 'calls' quantity: 'x' }");
  const auto any = [&](Random& random) {
    MessageMutator mutator(random, kRequestWords);
    pb::TrackBatchRequest request = whole;
    for (int64_t changes = random.Between(0, 4); changes > 0; --changes) mutator.Change(request);
    return request.SerializeAsString();
  };
  FuzzBytes(2000, any, [&](std::string_view wire, bool) {
    const absl::StatusOr<EventBatch> batch = ParseBatch(wire);
    pb::TrackBatchRequest request;
    const bool is_one = request.ParseFromArray(wire.data(), static_cast<int>(wire.size()));
    if (!batch.ok()) {
      const bool odd = !request.GetReflection()->GetUnknownFields(request).empty();
      EXPECT_TRUE(!is_one || odd || request.events_size() == 0) << batch.status();
      return false;
    }
    EXPECT_TRUE(is_one);
    EXPECT_EQ(batch->size, static_cast<size_t>(request.events_size()));
    auto right = batch->events.begin();
    auto wrong = batch->malformed.begin();
    for (const pb::UsageEvent& message : request.events()) {
      const absl::StatusOr<ledger::UsageEvent> event = ParseEvent(message);
      if (event.ok() && right != batch->events.end()) {
        ExpectSameEvent(*right++, *event);
      } else if (!event.ok() && wrong != batch->malformed.end()) {
        EXPECT_EQ(wrong++->second, event.status());
      } else {
        ADD_FAILURE() << message.DebugString();
      }
    }
    return true;
  });
}

// Every accepted token is one that was made for the query.
TEST(RequestFuzzTest, PageTokensAreThoseThatWereMade) {
  const PageTokens tokens(FromText<pb::ListUsageRequest>("customer: 'ada'"),
                          storage::kDefaultTenant);
  std::set<std::string> made = {""};
  const auto any = [&](Random& random) {
    const std::string cursor = random.Bytes(random.Between(1, 40));
    made.insert(cursor);
    return tokens.Make(cursor);
  };
  FuzzBytes(1000, any, [&](std::string_view token, bool whole) {
    const std::optional<std::string> cursor = tokens.Read(std::string(token));
    EXPECT_TRUE(cursor.has_value() || !whole);
    EXPECT_TRUE(!cursor.has_value() || made.contains(*cursor));
    return cursor.has_value();
  });
}

TEST(RequestFuzzTest, RandomBytesAreNoPageToken) {
  Random random;
  for (int round = FuzzRounds(2000); round > 0; --round) {
    std::string token = random.Bytes(random.Between(1, 60));
    // As bytes, in the encoding of tokens, and with their leading version byte.
    if (random.OneIn(2)) token[0] = 1;
    if (random.OneIn(2)) token = absl::WebSafeBase64Escape(token);
    pb::ListUsageRequest usage = FromText<pb::ListUsageRequest>("customer: 'ada'");
    usage.set_page_token(token);
    ASSERT_THAT(FieldsIn(ParseListUsageRequest(AnyContext(), usage).status()),
                ::testing::ElementsAre("page_token"))
        << Hex(token);
    pb::ListInvoicesRequest invoices;
    invoices.set_page_token(token);
    ASSERT_THAT(FieldsIn(ParseListInvoicesRequest(AnyContext(), invoices).status()),
                ::testing::ElementsAre("page_token"))
        << Hex(token);
  }
}

}  // namespace
}  // namespace owo::rpc
