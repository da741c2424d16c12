#include "storage/util/printable.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "storage/verify.h"

namespace owo::storage {
namespace {

bool IsPlain(const std::string& line) {
  return std::all_of(line.begin(), line.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

TEST(PrintableTest, LeavesPlainTextAlone) {
  EXPECT_EQ(Printable("`quantity`: got \"-5\", it's wrong"), "`quantity`: got \"-5\", it's wrong");
}

TEST(PrintableTest, NothingOfATerminalsOwnIsLeft) {
  EXPECT_EQ(Printable("a\x1b[31m\nb\\n"), "a\\x1b[31m\\nb\\\\n");
  EXPECT_EQ(Printable("\xc2\x9b"
                      "1m\xe2\x80\xae"),
            "\\xc2\\x9b\\x31m\\xe2\\x80\\xae");
  std::string all;
  for (int c = 0; c < 256; ++c) all.push_back(static_cast<char>(c));
  EXPECT_TRUE(IsPlain(Printable(all)));
}

TEST(PrintableTest, IsBounded) {
  EXPECT_EQ(Printable("12345", 5), "12345");
  EXPECT_EQ(Printable("123456", 5), "12345...");
  EXPECT_LT(Printable(std::string(100'000, '\n')).size(), 5000);
}

TEST(PrintableTest, AReportOfDamagedBytesHasNone) {
  VerifyReport report;
  report.Differs("plans", "slug \x1b[2J\n\xff");
  std::string text = report.ToString();
  std::replace(text.begin(), text.end(), '\n', ' ');
  EXPECT_TRUE(IsPlain(text)) << text;
}

}  // namespace
}  // namespace owo::storage
