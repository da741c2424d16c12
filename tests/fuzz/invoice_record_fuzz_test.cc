// An invoice that is read from a row, however damaged, is what protobuf finds in the row.

#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "service/ledger/invoice_record.h"
#include "storage/convert.h"
#include "tests/fuzz/any_values.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/message_mutator.h"

namespace owo::ledger {
namespace {

using storage::InvoiceRecord;
using storage::LineRecord;

// Coverage and counters as this program writes them, and no fields that it does not know.
void Normalize(InvoiceRecord& record) {
  record.DiscardUnknownFields();
  for (LineRecord& line : *record.mutable_lines()) {
    *line.mutable_counter() = storage::ToRecord(storage::FromRecord(line.counter()));
    const auto covers = storage::FromRecord(line.covers());
    ASSERT_TRUE(covers.ok()) << covers.status();
    *line.mutable_covers() = storage::ToRecord(*covers);
  }
}

std::string AnyInvoiceRow(Random& random) {
  MessageMutator mutator(random, {"", "1.5", "calls", "Europe/Berlin", "2026-11"});
  InvoiceRecord invoice;
  for (int64_t i = random.Between(1, 40); i > 0; --i) {
    InvoiceRecord changed = invoice;
    mutator.Change(changed);
    // Unless a text of it is not UTF-8.
    if (InvoiceRecord().ParseFromString(changed.SerializeAsString())) invoice = changed;
  }
  // Most bytes are no quantity.
  for (LineRecord& line : *invoice.mutable_lines()) {
    *line.mutable_covers() = storage::ToRecord(storage::AnyCover(random));
  }
  return invoice.SerializeAsString();
}

// Each refuses bytes that the other takes: protobuf skips a field of another type, and looks at
// texts' UTF-8.
TEST(InvoiceRecordFuzzTest, IsReadAsProtobufDoes) {
  const google::protobuf::LogSilencer silence;  // it logs every text that is not UTF-8
  FuzzBytes(1500, AnyInvoiceRow, [](std::string_view bytes, bool whole) {
    Invoice invoice;
    InvoiceRecord record;
    const absl::Status read = ParseInvoiceFields(bytes, invoice);
    const bool parsed = record.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
    EXPECT_TRUE(read.ok() || absl::IsDataLoss(read)) << read;
    EXPECT_TRUE(!whole || (read.ok() && parsed)) << read;
    if (!read.ok() || !parsed) return false;
    Normalize(record);
    InvoiceRecord written = ToRecord(invoice);
    written.DiscardUnknownFields();  // notes with a number of theirs and another type
    EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(written, record));
    return true;
  });
}

}  // namespace
}  // namespace owo::ledger
