#include "tests/architecture/code_only.h"

#include <gtest/gtest.h>

namespace owo::architecture {
namespace {

TEST(CodeOnlyTest, BlanksCommentsAndKeepsLines) {
  EXPECT_EQ(CodeOnly("a; // b\nc;"), "a;     \nc;");
  EXPECT_EQ(CodeOnly("a /* b\nc */ d"), "a     \n     d");
}

TEST(CodeOnlyTest, BlanksLiterals) {
  EXPECT_EQ(CodeOnly("f(\"a\\\"b\", c)"), "f(      , c)");
  EXPECT_EQ(CodeOnly("f('\\'', c)"), "f(    , c)");
  EXPECT_EQ(CodeOnly("f(R\"(a\"b)\", c)"), "f(        , c)");
  EXPECT_EQ(CodeOnly("f(\"// a\"); b"), "f(      ); b");
}

TEST(CodeOnlyTest, DigitSeparatorsAreCode) { EXPECT_EQ(CodeOnly("1'000 + a"), "1'000 + a"); }

TEST(CodeOnlyTest, UnendedTextEnds) {
  EXPECT_EQ(CodeOnly("a /* b"), "a     ");
  EXPECT_EQ(CodeOnly("\"a\\"), "   ");
  EXPECT_EQ(CodeOnly("R\"a"), "   ");
}

TEST(HasWordTest, FindsWholeWordsOnly) {
  EXPECT_TRUE(HasWord("int a = b;", "a"));
  EXPECT_TRUE(HasWord("ab a", "a"));
  EXPECT_FALSE(HasWord("int ab = a_b + 1a;", "a"));
}

}  // namespace
}  // namespace owo::architecture
