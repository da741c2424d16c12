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

TEST(TestRulesTest, ATestThatIsNamedAndReachedPasses) {
  EXPECT_THAT(
      CheckTestsAreRegistered({kTop, {"tests/a/CMakeLists.txt", "owo_test(b_test x)\n"}, kTest}),
      IsEmpty());
}

TEST(TestRulesTest, ATestThatIsNotNamedIsRefused) {
  EXPECT_THAT(CheckTestsAreRegistered({kTop, kTest}),
              ElementsAre("tests/a/b_test.cc:1: no owo_test(b_test ...) that the build reaches"));
  EXPECT_THAT(
      CheckTestsAreRegistered({kTop, {"tests/a/CMakeLists.txt", "# owo_test(b_test x)\n"}, kTest}),
      SizeIs(1));
  EXPECT_THAT(
      CheckTestsAreRegistered({kTop, {"tests/a/CMakeLists.txt", "owo_test(b_test_2 x)\n"}, kTest}),
      SizeIs(1));
}

TEST(TestRulesTest, ALoopRegistersWhatItNames) {
  const std::string loop = "foreach(name\n    b c)\n  owo_test(${name}_test x)\nendforeach()\n";
  const SourceFile list = {"tests/a/CMakeLists.txt", loop};
  EXPECT_THAT(CheckTestsAreRegistered({kTop, list, kTest}), IsEmpty());
  EXPECT_THAT(CheckTestsAreRegistered({kTop, list, {"tests/a/d_test.cc", ""}}), SizeIs(1));
}

TEST(TestRulesTest, ATestInADirectoryThatIsNotBuiltIsRefused) {
  const SourceFile top = {"tests/CMakeLists.txt", "add_subdirectory(c)\n"};
  EXPECT_THAT(
      CheckTestsAreRegistered({top, {"tests/a/CMakeLists.txt", "owo_test(b_test x)\n"}, kTest}),
      SizeIs(1));
}

}  // namespace
}  // namespace owo::architecture
