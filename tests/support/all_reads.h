// Every read of the Store interface, for customers that a test does not change. Each answer is a
// text, so that the answers of different tiers, states and restarts of a store can be compared.
//
//   QuietCustomers quiet;
//   quiet.Add(*store, 50);
//   const std::vector<StoreRead> reads = quiet.Reads();
//   const std::optional<std::string> before = reads[0].answer(*store, kReadAll);
#ifndef OWO_TESTS_SUPPORT_ALL_READS_H_
#define OWO_TESTS_SUPPORT_ALL_READS_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "storage/store.h"
#include "tests/support/store.h"

namespace owo::storage {

struct StoreRead {
  std::string name;
  // Nullopt for ReadNeedsDisk(). Other errors are answers as well.
  std::function<std::optional<std::string>(const Store&, const ReadOptions&)> answer;
  // True if a read from memory alone never answers it.
  bool always_needs_disk = false;
};

// Customers with everything that a store keeps of one: names, counters of two features, an invoice,
// usage after it, event ids, a request id. The test fails if they cannot be created.
class QuietCustomers {
 public:
  void Add(Store& store, int count);

  // Returns reads of existing and of missing data, in pages and in full. Later changes in the same
  // tenant do not change the answers, if their ids sort before "quiet" and their invoices are
  // newer.
  std::vector<StoreRead> Reads() const;
  // Counts an event of each customer again, and expects a duplicate.
  void ExpectDuplicates(Store& store) const;

 private:
  struct Quiet {
    Subject subject;
    std::string id;
    std::string email;
    std::string request;
    std::string invoice;
    std::string event;
  };
  void AddOne(Store& store);
  void AddReadsOf(const Quiet& quiet, std::vector<StoreRead>& reads) const;

  std::vector<Quiet> customers_;
};

}  // namespace owo::storage

#endif  // OWO_TESTS_SUPPORT_ALL_READS_H_
