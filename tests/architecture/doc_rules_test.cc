#include "tests/architecture/doc_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace owo::architecture {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Violations CheckPage(const std::string& text, const std::string& path = "docs/page.md") {
  return CheckDocs({{path, text},
                    {"storage/util/try.h",
                     "#define OWO_TRY(a)\nint Other() { return a.Called(b->Also(0)); }\n"
                     "// Gone() Comment\nstruct Type {\n  int field;\n};\n"}});
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
  EXPECT_THAT(CheckPage("| a word | `try.h`: `OWO_TRY`, `Other`, `Type`, `field` |\n"), IsEmpty());
  for (const std::string name : {"TRY", "Called", "Also", "Gone", "Comment", "Ty", "fiel"}) {
    EXPECT_THAT(CheckPage("| a word | `try.h`: `" + name + "`, `Other` |\n"),
                ElementsAre("docs/page.md:1: storage/util/try.h does not define " + name));
  }
}

TEST(DocRulesTest, SymbolsOfLinksAreInTheirFile) {
  const std::string store = "docs/decisions/0001-store-interface-and-postgres.md";
  const std::string row = "| [`Type`, `Other`](../../storage/util/try.h) | `Any` word |\n";
  EXPECT_THAT(CheckPage(row, store), IsEmpty());
  EXPECT_THAT(CheckPage("| [`Type`, `Called`](../../storage/util/try.h) |\n", store),
              ElementsAre(store + ":1: storage/util/try.h does not define Called"));
  EXPECT_THAT(CheckPage("| a | [`Type`](../../storage/gone.h) |\n", store),
              ElementsAre(store + ":1: no file ends with storage/gone.h"));
  EXPECT_THAT(CheckPage("| [`Called`](../storage/util/try.h) |\n"),
              ElementsAre("docs/page.md:1: storage/util/try.h does not define Called"));
}

TEST(DocRulesTest, NothingIsLeftToBeFilledIn) {
  for (const std::string page : {"docs/page.md", "docs/decisions/0006-a.md"}) {
    EXPECT_THAT(CheckPage("\nIt was @RATIO@.\n", page),
                ElementsAre(page + ":2: something is to be filled in"));
    EXPECT_THAT(CheckPage("a@B.de, @@, @owner, @A B@\n", page), IsEmpty());
  }
}

TEST(DocRulesTest, TextAndDecisionsMayNameOtherWords) {
  EXPECT_THAT(CheckPage("In `try.h`, `Any` word.\n"), IsEmpty());
  EXPECT_THAT(CheckPage("| `gone.h`: `A`, [`A`](../gone.h) |\n", "docs/decisions/0001-a.md"),
              IsEmpty());
}

}  // namespace
}  // namespace owo::architecture
