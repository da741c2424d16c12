// Rates invoices again while a store is verified, with the same code as `Usage` and `Invoice`.
//
//   LedgerRating rating;
//   VerifyRocksStore({.data_dir = "./var"}, &rating);
//
// So `verify` shows that each amount which was ever invoiced follows from the usage and the terms
// that the journal has. It does not show that the code computes the right amount: the tests of
// service/rating do.

#ifndef OWO_SERVICE_LEDGER_VERIFY_H_
#define OWO_SERVICE_LEDGER_VERIFY_H_

#include <cstddef>
#include <optional>
#include <span>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "service/ledger/catalog_cache.h"
#include "storage/verify.h"

namespace owo::ledger {

// Not thread-safe: one replay uses it, from one thread. All errors are differences to report,
// except those of reading the catalog.
class LedgerRating final : public storage::InvoiceRating {
 public:
  // Reads the newest generation of the tenant's catalog.
  absl::Status SetCatalog(storage::TenantId tenant,
                          const storage::CatalogSource& catalogs) override;
  // DATA_LOSS if the record does not parse or does not add up (Invoice::CheckSums).
  absl::Status CheckSums(const storage::InvoiceRecord& record) override;
  // Decides the invoice again from the counters that were open when it was made, and compares the
  // lines. They may follow the current rules or, as a whole, those of earlier releases
  // (former_rules.h). Names are not compared, because they may have changed since.
  absl::Status CheckInvoice(storage::TenantId tenant, const storage::InvoiceRecord& record,
                            std::span<const storage::Counter> open) override;
  // Rates the counters of one customer, feature and period, and checks that each costs what is
  // covered and what is unbilled of it together: nothing is billed twice or forgotten.
  absl::Status CheckUnbilled(storage::TenantId tenant,
                             std::span<const storage::Counter> group) override;

 private:
  // The memory for the terms of plan versions.
  static constexpr size_t kTermsBytesMax = 16 << 20;

  // A reader of the tenant's catalog. DATA_LOSS if SetCatalog() was not called for the tenant.
  absl::StatusOr<CatalogReader> CatalogOf(storage::TenantId tenant);

  std::optional<CatalogCache> catalogs_;
};

}  // namespace owo::ledger

#endif  // OWO_SERVICE_LEDGER_VERIFY_H_
