// owo-load: loads fresh servers, measures in turns what limits them, and prints a table. Exits with
// 1 if a server did not meet a requirement, whatever the other figures are.
//
//   owo-load --case=batch,singles --seconds=2 --json=bench.json

#include <sched.h>
#include <sys/utsname.h>

#include <algorithm>
#include <exception>
#include <filesystem>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/flags/usage_config.h"
#include "absl/strings/match.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "tests/bench/cases.h"
#include "tests/bench/process_facts.h"
#include "tests/bench/table.h"

ABSL_FLAG(std::vector<std::string>, case, {}, "Only these cases, separated by commas.");
ABSL_FLAG(bool, quick, false,
          "Everything in a few seconds: whether it counts right, not how fast.");
ABSL_FLAG(int, runs, 3, "Runs of each case, at least 1; the table has their medians.");
ABSL_FLAG(double, seconds, 5, "How long each run is measured.");
ABSL_FLAG(uint64_t, preload, 20'000'000, "Ids stored before batches of random ids are measured.");
ABSL_FLAG(uint64_t, history, 10'000'000, "Events of the largest history.");
ABSL_FLAG(uint32_t, customers, 1'000, "Customers whose usage is tracked.");
ABSL_FLAG(std::string, dir, "",
          "Where data is written, on the disk to measure. Empty: a temporary "
          "directory's place.");
ABSL_FLAG(std::string, server, "", "The program to measure. Empty: the one built with this.");
ABSL_FLAG(std::vector<std::string>, server_flags, {}, "More flags of it, separated by commas.");
ABSL_FLAG(std::string, json, "", "Where to write the report as JSON. Empty: nowhere.");

namespace owo::bench {
namespace {

struct Case {
  std::string_view name;
  Rows (*run)(const Options& options);
};

constexpr Case kCases[] = {
    {"batch", BatchCase},
    {"random_ids", RandomIdsCase},
    {"hot_counter", HotCounterCase},
    {"duplicates", DuplicatesCase},
    {"singles", ManySinglesCase},
    {"one_single", OneSingleCase},
    {"capped", CappedCustomerCase},
    {"usage", UsageCase},
    {"invoice", InvoiceCase},
    {"list_invoices", ListInvoicesCase},
    {"neighbours", NeighboursCase},
    {"reopen", ReopenCase},
    {"backup", BackupCase},
    {"memory", MemoryCase},
};

Options OptionsFromFlags() {
  Options options;
  if (absl::GetFlag(FLAGS_quick)) {
    options = QuickOptions();
  } else {
    options.runs = std::max(absl::GetFlag(FLAGS_runs), 1);
    options.duration = absl::Seconds(absl::GetFlag(FLAGS_seconds));
    options.preload = absl::GetFlag(FLAGS_preload);
    options.history = absl::GetFlag(FLAGS_history);
    options.customers = absl::GetFlag(FLAGS_customers);
  }
  options.directory = absl::GetFlag(FLAGS_dir);
  if (options.directory.empty()) options.directory = std::filesystem::temp_directory_path();
  options.server = absl::GetFlag(FLAGS_server);
  options.server_flags = absl::GetFlag(FLAGS_server_flags);
  return options;
}

Report ReportOf(const Options& options) {
  Report report;
  report.set_began(absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", absl::Now(), absl::UTCTimeZone()));
  cpu_set_t cores;
  if (sched_getaffinity(0, sizeof cores, &cores) == 0) report.set_cores(CPU_COUNT(&cores));
  report.set_processor(ProcessorName());
  utsname kernel{};
  if (uname(&kernel) == 0) report.set_kernel(kernel.release);
  *report.mutable_server_flags() = {options.server_flags.begin(), options.server_flags.end()};
  report.set_runs(options.runs);
  report.set_seconds(absl::ToDoubleSeconds(options.duration));
  report.set_preload(options.preload);
  report.set_history(options.history);
  return report;
}

// Returns null if every name is the name of a case.
const std::string* UnknownCase(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    const auto is_it = [&name](const Case& one) { return one.name == name; };
    if (std::none_of(std::begin(kCases), std::end(kCases), is_it)) return &name;
  }
  return nullptr;
}

// Returns how many cores other processes keep busy while this one waits.
double OtherCores(const Options& options) {
  constexpr double kQuiet = 0.1;
  const double busy = BusyCores(options.duration / 5);
  if (busy > kQuiet) {
    std::cout << absl::StrFormat("! other processes keep %.1f cores busy: figures say little\n",
                                 busy);
  }
  return busy;
}

// Returns whether every case succeeded.
bool RunCases(const std::vector<std::string>& names, const Options& options, Report& report) {
  bool well = true;
  Rows rows;
  for (const Case& one : kCases) {
    const bool asked =
        names.empty() || std::find(names.begin(), names.end(), one.name) != names.end();
    if (!asked) continue;
    try {
      const double other_cores = OtherCores(options);
      for (Row& row : one.run(options)) {
        row.set_other_cores(other_cores);
        std::cout << TableLines(row) << std::flush;
        rows.push_back(std::move(row));
      }
    } catch (const std::exception& error) {
      std::cout << one.name << ": FAILED: " << error.what() << std::endl;
      well = false;
    }
  }
  rows.push_back(MemoryBound(rows));
  std::cout << TableLines(rows.back()) << std::flush;
  report.mutable_rows()->Add(rows.begin(), rows.end());
  return well;
}

int Main(int argc, char** argv) {
  absl::SetProgramUsageMessage("Puts load on owo-billing-server and measures it.");
  absl::FlagsUsageConfig usage;
  usage.contains_help_flags = [](absl::string_view file) {
    return absl::EndsWith(file, "owo_load.cc");
  };
  absl::SetFlagsUsageConfig(usage);
  absl::ParseCommandLine(argc, argv);
  const std::vector<std::string> names = absl::GetFlag(FLAGS_case);
  if (const std::string* const unknown = UnknownCase(names); unknown != nullptr) {
    std::cerr << "owo-load: there is no case " << *unknown << '\n';
    return 2;
  }
  const Options options = OptionsFromFlags();
  Report report = ReportOf(options);
  std::cout << report.cores() << " cores, " << report.processor() << ", kernel " << report.kernel()
            << "; medians of " << options.runs << " runs of "
            << absl::FormatDuration(options.duration) << "\n\n"
            << TableHead() << std::flush;
  const bool well = RunCases(names, options, report);
  const std::string json = absl::GetFlag(FLAGS_json);
  if (!json.empty()) WriteJson(report, json);
  return well ? 0 : 1;
}

}  // namespace
}  // namespace owo::bench

int main(int argc, char** argv) {
  try {
    return owo::bench::Main(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "owo-load: " << error.what() << '\n';
    return 1;
  }
}
