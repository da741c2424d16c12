// owo-billing-server: flags, signals and exit status around Server.

#include <pthread.h>
#include <sched.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <iostream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "service/ledger/verify.h"
#include "service/rating/zone.h"
#include "service/rpc/health_client.h"
#include "service/rpc/health_service.h"
#include "service/server.h"
#include "service/server_files.h"
#include "service/server_flags.h"
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

// Writes one line. The text may contain input of callers, so it is escaped.
void Log(absl::string_view text) {
  std::cerr << absl::StrCat("owo-billing-server: ", storage::Printable({text.data(), text.size()}),
                            "\n");
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

int Serve(CommandLine line) {
  IgnoreSignals();
  if (const absl::Status zones = rating::CheckZoneDatabase(); !zones.ok()) {
    Log(zones.message());
    return kExitFailed;
  }
  const absl::Status made_private = MakePrivate(line.server.data_dir);
  std::atomic<bool> failed = false;
  line.server.on_failure = [&failed](const absl::Status& status) {
    Log(absl::StrCat("a write failed, so nothing is written any more and the server ends: ",
                     status.ToString()));
    failed = true;
    EndWithin(kFailedExitSeconds);
    kill(getpid(), kWakeUp);
  };
  line.server.on_retention_failure = [](const absl::Status& status) {
    Log(absl::StrCat("no old events are dropped any more until the server is started again: ",
                     status.ToString()));
  };
  line.server.on_disk_full = [](const absl::Status& status) {
    Log(absl::StrCat("the disk is full, so writes are refused until there is room: ",
                     status.message()));
  };
  line.server.on_resume = [](const storage::Resumption& resumption) {
    std::string text =
        absl::StrCat("there is room on the disk again: writing goes on after ",
                     absl::ToInt64Seconds(resumption.outage),
                     " s; replayed from the journal: ", resumption.records, " records");
    if (resumption.unreported > 0) {
      absl::StrAppend(&text, "; not reported before: ", resumption.unreported, " shorter outages");
    }
    Log(text);
  };
  line.server.on_damage = [](const absl::Status& status) {
    Log(absl::StrCat("a table is damaged or cannot be read, and calls that need it fail: ",
                     status.ToString()));
  };
  absl::StatusOr<std::unique_ptr<Server>> server = Server::Start(std::move(line.server));
  if (!server.ok()) {
    Log(server.status().message());
    const bool called_wrongly =
        absl::IsInvalidArgument(server.status()) || absl::IsAlreadyExists(server.status());
    return called_wrongly ? kExitUsage : kExitFailed;
  }
  if (!made_private.ok()) Log(made_private.message());
  std::cout << "owo-billing-server listening on " << (*server)->address() << std::endl;
  WaitForSignal(failed);
  UnblockSignals();
  if (!failed) Log("stopping: finishing what was accepted");
  (*server)->Shutdown(failed ? kFailedDrain : line.drain);
  server->reset();
  return failed ? kExitFailed : 0;
}

int Health(const std::string& endpoint) {
  const absl::Status status = rpc::CheckHealth(endpoint, kHealthTimeout);
  if (!status.ok()) {
    Log(status.message());
    return kExitFailed;
  }
  const absl::Status writes =
      rpc::CheckHealth(endpoint, kHealthTimeout, std::string(rpc::kWritesHealth));
  // Servers of former releases do not have the "writes" service: their answer is not NOT_SERVING.
  if (absl::StrContains(writes.message(), "NOT_SERVING")) {
    Log("it serves reads, and refuses writes: its log says why");
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
  options.on_note = [](const std::string& note) { Log(note); };
  ledger::LedgerRating rating;
  const absl::StatusOr<storage::VerifyReport> report = storage::VerifyRocksStore(options, &rating);
  if (!report.ok()) {
    const absl::Status& status = report.status();
    Log(absl::StrCat("cannot verify: ",
                     absl::IsCancelled(status) ? "told to stop" : status.message()));
    // Only DATA_LOSS means that the data is damaged; other errors leave it unknown.
    return absl::IsDataLoss(status) ? kExitFailed : kExitUsage;
  }
  std::cout << report->ToString();
  return report->differences() == 0 ? 0 : kExitFailed;
}

int Main(const std::vector<std::string>& arguments) {
  // Debian's build of Abseil enables deadlock detection at every lock, including those of gRPC.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  MakeNewFilesPrivate();
  BlockSignals();
  UseBatchScheduling();
  absl::StatusOr<CommandLine> line = ParseCommandLine(arguments);
  if (!line.ok()) {
    Log(line.status().message());
    std::cerr << "Try --help.\n";
    return kExitUsage;
  }
  switch (line->command) {
    case Command::kServe:
      return Serve(*std::move(line));
    case Command::kHealth:
      return Health(line->endpoint);
    case Command::kVerify:
      return Verify(std::move(line->verify));
    case Command::kHelp:
      std::cout << HelpText();
      return 0;
  }
  return kExitUsage;
}

}  // namespace
}  // namespace owo::service

int main(int argc, char** argv) {
  return owo::service::Main(std::vector<std::string>(argv + 1, argv + argc));
}
