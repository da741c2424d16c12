// Random operations on a store: events, corrections, repeats, invoices and their changes, and
// changes of customers, catalogs, tenants and keys, in two tenants.
//
//   Workload workload;
//   for (int i = 0; i < 500; ++i) workload.Step(*store, random);
#ifndef OWO_TESTS_STORAGE_ROCKSDB_WORKLOAD_H_
#define OWO_TESTS_STORAGE_ROCKSDB_WORKLOAD_H_

#include <cstdint>
#include <vector>

#include "storage/store.h"
#include "tests/support/random.h"
#include "tests/support/store.h"

namespace owo::storage {

// The store may be reopened between steps. The test fails if a step is not answered with OK.
class Workload {
 public:
  void Step(Store& store, Random& random);

 private:
  void AddCustomer(Store& store, Random& random);
  void Track(Store& store, Random& random);
  void MakeInvoice(Store& store, Random& random);
  void UpdateInvoice(Store& store, Random& random);
  void UpdateCustomer(Store& store, Random& random);
  static void ChangeSubscriptions(ContractRecord& contract, Random& random);
  void PutCatalog(Store& store, Random& random);
  static void PutAccess(Store& store, Random& random);

  TrackEvent AnyEvent(const Subject& subject, Random& random);
  Subject& AnySubject(Random& random);

  std::vector<Subject> subjects_;
  uint64_t events_ = 0;
  uint64_t invoices_ = 0;
};

}  // namespace owo::storage

#endif  // OWO_TESTS_STORAGE_ROCKSDB_WORKLOAD_H_
