#include "service/config/config_file.h"

#include <gmock/gmock.h>

#include <fstream>

#include "tests/support/temp_dir.h"

namespace owo::config {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

class ConfigFileTest : public ::testing::Test {
 protected:
  std::string path() const { return dir_.path() + "/owo.yaml"; }

  ConfigFile Read(const std::string& text) const {
    std::ofstream(path(), std::ios::binary) << text;
    return ReadConfigFile(path());
  }
  // What a file of one mistake says, without the path.
  std::string MistakeIn(const std::string& text) const {
    const ConfigFile file = Read(text);
    EXPECT_THAT(file.entries, IsEmpty()) << text;
    if (file.mistakes.size() != 1) return "not one mistake";
    EXPECT_THAT(file.mistakes[0], StartsWith(path()));
    return file.mistakes[0].substr(path().size());
  }

  const TempDir dir_;
};

TEST_F(ConfigFileTest, LinesBecomeEntriesWithTheirNumbers) {
  const ConfigFile file = Read("# Where.\nlisten: '[::1]:50051'  # IPv6\n\nmemory_mib: 512\n");
  EXPECT_THAT(file.mistakes, IsEmpty());
  ASSERT_THAT(file.entries, SizeIs(2));
  EXPECT_EQ(file.entries[0].key, "listen");
  EXPECT_EQ(file.entries[0].value, "[::1]:50051");
  EXPECT_EQ(file.entries[0].line, 2);
  EXPECT_EQ(file.entries[1].key, "memory_mib");
  EXPECT_EQ(file.entries[1].value, "512");
  EXPECT_EQ(file.entries[1].line, 4);
}

TEST_F(ConfigFileTest, AKeyThatIsThereTwiceIsTwoEntries) {
  EXPECT_THAT(Read("a: 1\nb: 2\na: 3\n").entries, SizeIs(3));
}

TEST_F(ConfigFileTest, AnEmptyFileSetsNothing) {
  for (const char* text : {"", "\n", "# nothing\n"}) {
    EXPECT_THAT(Read(text).mistakes, IsEmpty()) << text;
    EXPECT_THAT(Read(text).entries, IsEmpty()) << text;
  }
}

TEST_F(ConfigFileTest, AMistakeNamesItsLineAndNoValue) {
  EXPECT_EQ(MistakeIn("\n- a\n- b\n"), ":2: want lines of the form flag: value");
  EXPECT_EQ(MistakeIn("\nhunter2\n"), ":2: want lines of the form flag: value");
  EXPECT_EQ(MistakeIn("\n\nlisten: {secret: hunter2}\n"), ":3: listen: want one value");
  EXPECT_EQ(MistakeIn("listen:\n"), ":1: listen: want one value");
  EXPECT_EQ(MistakeIn("? [a, b]\n: hunter2\n"), ":1: want the name of a flag before the colon");
  EXPECT_THAT(MistakeIn("listen: [::1]:50051\n"), StartsWith(":1: is not YAML: "));
  EXPECT_THAT(MistakeIn("a: 1\nb: {never: closed\n"), HasSubstr(": is not YAML: "));
}

TEST_F(ConfigFileTest, AFileIsBounded) {
  const std::string longest = "#" + std::string(kConfigFileBytesMax - 1, ' ');
  EXPECT_THAT(Read(longest).mistakes, IsEmpty());
  EXPECT_THAT(MistakeIn(longest + " "), EndsWith("is larger than 65536 bytes"));
  EXPECT_THAT(MistakeIn(std::string(kConfigFileBytesMax, '[')), HasSubstr("is not YAML"));
  EXPECT_THAT(MistakeIn("a: " + std::string(kConfigFileBytesMax / 2, '{')),
              HasSubstr("is not YAML"));
}

TEST_F(ConfigFileTest, AFileThatCannotBeReadIsAMistake) {
  EXPECT_THAT(ReadConfigFile(path()).mistakes,
              ElementsAre(path() + ": cannot be read: No such file or directory"));
  EXPECT_THAT(ReadConfigFile(dir_.path()).mistakes, ElementsAre(HasSubstr("cannot be read")));
}

}  // namespace
}  // namespace owo::config
