// Verification of a store: its journal is replayed, and the result is compared with everything that
// is stored. VerifyReport collects the differences; InvoiceRating checks prices and sums.
//
//   LedgerRating rating;   // service/ledger/verify.h
//   // storage/rocksdb/verify/verify.h:
//   OWO_TRY(const VerifyReport report, VerifyRocksStore({.data_dir = "./var"}, &rating));
//   std::cout << report.ToString();
//   return report.differences() == 0 ? 0 : 1;

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

// How many things were compared and what differs, by kind of thing ("invoices", "counters"). Not
// thread-safe.
class VerifyReport {
 public:
  // The most differences described per kind; further ones are only counted.
  static constexpr size_t kDescribedMax = 20;

  struct Kind {
    std::string name;
    uint64_t compared = 0;
    uint64_t differences = 0;
    // The first kDescribedMax of the differences, one line of text each.
    std::vector<std::string> described;
  };

  // Counts things that were compared, equal or not.
  void Compared(std::string_view kind, uint64_t more = 1) { Of(kind).compared += more; }
  // Counts a difference. `what`: which thing it is, and what differs.
  void Differs(std::string_view kind, std::string what);
  // Adds differences that are only counted, as it is not known what they are.
  void DifferMore(std::string_view kind, uint64_t more) { Of(kind).differences += more; }

  // In order of first mention.
  const std::deque<Kind>& kinds() const { return kinds_; }
  // Of all kinds.
  uint64_t differences() const;
  // One line for each kind, with its differences below it, and one line for the whole. Text from
  // the data is made printable.
  std::string ToString() const;

 private:
  Kind& Of(std::string_view name);

  std::deque<Kind> kinds_;
};

// Checks what usage costs and invoices come to; implemented where prices and sums are known. Not
// thread-safe.
class InvoiceRating {
 public:
  virtual ~InvoiceRating() = default;

  // Announces a newer catalog of the tenant. Called before anything is rated with what is new in
  // it. `catalogs` is the same object each time; later calls may read from it.
  virtual absl::Status SetCatalog(TenantId tenant, const CatalogSource& catalogs) = 0;
  // Checks that an invoice adds up: its lines, sums and payments.
  virtual absl::Status CheckSums(const InvoiceRecord& invoice) = 0;
  // Checks that an invoice of these counters, given as in Account::open, has exactly these lines.
  // The error message says what differs.
  virtual absl::Status CheckInvoice(TenantId tenant, const InvoiceRecord& invoice,
                                    std::span<const Counter> open) = 0;
  // Checks that the coverage of each counter, and what `Usage` shows of it, are what its usage
  // costs. `group`: all counters of one customer, feature and period.
  virtual absl::Status CheckUnbilled(TenantId tenant, std::span<const Counter> group) = 0;
};

}  // namespace owo::storage

#endif  // OWO_STORAGE_VERIFY_H_
