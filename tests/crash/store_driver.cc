// Tracks and invoices without pause until it is killed, and says on stdout what it asks for and
// what was answered: a line "try ID" before, a line "ack ID" after.
//
//   store_driver DATA_DIR RUN
//
// The store has the customer of driver_protocol.h. RUN goes into every id.

#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <string>

#include "storage/rocksdb/open.h"
#include "tests/crash/driver_protocol.h"
#include "tests/support/invoices.h"
#include "tests/support/store.h"

namespace owo::storage {
namespace {

constexpr int kCallers = 4;
constexpr int kEventsBetweenInvoices = 40;

// Exits when the one who reads is gone.
void Say(std::string_view word, const std::string& id) {
  const std::string line = std::string(word).append(" ").append(id).append("\n");
  if (write(STDOUT_FILENO, line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
    _exit(EXIT_FAILURE);
  }
}

void MustTrack(Store& store, const std::string& id) {
  Say("try", id);
  const Subject subject = CrashSubject();
  const auto outcomes = Track(store, subject.Command({subject.Event(id, 1)}));
  if (!outcomes.ok() || outcomes->front().code != TrackCode::kCounted) _exit(EXIT_FAILURE);
  Say("ack", id);
}

void CutOnce(Store& store, int run, int number) {
  const Subject subject = CrashSubject();
  const auto id = static_cast<uint64_t>(run * 1'000'000 + number);
  const std::string name = std::string(kInvoicePrefix) + std::to_string(id);
  Say("try", name);
  const auto made =
      Commit(store, Change(subject, CutAll(subject, ReadAccount(store, subject), InvoiceId(id))));
  if (!made.ok() || made->code != MutationCode::kCommitted) _exit(EXIT_FAILURE);
  Say("ack", name);
}

int Drive(const std::string& data_dir, int run) {
  auto store = OpenRocksStore({.data_dir = data_dir});
  if (!store.ok()) {
    std::cerr << store.status() << std::endl;
    return EXIT_FAILURE;
  }
  InParallel(kCallers, [&](int caller) {
    const std::string prefix = std::to_string(run) + "-" + std::to_string(caller) + "-";
    for (int i = 0;; ++i) {
      MustTrack(**store, prefix + std::to_string(i));
      if (caller == 0 && i % kEventsBetweenInvoices == 0) CutOnce(**store, run, i);
    }
  });
  return EXIT_SUCCESS;
}

}  // namespace
}  // namespace owo::storage

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: store_driver DATA_DIR RUN" << std::endl;
    return EXIT_FAILURE;
  }
  return owo::storage::Drive(argv[1], std::atoi(argv[2]));
}
