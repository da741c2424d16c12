#include "tests/architecture/test_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace owo::architecture {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const SourceFile kTop = {"tests/CMakeLists.txt", "if(A)\n  add_subdirectory(a)\nendif()\n"};
const SourceFile kTest = {"tests/a/b_test.cc", ""};

Violations CheckWith(const std::string& list, const SourceFile& top = kTop) {
  return CheckTestsAreRegistered({top, {"tests/a/CMakeLists.txt", list}, kTest});
}

TEST(TestRulesTest, ATestThatIsNamedAndReachedPasses) {
  EXPECT_THAT(CheckWith("owo_tests(a_tests unit SRCS b_test.cc DEPS x)\n"), IsEmpty());
  EXPECT_THAT(CheckWith("owo_tests(a_tests unit\n  SRCS a_test.cc\n       b_test.cc\n  DEPS x)\n"),
              IsEmpty());
}

TEST(TestRulesTest, ATestThatIsNotNamedIsRefused) {
  EXPECT_THAT(
      CheckTestsAreRegistered({kTop, kTest}),
      ElementsAre("tests/a/b_test.cc:1: no owo_tests() that the build reaches has b_test.cc"));
  EXPECT_THAT(CheckWith("# owo_tests(a_tests unit SRCS b_test.cc)\n"), SizeIs(1));
  EXPECT_THAT(CheckWith("owo_tests(a_tests unit SRCS b_test.cc2 ab_test.cc)\n"), SizeIs(1));
  EXPECT_THAT(CheckWith("owo_tests(a_tests unit SRCS c_test.cc)\nset(LATER b_test.cc)\n"),
              SizeIs(1));
}

TEST(TestRulesTest, ATestInADirectoryThatIsNotBuiltIsRefused) {
  const SourceFile top = {"tests/CMakeLists.txt", "add_subdirectory(c)\n"};
  EXPECT_THAT(CheckWith("owo_tests(a_tests unit SRCS b_test.cc)\n", top), SizeIs(1));
}

}  // namespace
}  // namespace owo::architecture
