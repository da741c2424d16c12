#include "tests/architecture/doc_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace owo::architecture {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Violations CheckPage(const std::string& text, const std::string& path = "docs/page.md") {
  return CheckDocs({{path, text}, {"storage/util/try.h", "#define OWO_TRY\nint Other;\n"}});
}

TEST(DocRulesTest, ExistingFilesPass) {
  EXPECT_THAT(CheckPage("See `util/try.h` and `storage/util/try.h`, `a.b`, `*.h`.\n"), IsEmpty());
}

TEST(DocRulesTest, AFileThatDoesNotExistIsNamed) {
  EXPECT_THAT(CheckPage("See\n`util/ry.h`.\n"),
              ElementsAre("docs/page.md:2: no file ends with util/ry.h"));
  EXPECT_THAT(CheckPage("`try.cc`\n"), ElementsAre("docs/page.md:1: no file ends with try.cc"));
}

TEST(DocRulesTest, SymbolsOfTableRowsAreInTheirFile) {
  EXPECT_THAT(CheckPage("| a word | `try.h`: `OWO_TRY`, `Other` |\n"), IsEmpty());
  EXPECT_THAT(CheckPage("| a word | `try.h`: `TRY`, `Other` |\n"),
              ElementsAre("docs/page.md:1: storage/util/try.h does not contain TRY"));
}

TEST(DocRulesTest, TextAndDecisionsMayNameOtherWords) {
  EXPECT_THAT(CheckPage("In `try.h`, `Any` word.\n"), IsEmpty());
  EXPECT_THAT(CheckPage("`gone.h`\n", "docs/decisions/0001-a.md"), IsEmpty());
}

}  // namespace
}  // namespace owo::architecture
