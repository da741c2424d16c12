// Messages as text, for tests of what is sent.
//
//   EXPECT_THAT(ToWire(params), EqualsProto("customer: 'user_123' draft: true"));
//   EXPECT_THAT(UnsetFields(request), ElementsAre("page_size", "page_token"));

#ifndef OWO_TESTS_CLIENT_PROTO_TEXT_H_
#define OWO_TESTS_CLIENT_PROTO_TEXT_H_

#include <gmock/gmock.h>
#include <google/protobuf/message.h>

#include <memory>
#include <string>
#include <vector>

namespace owo::testing {

// Throws if `text` is not such a message.
void ParseText(const std::string& text, google::protobuf::Message& message);

template <typename Message>
Message FromText(const std::string& text) {
  Message message;
  ParseText(text, message);
  return message;
}

// Returns the fields of a message, and of the messages in it, that have no value. A test that
// requires this list to be empty fails when the API gets a field that the test does not cover.
std::vector<std::string> UnsetFields(const google::protobuf::Message& message);

MATCHER_P(EqualsProto, text, "") {
  const std::unique_ptr<google::protobuf::Message> expected(arg.New());
  ParseText(text, *expected);
  return ExplainMatchResult(::testing::Eq(expected->DebugString()), arg.DebugString(),
                            result_listener);
}

}  // namespace owo::testing

#endif  // OWO_TESTS_CLIENT_PROTO_TEXT_H_
