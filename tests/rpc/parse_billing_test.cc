#include <gmock/gmock.h>

#include "service/rpc/page_token.h"
#include "tests/rpc/parse_testing.h"

namespace owo::rpc {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

constexpr char kInvoice[] = "invoice_id: 'inv_01a20433aae370008ea8b661dcb9754f' ";
// Includes a NUL.
const std::string kInvoiceBytes("\x01\xa2\x04\x33\xaa\xe3\x70\x00\x8e\xa8\xb6\x61\xdc\xb9\x75\x4f",
                                16);

TEST(ParseBillingTest, CustomersAreNamedByOneTo254Bytes) {
  EXPECT_EQ(Must(ParseText(ParseUsageRequest, "customer: 'user_123'")), "user_123");
  EXPECT_THAT(WrongFields(ParseUsageRequest, "customer: " + Text(254)), IsEmpty());
  EXPECT_THAT(WrongFields(ParseUsageRequest, "customer: " + Text(255)), ElementsAre("customer"));
  EXPECT_THAT(WrongFields(ParseUsageRequest, ""), ElementsAre("customer"));
  EXPECT_THAT(WrongFields(ParseInvoiceRequest, ""), ElementsAre("customer"));
  EXPECT_THAT(WrongFields(ParseListInvoicesRequest, ""), IsEmpty());
  EXPECT_THAT(WrongFields(ParseListInvoicesRequest, "customer: " + Text(255)),
              ElementsAre("customer"));
}

TEST(ParseBillingTest, AMemoHasAtMost1000Bytes) {
  const auto wrong = [](const std::string& memo) {
    return WrongFields(ParseInvoiceRequest, "customer: 'ada' memo: " + memo);
  };
  EXPECT_THAT(wrong(Text(0)), IsEmpty());
  EXPECT_THAT(wrong(Text(1000)), IsEmpty());
  EXPECT_THAT(wrong(Text(1001)), ElementsAre("memo"));
}

TEST(ParseBillingTest, ARequestWithAnotherMemoIsAnotherRequest) {
  const auto fingerprint = [](const std::string& memo) {
    return Must(ParseText(ParseInvoiceRequest, "customer: 'ada' request_id: 'r1' memo: " + memo))
        .request.fingerprint;
  };
  EXPECT_EQ(fingerprint("'one'"), fingerprint("'one'"));
  EXPECT_NE(fingerprint("'one'"), fingerprint("'two'"));
}

TEST(ParseBillingTest, InvoiceParamsAreReadAsWritten) {
  const ledger::InvoiceParams params = Must(
      ParseText(ParseInvoiceRequest,
                "customer: 'ada' draft: true metadata { key: 'po' value: '4711' } request_id: 'r1' "
                "memo: 'Danke\\nsehr'"));
  EXPECT_EQ(params.customer, "ada");
  EXPECT_TRUE(params.draft);
  EXPECT_THAT(params.notes.metadata(), ElementsAre(Pair("po", "4711")));
  EXPECT_EQ(params.notes.memo(), "Danke\nsehr");
  EXPECT_EQ(params.request.id, "r1");
  EXPECT_EQ(params.request.fingerprint.size(), 32U);
}

TEST(ParseBillingTest, EveryWrongFieldIsNamed) {
  EXPECT_THAT(WrongFields(ParseInvoiceRequest, Entries("metadata", 51) + "request_id: " + Text(65)),
              UnorderedElementsAre("customer", "metadata", "request_id"));
}

TEST(ParseBillingTest, MetadataIsBounded) {
  const std::string customer = "customer: 'ada' ";
  const auto wrong = [&](const std::string& metadata) {
    return WrongFields(ParseInvoiceRequest, customer + metadata);
  };
  EXPECT_THAT(wrong(Entries("metadata", 50, 512)), IsEmpty());
  EXPECT_THAT(wrong(Entries("metadata", 51)), ElementsAre("metadata"));
  EXPECT_THAT(wrong(Entries("metadata", 1, 513)), ElementsAre("metadata"));
  EXPECT_THAT(wrong("metadata { key: '' value: 'v' }"), ElementsAre("metadata"));
  EXPECT_THAT(wrong("metadata { key: " + Text(64) + " }"), IsEmpty());
  EXPECT_THAT(wrong("metadata { key: " + Text(65) + " }"), ElementsAre("metadata"));
}

TEST(ParseBillingTest, RequestIdsAreCountedInCharacters) {
  std::string sixty_four;
  for (int i = 0; i < 64; ++i) sixty_four += "é";
  const std::string customer = "customer: 'ada' request_id: ";
  EXPECT_THAT(WrongFields(ParseInvoiceRequest, customer + "'" + sixty_four + "'"), IsEmpty());
  EXPECT_THAT(WrongFields(ParseInvoiceRequest, customer + "'" + sixty_four + "é'"),
              ElementsAre("request_id"));
}

TEST(ParseBillingTest, FilterAndPageSizeAreHeldToTheirBounds) {
  using Request = pb::ListInvoicesRequest;
  const ledger::InvoiceQuery query =
      Must(ParseText(ParseListInvoicesRequest, "status: INVOICE_STATUS_PAID page_size: 500"));
  EXPECT_EQ(query.status, storage::INVOICE_STATUS_RECORD_PAID);
  EXPECT_EQ(query.limit, 500U);
  EXPECT_EQ(Must(ParseText(ParseListInvoicesRequest, "")).limit, 50U);
  EXPECT_EQ(Must(ParseText(ParseListInvoicesRequest, "")).status, std::nullopt);
  EXPECT_THAT(WrongFields(ParseListInvoicesRequest, "page_size: 501"), ElementsAre("page_size"));
  EXPECT_THAT(WrongFields(ParseListInvoicesRequest, "page_size: -1"), ElementsAre("page_size"));
  Request unknown;
  unknown.set_status(static_cast<pb::InvoiceStatus>(9));
  EXPECT_THAT(FieldsIn(ParseListInvoicesRequest(AnyContext(), unknown).status()),
              ElementsAre("status"));
}

TEST(ParseBillingTest, APageTokenIsOfItsQueryOnly) {
  auto request = FromText<pb::ListInvoicesRequest>("customer: 'ada'");
  request.set_page_token(PageTokens(request, storage::kDefaultTenant).Make(kInvoiceBytes));
  EXPECT_EQ(Must(ParseListInvoicesRequest(AnyContext(), request)).before, kInvoiceBytes);
  request.set_page_size(7);
  EXPECT_EQ(Must(ParseListInvoicesRequest(AnyContext(), request)).before, kInvoiceBytes);
  request.set_customer("bob");
  EXPECT_THAT(FieldsIn(ParseListInvoicesRequest(AnyContext(), request).status()),
              ElementsAre("page_token"));
  EXPECT_THAT(WrongFields(ParseListInvoicesRequest, "page_token: 'rubbish'"),
              ElementsAre("page_token"));
  // A valid token whose cursor is not one of a list of invoices.
  request.set_page_token(PageTokens(request, storage::kDefaultTenant).Make("short"));
  EXPECT_THAT(FieldsIn(ParseListInvoicesRequest(AnyContext(), request).status()),
              ElementsAre("page_token"));
}

TEST(ParseBillingTest, InvoiceIdsAreReadOrAreOfNoInvoice) {
  EXPECT_EQ(Must(ParseText(ParseGetInvoiceRequest, kInvoice)), kInvoiceBytes);
  EXPECT_EQ(Must(ParseText(ParseFinalizeInvoiceRequest, kInvoice)).id, kInvoiceBytes);
  EXPECT_THAT(WrongFields(ParseGetInvoiceRequest, ""), ElementsAre("invoice_id"));
  EXPECT_THAT(WrongFields(ParseGetInvoiceRequest, "invoice_id: " + Text(65)),
              ElementsAre("invoice_id"));
  const absl::Status status =
      ParseText(ParseGetInvoiceRequest, "invoice_id: 'INV-000001'").status();
  EXPECT_THAT(status, ledger::RefusedAs(ledger::Reason::kInvoiceNotFound));
  EXPECT_EQ(ledger::ValueIn(status, "invoice_id"), "INV-000001");
  EXPECT_THAT(ParseText(ParseVoidInvoiceRequest, "invoice_id: 'x'"),
              ledger::RefusedAs(ledger::Reason::kInvoiceNotFound));
}

TEST(ParseBillingTest, PaymentsAreNotInTheFuture) {
  const auto at = [](int64_t seconds, int nanos = 0) {
    return std::string(kInvoice) +
           "paid_at { seconds: " + std::to_string(kParsedAt / 1'000'000 + seconds) +
           " nanos: " + std::to_string(nanos) + " }";
  };
  EXPECT_EQ(Must(ParseText(ParsePaymentNow, kInvoice)).paid_at, std::nullopt);
  EXPECT_EQ(Must(ParseText(ParsePaymentNow, at(-60, 1'999))).paid_at, kParsedAt - 60'000'000 + 1);
  EXPECT_THAT(WrongFields(ParsePaymentNow, at(0)), IsEmpty());
  EXPECT_THAT(WrongFields(ParsePaymentNow, at(0, 1000)), ElementsAre("paid_at"));
  EXPECT_THAT(WrongFields(ParsePaymentNow, std::string(kInvoice) + "reference: " + Text(129)),
              ElementsAre("reference"));
  EXPECT_THAT(WrongFields(ParsePaymentNow, std::string(kInvoice) + "reference: " + Text(128)),
              IsEmpty());
}

TEST(ParseBillingTest, TimesAreWithinTheYearsThatCanBeSaid) {
  const std::string invoice = kInvoice;
  EXPECT_THAT(WrongFields(ParsePaymentNow, invoice + "paid_at { seconds: 0 }"), IsEmpty());
  EXPECT_THAT(WrongFields(ParsePaymentNow, invoice + "paid_at { seconds: -1 }"),
              ElementsAre("paid_at"));
  EXPECT_THAT(WrongFields(ParsePaymentNow, invoice + "paid_at { nanos: -1 }"),
              ElementsAre("paid_at"));
  EXPECT_THAT(WrongFields(ParsePaymentNow, invoice + "paid_at { nanos: 1000000000 }"),
              ElementsAre("paid_at"));
  EXPECT_THAT(WrongFields(ParsePaymentNow, invoice + "paid_at { seconds: 9223372036854775807 }"),
              ElementsAre("paid_at"));
}

TEST(ParseBillingTest, VoidReasonsAreBounded) {
  const std::string invoice = kInvoice;
  const VoidParams params =
      Must(ParseText(ParseVoidInvoiceRequest, invoice + "reason: 'wrong customer'"));
  EXPECT_EQ(params.invoice, kInvoiceBytes);
  EXPECT_EQ(params.reason, "wrong customer");
  EXPECT_THAT(WrongFields(ParseVoidInvoiceRequest, invoice + "reason: " + Text(512)), IsEmpty());
  EXPECT_THAT(WrongFields(ParseVoidInvoiceRequest, invoice + "reason: " + Text(513)),
              ElementsAre("reason"));
}

}  // namespace
}  // namespace owo::rpc
