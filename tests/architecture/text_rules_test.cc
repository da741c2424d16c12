#include "tests/architecture/text_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace owo::architecture {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(NumbersTest, FloatingPointIsRefusedNearMoney) {
  EXPECT_THAT(CheckNumbers({"service/rating/a.cc", "int a;\ndouble b;\n"}),
              ElementsAre("service/rating/a.cc:2: double: amounts and quantities are exact here"));
  EXPECT_THAT(CheckNumbers({"service/ledger/a.h", "float b;\n"}), SizeIs(1));
  EXPECT_THAT(CheckNumbers({"storage/rocksdb/a.cc", "x = std::stod(text);\n"}), SizeIs(1));
}

TEST(NumbersTest, SpeakingOfItIsFine) {
  EXPECT_THAT(CheckNumbers({"storage/a.cc", "int doubled;  // never a double\n"}), IsEmpty());
  EXPECT_THAT(CheckNumbers({"service/rpc/a.cc", "double seconds;\n"}), IsEmpty());
}

TEST(ThreadsTest, StartInOneFile) {
  EXPECT_THAT(CheckThreads({"service/server.cc", "std::thread t(f);\n"}), SizeIs(1));
  EXPECT_THAT(CheckThreads({"client/cpp/a.cc", "auto a = std::async(f);\n"}), SizeIs(1));
  EXPECT_THAT(CheckThreads({"storage/util/thread.h", "std::thread thread_;\n"}), IsEmpty());
  EXPECT_THAT(CheckThreads({"client/cpp/internal/track_sender.h", "std::thread thread_;\n"}),
              IsEmpty());
  EXPECT_THAT(CheckThreads({"service/server.cc", "Thread t(\"a\", f);\n"}), IsEmpty());
}

TEST(ClocksTest, TheLedgerHasNone) {
  EXPECT_THAT(CheckClocks({"service/ledger/a.cc", "const absl::Time now = absl::Now();\n"}),
              SizeIs(1));
  EXPECT_THAT(CheckClocks({"service/ledger/a.cc", "std::chrono::system_clock::now();\n"}),
              SizeIs(1));
  EXPECT_THAT(CheckClocks({"service/ledger/directory.h", "const Clock clock_;\n"}), SizeIs(1));
  EXPECT_THAT(CheckClocks({"service/ledger/a.cc", "now = SystemTime();\n"}), SizeIs(1));
  EXPECT_THAT(CheckClocks({"service/ledger/ids.cc", "now = absl::Now();\n"}), SizeIs(1));
  EXPECT_THAT(CheckClocks({"service/ledger/a.cc", "now = context.now();\n"}), IsEmpty());
  EXPECT_THAT(CheckClocks({"service/ledger/clock.h", "absl::GetCurrentTimeNanos();\n"}), IsEmpty());
  EXPECT_THAT(CheckClocks({"service/ledger/ids.h", "const Clock clock_;\n"}), IsEmpty());
  EXPECT_THAT(CheckClocks({"service/server.cc", "absl::Now();\n"}), IsEmpty());
}

TEST(StderrTest, IsWrittenToInOneFile) {
  EXPECT_THAT(CheckStderr({"service/rpc/a.cc", "std::cerr << 1;\n"}), SizeIs(1));
  EXPECT_THAT(CheckStderr({"storage/a.cc", "std::fputs(text, stderr);\n"}), SizeIs(1));
  EXPECT_THAT(CheckStderr({"service/telemetry/text_log.cc", "std::fputs(text, stderr);\n"}),
              IsEmpty());
  EXPECT_THAT(CheckStderr({"client/cpp/a.cc", "std::cerr << 1;\n"}), IsEmpty());
}

TEST(IncludeGuardTest, IsThePath) {
  const std::string good =
      "#ifndef OWO_STORAGE_A_B_H_\n#define OWO_STORAGE_A_B_H_\n\n"
      "#endif  // OWO_STORAGE_A_B_H_\n";
  EXPECT_THAT(CheckIncludeGuard({"storage/a_b.h", good}), IsEmpty());
  EXPECT_THAT(CheckIncludeGuard({"storage/c.h", good}), SizeIs(1));
  EXPECT_THAT(CheckIncludeGuard({"storage/a_b.h", "#pragma once\n"}), SizeIs(1));
  EXPECT_THAT(CheckIncludeGuard({"storage/a_b.h", good + "int a;\n"}), SizeIs(1));
}

TEST(LengthTest, LinesHaveAtMost100Characters) {
  EXPECT_THAT(CheckLength({"storage/a.cc", std::string(100, 'a') + "\n"}), IsEmpty());
  EXPECT_THAT(CheckLength({"proto/a.proto", std::string(101, 'a') + "\n"}), SizeIs(1));
  EXPECT_THAT(CheckLength({"storage/a.cc", std::string(99, 'a') + "→\n"}), IsEmpty());
  EXPECT_THAT(CheckLength({"docs/a.md", std::string(101, 'a') + "\n"}), IsEmpty());
}

TEST(LengthTest, FilesHaveAtMost500Lines) {
  EXPECT_THAT(CheckLength({"storage/a.h", std::string(500, '\n')}), IsEmpty());
  EXPECT_THAT(CheckLength({"storage/a.h", std::string(501, '\n')}),
              ElementsAre("storage/a.h:501: more lines than 500"));
}

TEST(WordsTest, NothingIsPutOff) {
  EXPECT_THAT(CheckWords({"README.md", "// TODO: later\n"}), SizeIs(1));
  EXPECT_THAT(CheckWords({"dev", "# FIXME\n"}), SizeIs(1));
}

TEST(WordsTest, NoPathOfSomebodysMachine) {
  EXPECT_THAT(CheckWords({"dev", "cd /home/me/a\n"}), SizeIs(1));
  EXPECT_THAT(CheckWords({"docs/a.md", "`/work/main`\n"}), SizeIs(1));
  EXPECT_THAT(CheckWords({"docs/a.md", "see docs/root/a and $HERE/work-a\n"}), IsEmpty());
}

TEST(WordsTest, NoRegistryHost) {
  EXPECT_THAT(CheckWords({"package-lock.json", "\"resolved\": \"a\"\n"}), SizeIs(1));
  EXPECT_THAT(CheckWords({".npmrc", "registry=https://registry.example/\n"}), SizeIs(1));
}

}  // namespace
}  // namespace owo::architecture
