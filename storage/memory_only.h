// Reads by threads that must not wait for the disk.
//
//   const MemoryOnly here;                                   // this thread, until the block's end
//   absl::StatusOr<Account> account = store.ReadAccount(...);
//   if (NeedsDisk(account.status())) { /* another thread has to read it */ }

#ifndef OWO_STORAGE_MEMORY_ONLY_H_
#define OWO_STORAGE_MEMORY_ONLY_H_

#include "absl/status/status.h"

namespace owo::storage {

class MemoryOnly {
 public:
  MemoryOnly();
  ~MemoryOnly();
  MemoryOnly(const MemoryOnly&) = delete;
  MemoryOnly& operator=(const MemoryOnly&) = delete;

  // Whether this thread is within one.
  static bool IsOn();
};

// What a read within a MemoryOnly answers when memory lacks some of it. Copies are known, too.
absl::Status ReadNeedsDisk();
bool NeedsDisk(const absl::Status& status);

}  // namespace owo::storage

#endif  // OWO_STORAGE_MEMORY_ONLY_H_
