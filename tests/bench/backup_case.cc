// What backups take, and what they cost callers.

#include <chrono>
#include <filesystem>
#include <stdexcept>

#include "absl/strings/str_cat.h"
#include "tests/bench/batch_scene.h"
#include "tests/bench/cases.h"
#include "tests/bench/contest.h"
#include "tests/bench/loop.h"
#include "tests/bench/process_facts.h"
#include "tests/bench/world.h"
#include "tests/crash/child.h"

namespace owo::bench {
namespace {

constexpr int kCallsPerSecond = 2'000;
constexpr char kEvery[] = "2s";
constexpr double kMib = 1 << 20;

uint64_t BytesIn(const std::string& directory) {
  uint64_t bytes = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    if (entry.is_regular_file()) bytes += entry.file_size();
  }
  return bytes;
}

// One scene with backups, or without.
struct Caller {
  Caller(const Options& options, const Population& population)
      : scene(options, population), singles(Counters(population)) {
    scene.Track(options.history);
    scene.server().AwaitQuiet();
  }
  Sample Measure(absl::Duration duration) {
    return RunOpenLoop(scene.server(), singles, kCallsPerSecond, duration);
  }

  BatchScene scene;
  SingleTraffic singles;
};

// Returns how long the command takes to back up the data of a server that was killed.
std::chrono::nanoseconds TimeToBackUp(const Options& options, const std::string& data_dir,
                                      const std::string& to) {
  const auto began = std::chrono::steady_clock::now();
  Child child({options.server.empty() ? DefaultServer() : options.server, "backup",
               "--data_dir=" + data_dir, "--to=" + to, "--backup_rate_mib=0"});
  while (child.ReadLine().has_value()) {
  }
  if (child.Wait() != 0) throw std::runtime_error("the backup failed");
  return std::chrono::steady_clock::now() - began;
}

}  // namespace

Rows BackupCase(const Options& options) {
  const Population population{.customers = options.customers, .features = kFeatures};
  const Directory backups(options.directory);
  Options with = options;
  with.server_flags.push_back(absl::StrCat("--backup_dir=", backups.path()));
  with.server_flags.push_back(absl::StrCat("--backup_every=", kEvery));
  Caller backed_up(with, population);
  Caller alone(options, population);

  Contest contest(options, "backup",
                  absl::StrCat("Track at 2,000/s, open loop, ", options.history,
                               " events before, while a backup is made every ", kEvery));
  contest.Add("with backups", [&](absl::Duration duration) { return backed_up.Measure(duration); });
  contest.Add("without", [&](absl::Duration duration) { return alone.Measure(duration); });
  Row row = contest.Run();
  row.set_peak_rss_mib(PeakRssMib(backed_up.scene.server().pid()));
  CheckP99Ratio(row, 1.5, 1.05);

  Row full;
  full.set_name("backup/full");
  backed_up.scene.server().Kill();
  const Directory copy(options.directory);
  const std::string& data_dir = backed_up.scene.server().data_dir();
  const double mib = static_cast<double>(BytesIn(data_dir)) / kMib;
  const std::chrono::nanoseconds took = TimeToBackUp(options, data_dir, copy.path());
  full.set_what(absl::StrCat("the first backup, of ", static_cast<int>(mib), " MiB"));
  *full.mutable_figures() = FiguresOf({.latency_ns = {took.count()}});
  CheckAtLeast(full, "MiB/s", mib / (static_cast<double>(took.count()) / 1e9), 10, 100);
  return {row, full};
}

}  // namespace owo::bench
