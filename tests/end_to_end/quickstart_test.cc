// The first program that readers run: the quickstart's three calls print their results.

#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

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
            "Tracked 200 usage events of user_123, on the plan ai.\n\n"
            "CALL      FEATURE OR INVOICE        UNITS  CENTS/UNIT  STATUS          AMOUNT\n"
            "usage     input-tokens             497000     0.00025  unbilled      USD 1.24\n"
            "usage     output-tokens             99500       0.001  unbilled      USD 1.00\n"
            "usage     total                                        unbilled      USD 2.24\n"
            "invoice   INV-000001                                   open          USD 2.24\n"
            "invoices  INV-000001                                   open          USD 2.24\n");
  std::ostringstream readme;
  readme << std::ifstream(OWO_SOURCE_DIR "/README.md").rdbuf();
  EXPECT_THAT(readme.str(), HasSubstr(first.output));

  // A second run has its own events, and so its own invoice.
  const ProgramRun second = quickstart();
  EXPECT_EQ(second.exit_status, 0);
  EXPECT_THAT(second.output,
              AllOf(HasSubstr("\ninvoice   INV-000002 "), HasSubstr("\ninvoices  INV-000002 "),
                    HasSubstr("\ninvoices  INV-000001 ")));
  EXPECT_EQ(server.Stop(), 0);

  const ProgramRun alone = quickstart();
  EXPECT_EQ(alone.exit_status, 1) << "there is no server any more";
  EXPECT_THAT(alone.output, StartsWith("owo-quickstart: UNAVAILABLE"));
}

}  // namespace
}  // namespace owo
