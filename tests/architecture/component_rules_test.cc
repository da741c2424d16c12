#include "tests/architecture/component_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace owo::architecture {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(ComponentRulesTest, ComponentsInLayersPass) {
  EXPECT_THAT(CheckComponents({{"a/top.h", "#include \"a/left.h\"\n#include \"b/right.h\"\n"},
                               {"a/left.h", "#include \"b/base.h\"\n"},
                               {"b/base.h", "#include <vector>\n"},
                               {"b/right.h", "#include \"b/base.h\"\n"}}),
              IsEmpty());
}

TEST(ComponentRulesTest, ASourceFileMayIncludeItsOwnHeader) {
  EXPECT_THAT(CheckComponents({{"a/one.h", ""}, {"a/one.cc", "#include \"a/one.h\"\n"}}),
              IsEmpty());
}

TEST(ComponentRulesTest, TwoHeadersThatIncludeEachOtherAreACycle) {
  EXPECT_THAT(CheckComponents(
                  {{"a/one.h", "#include \"a/two.h\"\n"}, {"a/two.h", "#include \"a/one.h\"\n"}}),
              ElementsAre("a/two.h:1: a cycle of components: a/one → a/two → a/one"));
}

// The compiler accepts this cycle, because one include is in a source file.
TEST(ComponentRulesTest, ACycleThroughASourceFileIsFound) {
  EXPECT_THAT(CheckComponents({{"a/one.h", "#include \"a/two.h\"\n"},
                               {"a/three.cc", "#include \"a/three.h\"\n\n#include \"a/one.h\"\n"},
                               {"a/three.h", ""},
                               {"a/two.h", ""},
                               {"a/two.cc", "#include \"a/two.h\"\n#include \"a/three.h\"\n"}}),
              ElementsAre("a/three.cc:3: a cycle of components: a/one → a/two → a/three → a/one"));
}

TEST(ComponentRulesTest, EachCycleIsReported) {
  EXPECT_THAT(CheckComponents({{"a/one.h", "#include \"a/two.h\"\n"},
                               {"a/two.h", "#include \"a/one.h\"\n"},
                               {"b/one.h", "#include \"a/one.h\"\n#include \"b/two.h\"\n"},
                               {"b/two.cc", "#include \"b/one.h\"\n"},
                               {"b/two.h", ""}}),
              SizeIs(2));
}

TEST(ComponentRulesTest, FilesOfEqualNamesInTwoFoldersAreTwoComponents) {
  EXPECT_THAT(CheckComponents({{"a/one.h", "#include \"b/one.h\"\n"}, {"b/one.h", ""}}), IsEmpty());
}

}  // namespace
}  // namespace owo::architecture
