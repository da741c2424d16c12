#include "service/config/help_text.h"

#include <gmock/gmock.h>

namespace owo::config {
namespace {

constexpr FlagSpec kSailing[] = {
    {.name = "crew",
     .type = FlagType::kNumber,
     .placeholder = "PEOPLE",
     .group = "People",
     .default_value = "3",
     .min = 1,
     .max = 10,
     .help =
         "How many people sail, with the captain, whoever that is on this day, and with guests."},
    {.name = "fast",
     .type = FlagType::kSwitch,
     .group = "Speed",
     .default_value = "false",
     .help = "Hurry."},
    {.name = "rest",
     .type = FlagType::kDuration,
     .placeholder = "TIME",
     .group = "Speed",
     .default_value = "1h",
     .max = 7200,
     .help = "Then rest.",
     .commands = 2},
    {.name = "song", .placeholder = "TEXT", .group = "Speed", .help = "Sing.", .commands = 2},
};

TEST(HelpTextTest, FlagsAreShownByGroupWithDefaultBoundsAndVariable) {
  EXPECT_EQ(FlagsHelp({.flags = kSailing}, 3), R"(
People:
  --crew=PEOPLE
      How many people sail, with the captain, whoever that is on this day, and
      with guests.
      Default: 3. Bounds: 1 to 10. Variable: OWO_CREW.

Speed:
  --fast
      Hurry.
      Default: false. Variable: OWO_FAST.
  --rest=TIME
      Then rest.
      Default: 1h. Bounds: 0 to 2h. Variable: OWO_REST.
  --song=TEXT
      Sing.
      Default: none. Variable: OWO_SONG.
)");
}

TEST(HelpTextTest, OnlyFlagsOfTheCommandsAreShown) {
  EXPECT_EQ(FlagsHelp({.flags = kSailing, .variable_prefix = "S_"}, 1), R"(
People:
  --crew=PEOPLE
      How many people sail, with the captain, whoever that is on this day, and
      with guests.
      Default: 3. Bounds: 1 to 10. Variable: S_CREW.

Speed:
  --fast
      Hurry.
      Default: false. Variable: S_FAST.
)");
}

TEST(HelpTextTest, LinesAreFilledUpToTheLastColumn) {
  const std::string half(kHelpColumnsMax / 2 - 2, 'x');
  EXPECT_EQ(Wrapped(half + " " + half + "x", 2), "  " + half + " " + half + "x\n");
  EXPECT_EQ(Wrapped(half + " " + half + "xx", 2), "  " + half + "\n  " + half + "xx\n");
  const std::string longest(kHelpColumnsMax, 'y');
  EXPECT_EQ(Wrapped("a " + longest + " b", 2), "  a\n  " + longest + "\n  b\n");
  EXPECT_EQ(Wrapped("a  b\nc", 1), " a b\n c\n");
}

}  // namespace
}  // namespace owo::config
