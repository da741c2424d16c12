// Checks invoices apart from their prices and sums: an invoice covers what was uncovered, has the
// next number of its series, and changes only in allowed ways.
//
//   InvoiceHistory history;
//   absl::Status status = InvoiceHistory::CheckNew(invoice);
//   status = history.AddNumber(tenant, invoice);

#ifndef OWO_STORAGE_ROCKSDB_VERIFY_VERIFY_INVOICES_H_
#define OWO_STORAGE_ROCKSDB_VERIFY_VERIFY_INVOICES_H_

#include <cstdint>
#include <span>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "storage/records.pb.h"
#include "storage/types.h"

namespace owo::storage {

// Not thread-safe. The message of a failed check says what is wrong.
class InvoiceHistory {
 public:
  // Checks that the invoice has the next number of its series. Call once for each invoice when it
  // gets its number, in order.
  absl::Status AddNumber(TenantId tenant, const InvoiceRecord& invoice);

  // Sets the last number of a series before the first one that AddNumber sees.
  void StartAfter(TenantId tenant, const std::string& series, uint64_t last) {
    last_.try_emplace({tenant, series}, last);
  }

  // Checks that a jump of the series goes forward, and continues the series with `next`.
  absl::Status Jump(TenantId tenant, const std::string& series, uint64_t next);

  // Checks that a new invoice has the status, number and revision of a new one.
  static absl::Status CheckNew(const InvoiceRecord& invoice);
  // Checks that each line covers all that was uncovered of its counter. Since that holds for all
  // earlier lines too, a line's usage is the sum of the events in its ranges. `open`: Account::open
  // when the invoice was decided on.
  static absl::Status CheckCovers(const InvoiceRecord& invoice, std::span<const Counter> open);
  // Checks that `before` may change to `after`: only status, payments, times and reasons differ.
  static absl::Status CheckChange(const InvoiceRecord& before, const InvoiceRecord& after,
                                  bool releases_coverage);

 private:
  absl::flat_hash_map<std::pair<TenantId, std::string>, uint64_t> last_;
};

// "invoice 019a8d0e6f8070008000000000000001"
std::string InvoiceText(const InvoiceRecord& invoice);

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_VERIFY_VERIFY_INVOICES_H_
