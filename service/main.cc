// owo-billing-server: flags, signals and exit status around Server.

#include <pthread.h>
#include <sched.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <iostream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/mutex.h"
#include "service/ledger/verify.h"
#include "service/rating/zone.h"
#include "service/rpc/health.h"
#include "service/server.h"
#include "service/server_backup.h"
#include "service/server_files.h"
#include "service/server_flags.h"
#include "service/server_version.h"
#include "service/telemetry/text_log.h"
#include "storage/rocksdb/verify/stats.h"
#include "storage/rocksdb/verify/verify.h"
#include "storage/util/printable.h"

namespace owo::service {
namespace {

constexpr int kExitFailed = 1;
constexpr int kExitUsage = 2;
constexpr absl::Duration kHealthTimeout = absl::Seconds(3);

// After a write has failed, the server must stop serving soon.
constexpr unsigned kFailedExitSeconds = 5;
constexpr absl::Duration kFailedDrain = absl::Seconds(3);

// Wakes the main thread when the store has failed.
constexpr int kWakeUp = SIGUSR1;

constexpr char kProgram[] = "owo-billing-server";

// Tells the user of the command line why a command did not do what it was asked to. The text may
// contain input of callers, so it is escaped.
void PrintError(absl::string_view text) {
  std::cerr << absl::StrCat(kProgram, ": ", storage::Printable({text.data(), text.size()}), "\n");
}

sigset_t Signals(std::initializer_list<int> numbers) {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : numbers) sigaddset(&set, number);
  return set;
}

// Must run before any thread is started, so that only the main thread receives signals.
void BlockSignals() {
  const sigset_t set = Signals({SIGTERM, SIGINT, SIGHUP, kWakeUp});
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signal(SIGPIPE, SIG_IGN);
}

// Ignores signals that would end the process before accepted calls are finished. A terminal that
// closes sends SIGHUP; there is no configuration to reload.
void IgnoreSignals() {
  for (const int number : {SIGHUP, SIGALRM, SIGUSR2}) signal(number, SIG_IGN);
}

// Ends the process after `seconds`, even if it is blocked.
void EndWithin(unsigned seconds) {
  signal(SIGALRM, [](int) { _exit(kExitFailed); });
  alarm(seconds);
}

// SCHED_BATCH: a woken thread does not preempt the running one; otherwise every answer, which wakes
// another thread, costs a context switch. Must run before any thread is started. If it fails, the
// server works, but slower.
void UseBatchScheduling() {
  if (sched_getscheduler(0) != SCHED_OTHER) return;  // the user has chosen a policy
  const sched_param none{};
  sched_setscheduler(0, SCHED_BATCH, &none);
}

// From now on SIGTERM and SIGINT end the process immediately, as is their default.
void UnblockSignals() {
  const sigset_t set = Signals({SIGTERM, SIGINT});
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

// Returns when the process must stop: on SIGTERM or SIGINT, or on kWakeUp if `failed` is true. A
// kWakeUp from another process is ignored.
void WaitForSignal(const std::atomic<bool>& failed) {
  const sigset_t set = Signals({SIGTERM, SIGINT, kWakeUp});
  for (int number = kWakeUp; number == kWakeUp && !failed;) sigwait(&set, &number);
}

// One line, so that a log says which program served which data, and since when.
void LogStart(telemetry::LogSink& log, const CommandLine& line, const storage::Recovery& recovery) {
  const Version version = ServerVersion();
  log.Info("started", {{"version", version.version},
                       {"commit", version.commit},
                       {"data", line.server.store},
                       {"recovery_ms", absl::StrCat(absl::ToInt64Milliseconds(recovery.duration))},
                       {"replayed_events", absl::StrCat(recovery.events)},
                       {"flags", ChangedFlags(line.flags)}});
}

int Serve(CommandLine line) {
  IgnoreSignals();
  if (const absl::Status zones = rating::CheckZoneDatabase(); !zones.ok()) {
    PrintError(zones.message());
    return kExitFailed;
  }
  const absl::Status made_private = MakePrivate(line.data_dir);
  std::atomic<bool> failed = false;
  const auto log = std::make_shared<telemetry::TextLog>(kProgram);
  line.server.log = log;
  line.server.on_failure = [&failed, log](const absl::Status& status) {
    log->Error("a write failed, so nothing is written any more and the server ends",
               {{"error", status.ToString()}});
    failed = true;
    EndWithin(kFailedExitSeconds);
    kill(getpid(), kWakeUp);
  };
  storage::Recovery recovery;
  line.server.on_recovery = [&recovery](const storage::Recovery& made) { recovery = made; };
  absl::StatusOr<std::unique_ptr<Server>> server = Server::Start(line.server);
  if (!server.ok()) {
    PrintError(server.status().message());
    const bool called_wrongly =
        absl::IsInvalidArgument(server.status()) || absl::IsAlreadyExists(server.status());
    return called_wrongly ? kExitUsage : kExitFailed;
  }
  if (!made_private.ok()) {
    log->Warning("others may be able to read the data directory",
                 {{"error", std::string(made_private.message())}});
  }
  std::cout << "owo-billing-server listening on " << (*server)->address() << std::endl;
  LogStart(*log, line, recovery);
  WaitForSignal(failed);
  UnblockSignals();
  if (!failed) log->Info("stopping: accepted calls are finished");
  (*server)->Shutdown(failed ? kFailedDrain : line.drain);
  server->reset();
  return failed ? kExitFailed : 0;
}

int Health(const std::string& endpoint, const rpc::HealthTls& tls) {
  const absl::Status status = rpc::CheckHealth(endpoint, kHealthTimeout, "", tls);
  if (!status.ok()) {
    PrintError(status.message());
    return kExitFailed;
  }
  const absl::Status writes =
      rpc::CheckHealth(endpoint, kHealthTimeout, std::string(rpc::kWritesHealth), tls);
  // Servers of former releases do not have the "writes" service: their answer is not NOT_SERVING.
  if (absl::StrContains(writes.message(), "NOT_SERVING")) {
    PrintError("it serves reads, and refuses writes: its log says why");
  }
  return 0;
}

bool WasToldToStop() {
  sigset_t pending;
  sigpending(&pending);
  return sigismember(&pending, SIGTERM) == 1 || sigismember(&pending, SIGINT) == 1 ||
         sigismember(&pending, SIGHUP) == 1;
}

int Verify(storage::VerifyOptions options) {
  options.stopped = WasToldToStop;
  options.on_note = [](const std::string& note) { PrintError(note); };
  ledger::LedgerRating rating;
  const absl::StatusOr<storage::VerifyReport> report = storage::VerifyRocksStore(options, &rating);
  if (!report.ok()) {
    const absl::Status& status = report.status();
    PrintError(absl::StrCat("cannot verify: ",
                            absl::IsCancelled(status) ? "was asked to stop" : status.message()));
    // Only DATA_LOSS means that the data is damaged; other errors leave it unknown.
    return absl::IsDataLoss(status) ? kExitFailed : kExitUsage;
  }
  std::cout << report->ToString();
  return report->differences() == 0 ? 0 : kExitFailed;
}

int Backup(const BackupCommand& command) {
  const absl::StatusOr<CommandOutput> output = RunBackupCommand(command);
  if (!output.ok()) {
    PrintError(output.status().message());
    return absl::IsDataLoss(output.status()) ? kExitFailed : kExitUsage;
  }
  std::cout << output->text;
  return output->sound ? 0 : kExitFailed;
}

int Stats(storage::StatsOptions options, bool json) {
  options.stopped = WasToldToStop;
  const absl::StatusOr<storage::StoreStats> stats = storage::StatsOfRocksStore(options);
  if (!stats.ok()) {
    const absl::Status& status = stats.status();
    PrintError(absl::StrCat("cannot read the data: ",
                            absl::IsCancelled(status) ? "was asked to stop" : status.message()));
    return absl::IsDataLoss(status) ? kExitFailed : kExitUsage;
  }
  std::cout << (json ? storage::StatsJson(*stats) : storage::StatsText(*stats));
  return 0;
}

std::vector<std::string> Environment() {
  std::vector<std::string> variables;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    variables.emplace_back(*variable);
  }
  return variables;
}

int Main(const std::vector<std::string>& arguments) {
  // Debian's build of Abseil enables deadlock detection at every lock, including those of gRPC.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  MakeNewFilesPrivate();
  BlockSignals();
  UseBatchScheduling();
  absl::StatusOr<CommandLine> line = ParseCommandLine(arguments, Environment());
  if (!line.ok()) {
    for (const auto mistake : absl::StrSplit(line.status().message(), '\n')) PrintError(mistake);
    PrintError("try --help");
    return kExitUsage;
  }
  switch (line->command) {
    case Command::kServe:
      return Serve(*std::move(line));
    case Command::kHealth:
      return Health(line->endpoint, line->health_tls);
    case Command::kVerify:
      return Verify(std::move(line->verify));
    case Command::kBackup:
      return Backup(line->backup);
    case Command::kStats:
      return Stats(std::move(line->stats), line->json);
    case Command::kHelp:
      std::cout << line->help;
      return 0;
    case Command::kVersion:
      std::cout << VersionText();
      return 0;
  }
  return kExitUsage;
}

}  // namespace
}  // namespace owo::service

int main(int argc, char** argv) {
  return owo::service::Main(std::vector<std::string>(argv + 1, argv + argc));
}
