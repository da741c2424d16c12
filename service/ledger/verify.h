// Rates again what was invoiced, for who verifies a store: by the code that `Usage` and `Invoice`
// use.
//
//   LedgerRating rating;
//   VerifyRocksStore({.data_dir = "./var"}, &rating);

#ifndef OWO_SERVICE_LEDGER_VERIFY_H_
#define OWO_SERVICE_LEDGER_VERIFY_H_

#include <memory>
#include <span>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "service/ledger/plan.h"
#include "storage/verify.h"

namespace owo::ledger {

class LedgerRating final : public storage::InvoiceRating {
 public:
  absl::Status TakeCatalog(storage::TenantId tenant,
                           const storage::CatalogRecord& catalog) override;
  absl::Status CheckInvoice(storage::TenantId tenant, const storage::InvoiceRecord& invoice,
                            std::span<const storage::Counter> open) override;
  absl::Status CheckUnbilled(storage::TenantId tenant,
                             std::span<const storage::Counter> group) override;

 private:
  absl::StatusOr<const Catalog*> CatalogOf(storage::TenantId tenant) const;

  absl::flat_hash_map<storage::TenantId, std::shared_ptr<const Catalog>> catalogs_;
};

}  // namespace owo::ledger

#endif  // OWO_SERVICE_LEDGER_VERIFY_H_
