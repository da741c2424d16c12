// What a caller writes on an invoice is shown as it was written.

#include "service/rpc/billing/invoice_notes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "owo/billing/v1/invoice.pb.h"
#include "tests/client/proto_text.h"

namespace owo::rpc {
namespace {

using testing::EqualsProto;
using testing::FromText;
using ::testing::IsEmpty;
using testing::UnsetFields;

// A request with a value in every field of InvoiceNotes.
constexpr char kRequest[] = "customer: 'ada' metadata { key: 'po' value: '4711' } memo: 'Danke'";

storage::InvoiceNotes Parsed(const pb::InvoiceRequest& request) {
  Violations violations;
  Fields fields(violations);
  storage::InvoiceNotes notes = ParseNotes(fields, request);
  EXPECT_TRUE(violations.empty());
  return notes;
}

TEST(InvoiceNotesTest, EachIsCarriedFromTheRequestToTheInvoice) {
  const auto request = FromText<pb::InvoiceRequest>(kRequest);
  const storage::InvoiceNotes notes = Parsed(request);
  EXPECT_THAT(UnsetFields(notes), IsEmpty());
  std::string bytes;
  storage::WireWriter to(bytes);
  PutNotes(notes.SerializeAsString(), to);
  pb::Invoice invoice;
  ASSERT_TRUE(invoice.ParseFromString(bytes));
  EXPECT_THAT(invoice, EqualsProto("metadata { key: 'po' value: '4711' } memo: 'Danke'"));
}

TEST(InvoiceNotesTest, ARequestMayHaveNone) {
  const storage::InvoiceNotes notes = Parsed({});
  std::string bytes;
  storage::WireWriter to(bytes);
  PutNotes(notes.SerializeAsString(), to);
  EXPECT_EQ(bytes, "");
}

}  // namespace
}  // namespace owo::rpc
