// Applies the house rules to the repository itself.

#include "tests/architecture/source_tree.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "tests/architecture/component_rules.h"
#include "tests/architecture/doc_rules.h"
#include "tests/architecture/include_rules.h"
#include "tests/architecture/test_rules.h"
#include "tests/architecture/text_rules.h"

namespace owo::architecture {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;

class SourceTreeTest : public testing::Test {
 protected:
  // Returns the findings of `rule` in all files, one per line.
  std::string FindAll(Violations (*rule)(const SourceFile&)) const {
    std::string all;
    for (const SourceFile& file : tree_) all += Report(rule(file));
    return all;
  }

  static std::string Report(const Violations& violations) {
    std::string report;
    for (const std::string& violation : violations) report += violation + "\n";
    return report;
  }

  const std::vector<SourceFile> tree_ = LoadSourceTree(OWO_SOURCE_DIR);
};

TEST(LinesTest, AreWhatStandsBetweenTheirEnds) {
  EXPECT_THAT(Lines("a\n\nb"), ElementsAre("a", "", "b"));
  EXPECT_THAT(Lines("a\n"), ElementsAre("a"));
  EXPECT_THAT(Lines(""), IsEmpty());
}

TEST_F(SourceTreeTest, HoldsTheSources) {
  std::set<std::string> paths;
  for (const SourceFile& file : tree_) paths.insert(file.path);
  EXPECT_THAT(paths, IsSupersetOf({".ci/run", "CMakeLists.txt", "client/cpp/CMakeLists.txt", "dev",
                                   "proto/CMakeLists.txt", "service/rating/CMakeLists.txt",
                                   "storage/CMakeLists.txt", "tests/architecture/source_tree.cc"}));
}

TEST_F(SourceTreeTest, IncludesFollowTheArrows) { EXPECT_EQ(FindAll(CheckIncludes), ""); }

TEST_F(SourceTreeTest, ComponentsFormNoCycle) { EXPECT_EQ(Report(CheckComponents(tree_)), ""); }

TEST_F(SourceTreeTest, MoneyIsExact) { EXPECT_EQ(FindAll(CheckNumbers), ""); }

TEST_F(SourceTreeTest, ThreadsStartInOneFile) { EXPECT_EQ(FindAll(CheckThreads), ""); }

TEST_F(SourceTreeTest, TheLedgersTimeComesWithTheCall) { EXPECT_EQ(FindAll(CheckClocks), ""); }

TEST_F(SourceTreeTest, OneFileWritesToStderr) { EXPECT_EQ(FindAll(CheckStderr), ""); }

TEST_F(SourceTreeTest, HeadersAreGuarded) { EXPECT_EQ(FindAll(CheckIncludeGuard), ""); }

TEST_F(SourceTreeTest, FilesAndLinesAreShort) { EXPECT_EQ(FindAll(CheckLength), ""); }

TEST_F(SourceTreeTest, NothingIsPutOffOrTiedToOneMachine) { EXPECT_EQ(FindAll(CheckWords), ""); }

TEST_F(SourceTreeTest, DocsNameWhatExists) { EXPECT_EQ(Report(CheckDocs(tree_)), ""); }

TEST_F(SourceTreeTest, EveryTestIsRegistered) {
  EXPECT_EQ(Report(CheckTestsAreRegistered(tree_)), "");
}

}  // namespace
}  // namespace owo::architecture
