// Every read of the Store interface, of customers that a test leaves alone: what each answers is a
// text, so that answers of several tiers, states and lives of a store can be compared.
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
  // Nullopt for ReadNeedsDisk(). Other errors are answers, too.
  std::function<std::optional<std::string>(const Store&, const ReadOptions&)> answer;
  // Memory alone never answers it.
  bool always_needs_disk = false;
};

// Customers with everything that a store keeps of one: names, counters of two features, an invoice,
// usage since then, event ids, a request's id. The test fails when they cannot be made.
class QuietCustomers {
 public:
  void Add(Store& store, int count);

  // Reads of what is there and of what is not, in pages and at once. What others do in the same
  // tenant later changes no answer, if their ids sort before "quiet" and their invoices are newer.
  std::vector<StoreRead> Reads() const;
  // Counts an event of each again; the test fails when it is not known as a duplicate.
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
