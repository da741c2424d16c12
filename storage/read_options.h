// Options of a read, and the status of a read that they prevent from answering.
//
//   const ReadOptions in_memory{.tier = ReadTier::kMemoryOnly};
//   absl::StatusOr<Account> account = store.ReadAccount(in_memory, tenant, customer, {});
//   if (NeedsDisk(account.status())) { /* read again elsewhere, with ReadTier::kAll */ }

#ifndef OWO_STORAGE_READ_OPTIONS_H_
#define OWO_STORAGE_READ_OPTIONS_H_

#include "absl/status/status.h"

namespace owo::storage {

// Where a read may look for its answer.
enum class ReadTier {
  // Memory and disk. May wait for either.
  kAll,
  // Memory alone, without waiting for a lock that is held during I/O. For threads that must not
  // block. The answer is exactly what kAll would return, or ReadNeedsDisk(); that is also the
  // answer if reading takes long, such as copying an account of tens of thousands of counters.
  kMemoryOnly,
};

struct ReadOptions {
  ReadTier tier = ReadTier::kAll;
};

// For threads that may block.
inline constexpr ReadOptions kReadAll{.tier = ReadTier::kAll};

// The status of a kMemoryOnly read that memory cannot answer. Copies keep the mark.
absl::Status ReadNeedsDisk();
bool NeedsDisk(const absl::Status& status);

}  // namespace owo::storage

#endif  // OWO_STORAGE_READ_OPTIONS_H_
