// Verifying a store: its journal is replayed and compared with all that is stored. What that
// finds, and who says what usage costs.
//
//   LedgerRating rating;                                            // service/ledger/verify.h
//   OWO_TRY(const VerifyReport report, VerifyRocksStore({.data_dir = "./var"}, &rating));
//   std::cout << report.ToString();                                 //
//   storage/rocksdb/verify/verify.h return report.differences() == 0 ? 0 : 1;

#ifndef OWO_STORAGE_VERIFY_H_
#define OWO_STORAGE_VERIFY_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "storage/catalog_source.h"
#include "storage/records.pb.h"
#include "storage/types.h"

namespace owo::storage {

// How much was compared, and what differs, by kind of thing.
class VerifyReport {
 public:
  // Of one kind: more are counted, but not described.
  static constexpr size_t kDescribedMax = 20;

  struct Kind {
    std::string name;
    uint64_t compared = 0;
    uint64_t differences = 0;
    std::vector<std::string> described;
  };

  void Compared(std::string_view kind, uint64_t more = 1) { Of(kind).compared += more; }
  void Differs(std::string_view kind, std::string what);
  // That are known of, but not what they are.
  void DifferMore(std::string_view kind, uint64_t more) { Of(kind).differences += more; }

  const std::deque<Kind>& kinds() const { return kinds_; }  // in order of first mention
  uint64_t differences() const;
  // One line for each kind, with its differences below it, and one for the whole. What comes from
  // the data is made printable.
  std::string ToString() const;

 private:
  Kind& Of(std::string_view name);

  std::deque<Kind> kinds_;
};

// What usage costs, said by who knows prices. Not thread-safe.
class InvoiceRating {
 public:
  virtual ~InvoiceRating() = default;

  // The tenant's catalog is a newer one. Called before anything is rated with what is new in it.
  // `catalogs` is the same each time; what is rated later may read from it.
  virtual absl::Status SetCatalog(TenantId tenant, const CatalogSource& catalogs) = 0;
  // That an invoice of these counters, which are as Account::open, has just these lines. The
  // message of a failure says what differs.
  virtual absl::Status CheckInvoice(TenantId tenant, const InvoiceRecord& invoice,
                                    std::span<const Counter> open) = 0;
  // That what is covered of each counter and what `Usage` shows of it are what it costs. `group`:
  // all counters of one customer, feature and period.
  virtual absl::Status CheckUnbilled(TenantId tenant, std::span<const Counter> group) = 0;
};

}  // namespace owo::storage

#endif  // OWO_STORAGE_VERIFY_H_
