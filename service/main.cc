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

// A store that failed must not be served from for long.
constexpr unsigned kFailedExitSeconds = 5;
constexpr absl::Duration kFailedDrain = absl::Seconds(3);

// What wakes the main thread when the store has failed.
constexpr int kWakeUp = SIGUSR1;

// One line. What callers sent may be part of the text.
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

// Before any thread is started, so that all of them leave signals to the main thread.
void BlockSignals() {
  const sigset_t set = Signals({SIGTERM, SIGINT, SIGHUP, kWakeUp});
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signal(SIGPIPE, SIG_IGN);
}

// What would end the process without finishing what was accepted. A terminal that goes away sends
// SIGHUP; there is no configuration to read again.
void IgnoreSignals() {
  for (const int number : {SIGHUP, SIGALRM, SIGUSR2}) signal(number, SIG_IGN);
}

// The process ends after so many seconds, whatever it does.
void EndWithin(unsigned seconds) {
  signal(SIGALRM, [](int) { _exit(kExitFailed); });
  alarm(seconds);
}

// A thread that is woken waits for its turn: else each answer that is given, which wakes another
// thread, ends with a switch to it. Before any thread is started. Without it all works, slower.
void UseBatchScheduling() {
  if (sched_getscheduler(0) != SCHED_OTHER) return;  // somebody chose
  const sched_param none{};
  sched_setscheduler(0, SCHED_BATCH, &none);
}

// From here on a signal ends the process at once, as signals do by themselves.
void UnblockSignals() {
  const sigset_t set = Signals({SIGTERM, SIGINT});
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

// Returns when the process is to stop, or `failed` is true and was followed by kWakeUp. Another
// process may send that, too: then nothing failed.
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
  // A server of a former release does not know of it.
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
    // Only of damage is it known that the data is not sound.
    return absl::IsDataLoss(status) ? kExitFailed : kExitUsage;
  }
  std::cout << report->ToString();
  return report->differences() == 0 ? 0 : kExitFailed;
}

int Main(const std::vector<std::string>& arguments) {
  // Debian's library looks for deadlocks at every lock, gRPC's included.
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
