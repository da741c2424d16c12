// Rates invoices again while a store is verified, with the same code as `Usage` and `Invoice`.
//
//   LedgerRating rating;
//   VerifyRocksStore({.data_dir = "./var"}, &rating);

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

class LedgerRating final : public storage::InvoiceRating {
 public:
  absl::Status SetCatalog(storage::TenantId tenant,
                          const storage::CatalogSource& catalogs) override;
  absl::Status CheckSums(const storage::InvoiceRecord& record) override;
  absl::Status CheckInvoice(storage::TenantId tenant, const storage::InvoiceRecord& record,
                            std::span<const storage::Counter> open) override;
  absl::Status CheckUnbilled(storage::TenantId tenant,
                             std::span<const storage::Counter> group) override;

 private:
  static constexpr size_t kTermsBytesMax = 16 << 20;

  absl::StatusOr<CatalogReader> CatalogOf(storage::TenantId tenant);

  std::optional<CatalogCache> catalogs_;
};

}  // namespace owo::ledger

#endif  // OWO_SERVICE_LEDGER_VERIFY_H_
