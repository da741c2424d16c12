#include "service/config/flags.h"

#include <gmock/gmock.h>

#include <fstream>

#include "tests/support/temp_dir.h"

namespace owo::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

absl::Status CheckPlace(const std::string& value) {
  return value.empty() ? absl::InvalidArgumentError("want a place") : absl::OkStatus();
}

constexpr unsigned kSail = 1;
constexpr unsigned kAnchor = 2;

constexpr FlagSpec kShipFlags[] = {
    {.name = "config", .commands = kSail | kAnchor},
    {.name = "place", .default_value = "here", .commands = kSail | kAnchor, .check = CheckPlace},
    {.name = "crew", .type = FlagType::kNumber, .default_value = "3", .min = 1, .max = 10},
    {.name = "rest", .type = FlagType::kDuration, .default_value = "24h", .max = 360'000},
    {.name = "fast", .type = FlagType::kSwitch, .default_value = "false"},
    {.name = "depth", .type = FlagType::kNumber, .default_value = "5", .commands = kAnchor},
};
constexpr std::string_view kSecrets[] = {"OWO_TOKEN"};
constexpr FlagTable kShip{.flags = kShipFlags, .secret_variables = kSecrets};

class FlagsTest : public ::testing::Test {
 protected:
  std::string path() const { return dir_.path() + "/owo.yaml"; }

  ParsedFlags Parse(const std::vector<std::string>& arguments,
                    const std::vector<std::string>& environment = {}) const {
    return ParseFlags(kShip, kSail, {arguments, environment});
  }
  // With `--config` of a file of this text.
  ParsedFlags ParseFile(const std::string& text, std::vector<std::string> arguments = {},
                        const std::vector<std::string>& environment = {}) const {
    std::ofstream(path()) << text;
    arguments.push_back("--config=" + path());
    return Parse(arguments, environment);
  }

  const TempDir dir_;
};

TEST_F(FlagsTest, WithoutASourceFlagsHaveTheirDefaults) {
  const ParsedFlags flags = Parse({});
  EXPECT_THAT(flags.mistakes(), IsEmpty());
  EXPECT_EQ(flags.Text("place"), "here");
  EXPECT_EQ(flags.Number("crew"), 3);
  EXPECT_EQ(flags.Duration("rest"), absl::Hours(24));
  EXPECT_FALSE(flags.Switch("fast"));
  EXPECT_FALSE(flags.IsGiven("crew"));
}

TEST_F(FlagsTest, TheCommandLineOverridesTheEnvironmentAndBothOverrideTheFile) {
  const std::vector<std::string> variable = {"OWO_CREW=6"};
  EXPECT_EQ(ParseFile("crew: 5").Number("crew"), 5);
  EXPECT_EQ(ParseFile("crew: 5", {}, variable).Number("crew"), 6);
  EXPECT_EQ(ParseFile("crew: 5", {"--crew=7"}, variable).Number("crew"), 7);
  EXPECT_EQ(Parse({}, variable).Number("crew"), 6);
  EXPECT_EQ(Parse({"--crew=7"}, variable).Number("crew"), 7);
}

TEST_F(FlagsTest, ValuesThatAreOverriddenAreChecked) {
  const ParsedFlags flags = ParseFile("crew: 0", {"--crew=12", "--crew=7"}, {"OWO_CREW=11"});
  EXPECT_EQ(flags.mistakes().size(), 3);
  EXPECT_EQ(flags.Number("crew"), 7);
  EXPECT_EQ(flags.OriginOf("crew"), "--crew");
}

TEST_F(FlagsTest, AValueSaysWhereItComesFrom) {
  EXPECT_EQ(Parse({"--crew=7"}).OriginOf("crew"), "--crew");
  EXPECT_EQ(Parse({}, {"OWO_CREW=6"}).OriginOf("crew"), "OWO_CREW");
  EXPECT_EQ(ParseFile("\ncrew: 5").OriginOf("crew"), path() + ":2: crew");
  EXPECT_EQ(Parse({}).OriginOf("crew"), "--crew");
}

TEST_F(FlagsTest, TheFileMayBeNamedByItsVariable) {
  std::ofstream(path()) << "place: there\n";
  EXPECT_EQ(Parse({}, {"OWO_CONFIG=" + path()}).Text("place"), "there");
}

TEST_F(FlagsTest, ArgumentsHaveFourForms) {
  const ParsedFlags flags = Parse({"--place", "far", "--crew=7", "--fast"});
  EXPECT_THAT(flags.mistakes(), IsEmpty());
  EXPECT_EQ(flags.Text("place"), "far");
  EXPECT_EQ(flags.Number("crew"), 7);
  EXPECT_TRUE(flags.Switch("fast"));
  EXPECT_FALSE(Parse({"--fast", "--nofast"}).Switch("fast"));
  EXPECT_EQ(Parse({"--crew=7", "--crew=8"}).Number("crew"), 8);
  EXPECT_EQ(Parse({"--place=a=b"}).Text("place"), "a=b");
}

TEST_F(FlagsTest, EveryMistakeOfEverySourceIsNamedWithItsOrigin) {
  const ParsedFlags flags = ParseFile("crew: many\nplaces: x\nrest: 1h\nrest: 2h\nconfig: y\n",
                                      {"--fast=perhaps", "--crew_=1", "now", "--place="},
                                      {"OWO_REST=soon", "OWO_PLAICE=x"});
  EXPECT_THAT(flags.mistakes(),
              ElementsAre("--fast: got \"perhaps\", want true or false",
                          "--crew_: unknown flag; did you mean --crew?",
                          "\"now\": unexpected argument", "--place: want a place",
                          "OWO_REST: got \"soon\", want a duration such as 24h or 1m30s, 0 to 100h",
                          "OWO_PLAICE: no flag has this variable; did you mean OWO_PLACE?",
                          path() + ":1: crew: got \"many\", want a whole number, 1 to 10",
                          path() + ":2: places: unknown flag; did you mean place?",
                          path() + ":4: rest: is already in line 3",
                          path() + ":5: config: a file cannot name another file"));
  EXPECT_EQ(flags.Number("crew"), 3) << "a wrong value is not used";
}

TEST_F(FlagsTest, BoundsAreInclusive) {
  for (const char* right : {"--crew=1", "--crew=10", "--rest=0", "--rest=100h"}) {
    EXPECT_THAT(Parse({right}).mistakes(), IsEmpty()) << right;
  }
  for (const char* wrong : {"--crew=0", "--crew=11", "--crew=", "--crew=99999999999999999999",
                            "--rest=-1s", "--rest=100h1us", "--rest=inf", "--rest=7"}) {
    EXPECT_THAT(Parse({wrong}).mistakes(), ElementsAre(HasSubstr("want"))) << wrong;
  }
}

TEST_F(FlagsTest, AnArgumentWantsAValue) {
  EXPECT_THAT(Parse({"--place"}).mistakes(), ElementsAre("--place: wants a value"));
  EXPECT_THAT(Parse({"--noplace"}).mistakes(), ElementsAre(HasSubstr("unknown flag")));
}

TEST_F(FlagsTest, VariablesAndKeysOfOtherCommandsAreIgnoredAndTheirArgumentsAreNot) {
  EXPECT_THAT(ParseFile("depth: 7\n", {}, {"OWO_DEPTH=wrong"}).mistakes(), IsEmpty());
  EXPECT_THAT(Parse({"--depth=7"}).mistakes(),
              ElementsAre("--depth: is a flag of another command"));
}

TEST_F(FlagsTest, OtherVariablesAreIgnored) {
  EXPECT_THAT(Parse({}, {"HOME=/", "OWOCREW=1", "owo_crew=1", ""}).mistakes(), IsEmpty());
  EXPECT_THAT(Parse({}, {"OWO_crew=1"}).mistakes(),
              ElementsAre("OWO_crew: no flag has this variable; did you mean OWO_CREW?"));
  EXPECT_THAT(Parse({}, {"OWO_=1"}).mistakes(), ElementsAre(HasSubstr("no flag")));
}

TEST_F(FlagsTest, SecretsAreNeitherFlagsNorShown) {
  const ParsedFlags flags = Parse({}, {"OWO_TOKEN=hunter2"});
  EXPECT_THAT(flags.mistakes(), IsEmpty());
  for (const EffectiveFlag& flag : flags.Effective()) EXPECT_NE(flag.value, "hunter2");
  const ParsedFlags wrong =
      ParseFile("token: hunter2\nkey: {a: hunter2}\n", {"--token=hunter2"}, {"OWO_TOKE=hunter2"});
  EXPECT_EQ(wrong.mistakes().size(), 4);
  for (const std::string& mistake : wrong.mistakes()) {
    EXPECT_THAT(mistake, Not(HasSubstr("hunter2")));
  }
}

TEST_F(FlagsTest, AMistakeIsOneLine) {
  EXPECT_THAT(Parse({"--crew=\n4"}).mistakes(), IsEmpty()) << "blanks around a number";
  EXPECT_THAT(Parse({"--crew=x\ny", "a\nb"}).mistakes(),
              ElementsAre(Not(HasSubstr("\n")), Not(HasSubstr("\n"))));
}

TEST_F(FlagsTest, EffectiveFlagsHaveCanonicalValues) {
  std::vector<std::string> changed;
  for (const EffectiveFlag& flag :
       Parse({"--fast=1", "--crew=03", "--rest=90m"}, {"OWO_PLACE=sea"}).Effective()) {
    if (!flag.is_default) changed.push_back(flag.name + " " + flag.value + " " + flag.origin);
  }
  EXPECT_THAT(changed,
              UnorderedElementsAre("fast true --fast", "rest 1h30m --rest", "place sea OWO_PLACE"))
      << "and 03 is the default, 3";
  EXPECT_EQ(Parse({}).Effective().size(), 5) << "all flags of the command";
}

TEST_F(FlagsTest, CombinationsOfFlagsMayBeMistakes) {
  ParsedFlags flags = Parse({}, {"OWO_CREW=2"});
  flags.AddMistake("crew", "too few to be fast");
  flags.AddMistake("fast", "too fast");
  EXPECT_THAT(flags.mistakes(), ElementsAre("OWO_CREW: too few to be fast", "--fast: too fast"));
}

}  // namespace
}  // namespace owo::config
