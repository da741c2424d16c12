// Ids that the server generates: UUIDv7, 16 bytes, strictly increasing within the process.
//
//   IdSource ids(clock);
//   std::string id = ids.Next();          // 16 bytes
//   InvoiceIdText(id);                     // "inv_018f2e4c7d3a7cc19a520242ac120002"
//
// Inside, an id is its 16 bytes, which is how it is stored and compared. Its text is made where it
// is shown. Ids sort by the time at which they were made, so a list by id is a list by age.

#ifndef OWO_SERVICE_LEDGER_IDS_H_
#define OWO_SERVICE_LEDGER_IDS_H_

#include <optional>
#include <random>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "service/ledger/clock.h"

namespace owo::ledger {

// The clock is that of the process, not that of a tenant: ids show the order in which things were
// made, also if a tenant's clock is set. Thread-safe.
class IdSource {
 public:
  explicit IdSource(Clock clock);
  // A new id, 16 bytes: 48 bits of milliseconds, 12 of a counter, 62 random ones. Greater than all
  // earlier ids of this source, even if the clock goes back.
  std::string Next();

 private:
  const Clock clock_;
  absl::Mutex mutex_;
  std::mt19937_64 random_ ABSL_GUARDED_BY(mutex_);
  uint64_t last_ ABSL_GUARDED_BY(mutex_) = 0;  // milliseconds and a counter of 12 bits
};

// "inv_" and the 16 bytes of an invoice id in hex.
std::string InvoiceIdText(std::string_view id);
// The inverse: 16 bytes. Absent if `text` is not the text of an invoice id. Upper-case digits are
// not accepted, so that each invoice has one text.
std::optional<std::string> ParseInvoiceId(std::string_view text);

// "sub_7_2": the second subscription of customer number 7.
std::string SubscriptionIdText(uint64_t customer, uint32_t subscription);

// "INV-000042"; "" for a sequence of 0, which is that of a draft. Numbers above 999,999 have as
// many digits as they need.
std::string InvoiceNumber(std::string_view series, uint64_t sequence);

}  // namespace owo::ledger

#endif  // OWO_SERVICE_LEDGER_IDS_H_
