// What the kernel says about a process, and a directory.
//
//   absl::Duration before = CpuTime(pid);  …  CpuTime(pid) - before

#ifndef OWO_TESTS_BENCH_PROCESS_FACTS_H_
#define OWO_TESTS_BENCH_PROCESS_FACTS_H_

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "absl/time/time.h"

namespace owo::bench {

// Of all its threads, in user and kernel mode. Throws when there is no such process.
absl::Duration CpuTime(pid_t pid);
// The same of this process, to the microsecond.
absl::Duration OwnCpuTime();

// The most memory it ever had resident, in MiB.
double PeakRssMib(pid_t pid);

// Of all files below, at the size they show.
uint64_t BytesIn(const std::string& directory);
// By how much they grew from `before` bytes, for each of `events`.
double BytesPerEvent(const std::string& directory, uint64_t before, uint64_t events);

// How many cores are busy, on average over the duration, which it waits for.
double BusyCores(absl::Duration duration);

// The processor's name, as the kernel has it.
std::string ProcessorName();

}  // namespace owo::bench

#endif  // OWO_TESTS_BENCH_PROCESS_FACTS_H_
