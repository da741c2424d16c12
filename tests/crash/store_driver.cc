// Tracks and invoices without pause until it is killed, and reports requests and answers on stdout:
// a line "try ID" before each request, a line "ack ID" after its answer.
//
//   store_driver DATA_DIR RUN [POINT PASSES [DISK]]
//
// The store has the customer of driver_protocol.h. RUN becomes part of every id. POINT is one of
// kKillPointNames: the driver kills itself when it reaches the point for the PASSES-th time. DISK
// is one of
//   keeps     everything that was written survives, as when a process is killed
//   loses     what was not synced is lost
//   unsynced  as "keeps", and answers do not wait for a sync
//   unsafe    as "loses", and answers do not wait for a sync

#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "storage/rocksdb/open.h"
#include "tests/crash/deadly_disk.h"
#include "tests/crash/driver_protocol.h"
#include "tests/support/invoices.h"
#include "tests/support/store.h"

namespace owo::storage {
namespace {

constexpr int kCallers = 4;
constexpr int kEventsBetweenInvoices = 40;
constexpr size_t kUnflushedEventsMax = 100;

// Exits when the reader of the output is gone.
void Print(std::string_view word, const std::string& id) {
  const std::string line = std::string(word).append(" ").append(id).append("\n");
  if (write(STDOUT_FILENO, line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
    _exit(EXIT_FAILURE);
  }
}

void MustTrack(Store& store, const std::string& id) {
  Print("try", id);
  const Subject subject = CrashSubject();
  const auto outcomes = Track(store, subject.Command({subject.Event(id, 1)}));
  if (!outcomes.ok() || outcomes->front().code != TrackCode::kCounted) _exit(EXIT_FAILURE);
  Print("ack", id);
}

void InvoiceOnce(Store& store, int run, int number) {
  const Subject subject = CrashSubject();
  const auto id = static_cast<uint64_t>(run * 1'000'000 + number);
  const std::string name = std::string(kInvoicePrefix) + std::to_string(id);
  Print("try", name);
  const auto made = Commit(
      store, Change(subject, InvoiceAll(subject, ReadAccount(store, subject), InvoiceId(id))));
  if (!made.ok() || made->code != MutationCode::kCommitted) _exit(EXIT_FAILURE);
  Print("ack", name);
}

int Drive(const std::string& data_dir, int run, const DeadlyDiskOptions& options, bool sync) {
  const auto disk = NewDeadlyDisk(options);
  // Keeps few events in memory only, so that rows are flushed all the time.
  auto store = OpenRocksStore({.data_dir = data_dir,
                               .sync = sync,
                               .unflushed_events_max = kUnflushedEventsMax,
                               .env = disk.get()});
  if (!store.ok()) {
    std::cerr << store.status() << std::endl;
    return EXIT_FAILURE;
  }
  InParallel(kCallers, [&](int caller) {
    const std::string prefix = std::to_string(run) + "-" + std::to_string(caller) + "-";
    for (int i = 0;; ++i) {
      MustTrack(**store, prefix + std::to_string(i));
      if (caller == 0 && i % kEventsBetweenInvoices == 0) InvoiceOnce(**store, run, i);
    }
  });
  return EXIT_SUCCESS;
}

}  // namespace
}  // namespace owo::storage

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv, argv + argc);
  const auto point = owo::KillPointOf(argc > 3 ? arguments[3] : "never");
  const std::string disk = argc > 5 ? arguments[5] : "keeps";
  if (argc < 3 || argc == 4 || argc > 6 || !point.has_value()) {
    std::cerr << "usage: store_driver DATA_DIR RUN [POINT PASSES [keeps|loses|unsynced|unsafe]]"
              << std::endl;
    return EXIT_FAILURE;
  }
  return owo::storage::Drive(arguments[1], std::stoi(arguments[2]),
                             {.point = *point,
                              .passes = argc > 4 ? std::stoi(arguments[4]) : 1,
                              .loses_unsynced = disk == "loses" || disk == "unsafe"},
                             /*sync=*/disk == "keeps" || disk == "loses");
}
