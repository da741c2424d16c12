// Figures from the kernel about a process or a directory.
//
//   absl::Duration before = CpuTime(pid);  …  CpuTime(pid) - before

#ifndef OWO_TESTS_BENCH_PROCESS_FACTS_H_
#define OWO_TESTS_BENCH_PROCESS_FACTS_H_

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "absl/time/time.h"

namespace owo::bench {

// Returns the CPU time of all threads, in user and kernel mode. Throws if there is no such process.
absl::Duration CpuTime(pid_t pid);
// Returns the CPU time of this process, to the microsecond.
absl::Duration OwnCpuTime();

// Returns the peak resident memory, in MiB.
double PeakRssMib(pid_t pid);

// Returns the total size of all files in the directory, as the file system reports it.
uint64_t BytesIn(const std::string& directory);
// Returns the growth since `before` bytes, divided by `events`.
double BytesPerEvent(const std::string& directory, uint64_t before, uint64_t events);

// Returns the average number of busy cores. Waits for `duration`.
double BusyCores(absl::Duration duration);

// Returns the name of the processor, from the kernel.
std::string ProcessorName();

}  // namespace owo::bench

#endif  // OWO_TESTS_BENCH_PROCESS_FACTS_H_
