// What must be true of an invoice whatever it costs: it covers what was uncovered, adds up, has the
// next number, and changes only as invoices may.

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

// Of each check, the message of a failure says what is wrong.
class InvoiceHistory {
 public:
  // The numbers of the tenant's series, each given once: for every invoice as it comes to have one,
  // in order.
  absl::Status AddNumber(TenantId tenant, const InvoiceRecord& invoice);

  // Where a series stood before the first of its numbers that is seen here.
  void StartAfter(TenantId tenant, const std::string& series, uint64_t last) {
    last_.try_emplace({tenant, series}, last);
  }

  // That a new invoice is as new ones are, and adds up.
  static absl::Status CheckNew(const InvoiceRecord& invoice);
  // That each line covers all that was uncovered of its counter: then, since this holds for every
  // line before it, its usage is the sum of the events in its ranges. `open`: as Account::open when
  // the invoice was decided on.
  static absl::Status CheckCovers(const InvoiceRecord& invoice, std::span<const Counter> open);
  // That `after` may follow on `before`: nothing but status, payments, times and reasons differs.
  static absl::Status CheckChange(const InvoiceRecord& before, const InvoiceRecord& after,
                                  bool releases_coverage);

 private:
  absl::flat_hash_map<std::pair<TenantId, std::string>, uint64_t> last_;
};

// "invoice 019a8d0e6f8070008000000000000001"
std::string InvoiceText(const InvoiceRecord& invoice);

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_VERIFY_VERIFY_INVOICES_H_
