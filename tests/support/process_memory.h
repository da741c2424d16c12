// Memory of this process, as the kernel counts it.
//
//   ProcessMemory memory;      // starts measuring
//   …
//   EXPECT_LT(memory.PeakGrowth(), 48 << 20);
#ifndef OWO_TESTS_SUPPORT_PROCESS_MEMORY_H_
#define OWO_TESTS_SUPPORT_PROCESS_MEMORY_H_

#include <malloc.h>

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <string>

#include "tests/support/long_run.h"

namespace owo {

class ProcessMemory {
 public:
  // Sanitizers keep freed memory, and shadow all memory.
  static constexpr bool kIsExact = !kSanitized;

  ProcessMemory() {
    // Otherwise freed memory would be reused unnoticed.
    malloc_trim(0);
    std::ofstream("/proc/self/clear_refs") << 5;  // resets the peak
    start_ = Read("VmRSS:");
  }

  // Returns the peak since the start, minus the memory in use at the start, in bytes.
  int64_t PeakGrowth() const { return Read("VmHWM:") - start_; }

 private:
  static int64_t Read(const std::string& field) {
    std::ifstream status("/proc/self/status");
    std::string word;
    while (status >> word) {
      int64_t kib = 0;
      if (word == field && status >> kib) return kib * 1024;
    }
    return 0;
  }

  int64_t start_ = 0;
};

}  // namespace owo

#endif  // OWO_TESTS_SUPPORT_PROCESS_MEMORY_H_
