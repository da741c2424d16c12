#include "service/telemetry/text_log.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <vector>

namespace owo::telemetry {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string LineOf(std::string_view message, std::vector<LogField> fields = {}) {
  return TextLog("owo").Line(Severity::kWarning, message, fields);
}

TEST(TextLogTest, ALineSaysHowSevereWhatHappenedAndWithWhat) {
  EXPECT_EQ(LineOf("it stops"), "owo: WARNING: it stops\n");
  EXPECT_EQ(LineOf("it stops", {{"method", "Track"}, {"error", "DATA_LOSS: gone"}}),
            "owo: WARNING: it stops method=Track error=\"DATA_LOSS: gone\"\n");
}

TEST(TextLogTest, AFieldWithoutValueIsLeftOut) {
  EXPECT_EQ(LineOf("x", {{"a", ""}, {"b", "1"}}), "owo: WARNING: x b=1\n");
}

// A caller's text can neither begin another line nor another field.
TEST(TextLogTest, ValuesAreEscapedAndStayInTheirField) {
  EXPECT_EQ(LineOf("x", {{"id", "a b=\"c\" \x1b[31m\nd"}}),
            "owo: WARNING: x id=\"a b=\\\"c\\\" \\x1b[31m\\nd\"\n");
  EXPECT_EQ(LineOf("x", {{"id", "a\" b=c"}}), "owo: WARNING: x id=\"a\\\" b=c\"\n");
}

TEST(TextLogTest, LinesAreBounded) {
  const std::string long_text(100'000, '\n');
  std::vector<LogField> fields;
  for (int i = 0; i < 1000; ++i) fields.push_back({"key", long_text});
  const std::string line = LineOf(long_text, fields);
  EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
  EXPECT_LT(line.size(), 2 * TextLog::kTextMax * (TextLog::kFieldsMax + 2));
}

TEST(TextLogTest, ItWritesEachSeverityToStderrAtOnce) {
  TextLog log("owo");
  ::testing::internal::CaptureStderr();
  log.Info("one");
  log.Warning("two", {{"key", "value"}});
  log.Error("three");
  EXPECT_EQ(::testing::internal::GetCapturedStderr(),
            "owo: INFO: one\nowo: WARNING: two key=value\nowo: ERROR: three\n");
}

}  // namespace
}  // namespace owo::telemetry
