#include "service/rpc/message_bytes.h"

#include <gmock/gmock.h>
#include <google/protobuf/arena.h>
#include <grpc/support/log.h>

#include <algorithm>

#include "owo/billing/v1/catalog.pb.h"
#include "owo/billing/v1/customers.pb.h"
#include "service/rpc/bounded_log.h"
#include "service/rpc/library_logs.h"
#include "tests/rpc/parse_testing.h"
#include "tests/support/recorded_log.h"

namespace owo::rpc {
namespace {

using ::testing::ElementsAre;

// Encodes a length-delimited field.
std::string Field(int number, const std::string& value) {
  return std::string{static_cast<char>(number << 3 | 2), static_cast<char>(value.size())} + value;
}

class MessageBytesTest : public ::testing::Test {
 protected:
  ~MessageBytesTest() override { EXPECT_THAT(log_.lines(), ElementsAre()); }

 private:
  telemetry::RecordedLog log_;
  const LibraryLogs library_logs_{log_};
};

template <typename Message>
std::vector<std::string> WrongIn(const std::string& bytes) {
  Message message;
  return FieldsIn(ParseBytes(bytes, message));
}

TEST_F(MessageBytesTest, TextThatIsNotUtf8IsNamedWhereverItIs) {
  const std::string bad = "a\xff";
  EXPECT_THAT(WrongIn<pb::GetCustomerRequest>(Field(1, bad)), ElementsAre("customer"));
  const std::string key = Field(4, Field(1, bad));
  EXPECT_THAT(WrongIn<pb::CreateCustomerRequest>(Field(1, key)), ElementsAre("customer.metadata"));
  const std::string value = Field(4, Field(1, "k") + Field(2, bad));
  EXPECT_THAT(WrongIn<pb::CreateCustomerRequest>(Field(1, value)),
              ElementsAre("customer.metadata"));
  const std::string feature = Field(5, Field(1, "calls")) + Field(5, Field(1, bad));
  EXPECT_THAT(WrongIn<pb::SyncCatalogRequest>(Field(2, "") + Field(2, feature)),
              ElementsAre("plans[1].features[1].feature_slug"));
}

TEST_F(MessageBytesTest, EveryKindOfBadUtf8IsFound) {
  for (const std::string bad :
       {"\x80", "\xc0\xaf", "\xc3", "\xe0\x80\x80", "\xed\xa0\x80", "\xf0\x80\x80\x80",
        "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xe2\x82", "ok\xfe"}) {
    EXPECT_THAT(WrongIn<pb::GetCustomerRequest>(Field(1, bad)), ElementsAre("customer"));
  }
  for (const std::string good :
       {"a", "\xc3\xa9", "\xe2\x82\xac", "\xed\x9f\xbf", "\xf0\x9f\x98\x80", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_THAT(WrongIn<pb::GetCustomerRequest>(Field(1, good)), ElementsAre());
  }
}

TEST_F(MessageBytesTest, BrokenWireDataIsNamedAsFarAsItsTagsCanBeRead) {
  EXPECT_THAT(WrongIn<pb::GetCustomerRequest>("\x0a\x05"
                                              "ad"),
              ElementsAre("customer"));
  EXPECT_THAT(WrongIn<pb::GetCustomerRequest>("\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
              ElementsAre("customer"));
  EXPECT_THAT(WrongIn<pb::CreateCustomerRequest>(Field(1,
                                                       "\x0a\x7f"
                                                       "ada")),
              ElementsAre("customer.id"));
  EXPECT_THAT(WrongIn<pb::GetCustomerRequest>("\xff\xff\xff\xff garbage"), ElementsAre(""));
  EXPECT_THAT(WrongIn<pb::GetCustomerRequest>(std::string(1, '\0')), ElementsAre(""));
  // A field of a wrong type: protobuf treats it as unknown.
  EXPECT_THAT(WrongIn<pb::GetCustomerRequest>("\x08\x01"), ElementsAre());
}

TEST_F(MessageBytesTest, NestingThatIsTooDeepIsRefused) {
  std::string deep;
  for (int i = 0; i < 120; ++i) deep = "\x7b" + deep + "\x7c";  // groups of an unknown field
  EXPECT_EQ(WrongIn<pb::GetCustomerRequest>(deep).size(), 1U);
}

std::string Repeat(const std::string& text, size_t count) {
  std::string all;
  for (size_t i = 0; i < count; ++i) all += text;
  return all;
}

// Whatever the bytes are, they take no more memory than what is counted before they are parsed.
TEST_F(MessageBytesTest, AMessageTakesNoMoreMemoryThanIsCounted) {
  constexpr size_t kCount = 50'000;
  const std::string empty_tier = Field(7, "");
  for (const std::string& bytes :
       {Repeat(Field(1, ""), kCount), Repeat(Field(2, ""), kCount),  // features, plans
        Repeat(Field(2, Field(5, "")), kCount),                      // terms
        Repeat(Field(2, Field(5, Repeat(empty_tier, 20))), kCount / 20),
        Repeat(Field(1, Field(1, std::string(16, 's')) + Field(2, std::string(16, 'n'))), kCount),
        Repeat(Field(15, ""), kCount), Repeat(Field(15, std::string(16, 'u')), kCount),
        Repeat("\x78\x01", kCount), Repeat("\x7b\x7c", kCount)}) {  // unknown numbers and groups
    google::protobuf::Arena arena;
    auto& message = *google::protobuf::Arena::CreateMessage<pb::SyncCatalogRequest>(&arena);
    ASSERT_TRUE(ParseBytes(bytes, message).ok());
    const std::optional<size_t> memory = MemoryOf(bytes, *message.GetDescriptor());
    ASSERT_TRUE(memory.has_value());
    EXPECT_GE(*memory, std::max(arena.SpaceUsed(), uint64_t{message.SpaceUsedLong()}))
        << bytes.substr(0, 20);
  }
}

TEST_F(MessageBytesTest, ARequestOfTooManyFieldsIsRefusedBeforeItIsParsed) {
  const auto memory = [](const std::string& bytes) {
    return MemoryOf(bytes, *pb::SyncCatalogRequest::descriptor());
  };
  EXPECT_TRUE(memory(Repeat(Field(1, ""), kMessagesMax)).has_value());
  EXPECT_FALSE(memory(Repeat(Field(1, ""), kMessagesMax + 1)).has_value());
  EXPECT_FALSE(memory(Repeat(Field(2, Field(5, "")), kMessagesMax / 2 + 1)).has_value());
  EXPECT_TRUE(memory(Repeat(Field(15, ""), kFieldsMax)).has_value());
  EXPECT_FALSE(memory(Repeat(Field(15, ""), kFieldsMax + 1)).has_value());
  EXPECT_FALSE(memory(Repeat("\x7b\x7c", kFieldsMax + 1)).has_value());
  EXPECT_EQ(FieldsIn(TooManyFields()).size(), 1U);
}

TEST(BoundedLogTest, LinesAreFewAndTheNextOneSaysHowManyWereLeftOut) {
  telemetry::RecordedLog sink;
  BoundedLog log(sink);
  const absl::Time start = absl::UnixEpoch();
  const auto write = [&log](absl::Time now) {
    log.WriteAt(now, telemetry::Severity::kError, "again", {{"key", "value"}});
  };
  for (int i = 0; i < 1001; ++i) write(start);
  EXPECT_EQ(sink.lines(), std::vector(BoundedLog::kBurst, std::string("ERROR: again key=value")));
  write(start + BoundedLog::kPause);
  write(start + BoundedLog::kPause);
  ASSERT_EQ(sink.lines().size(), BoundedLog::kBurst + 1);
  EXPECT_EQ(sink.lines().back(), "ERROR: again key=value left_out=991");
}

TEST(LibraryLogsTest, WhatALibraryLogsGoesToTheNewestReceiver) {
  gpr_set_log_verbosity(GPR_LOG_SEVERITY_ERROR);  // what gRPC sets when it starts
  telemetry::RecordedLog older_sink;
  telemetry::RecordedLog sink;
  const LibraryLogs older(older_sink);
  {
    const LibraryLogs newest(sink);
    gpr_log(GPR_ERROR, "a broken \n frame");
  }
  gpr_log(GPR_ERROR, "nobody is there");
  EXPECT_THAT(sink.lines(), ElementsAre("ERROR: message of a library library=grpc "
                                        "text=\"a broken \\n frame\""));
  EXPECT_THAT(older_sink.lines(), ElementsAre());
}

}  // namespace
}  // namespace owo::rpc
