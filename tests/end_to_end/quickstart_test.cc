// What a reader sees first: the quickstart's three calls print what they return.

#include <gmock/gmock.h>

#include "tests/end_to_end/server_process.h"
#include "tests/support/temp_dir.h"

namespace owo {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(QuickstartTest, ShowsUsageAnInvoiceAndTheListOfInvoicesInEveryRun) {
  const TempDir dir;
  ServerProcess server(dir.path());
  const auto quickstart = [&server] {
    return RunProgram({OWO_QUICKSTART, "--endpoint=" + server.endpoint()});
  };

  // 497,000 × 0.00025 and 99,500 × 0.001 cents.
  const ProgramRun first = quickstart();
  EXPECT_EQ(first.exit_status, 0);
  EXPECT_EQ(first.output,
            "Currency: USD\n"
            "Total estimated: 224 (USD 2.24)\n"
            "input-tokens 497000 units @ 0.00025\n"
            "output-tokens 99500 units @ 0.001\n"
            "Invoice: INV-000001\n"
            "Total: 224 (USD 2.24)\n"
            "Status: open\n"
            "INV-000001 open 224\n");

  // Events of its own, and so an invoice of its own.
  const ProgramRun second = quickstart();
  EXPECT_EQ(second.exit_status, 0);
  EXPECT_THAT(second.output, AllOf(StartsWith("Currency: USD\n"), HasSubstr("\nINV-000002 open "),
                                   HasSubstr("\nINV-000001 open 224\n")));
  EXPECT_EQ(server.Stop(), 0);

  const ProgramRun alone = quickstart();
  EXPECT_EQ(alone.exit_status, 1) << "there is no server any more";
  EXPECT_THAT(alone.output, StartsWith("owo-quickstart: UNAVAILABLE"));
}

}  // namespace
}  // namespace owo
