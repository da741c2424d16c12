// The store's memory is bounded, however many customers there are.

#include <gtest/gtest.h>
#include <malloc.h>

#include <string>
#include <vector>

#include "storage/rocksdb/open.h"
#include "tests/support/long_run.h"
#include "tests/support/store.h"
#include "tests/support/temp_dir.h"

namespace owo::storage {
namespace {

// Returns the memory that is allocated and not freed; 0 if the allocator does not count.
double HeapMib() {
  const struct mallinfo2 info = mallinfo2();
  return static_cast<double>(info.uordblks + info.hblkhd) / (1 << 20);
}

// Creates customers with these numbers, and counts an event of each.
void AddCustomers(Store& store, int from, int to) {
  for (int i = from; i < to; ++i) {
    const Subject subject = AddSubject(store, "customer-" + std::to_string(i));
    const std::string id = "event-" + std::to_string(i);
    ASSERT_EQ(TrackOne(store, subject, subject.Event(id, 1)).code, TrackCode::kCounted);
  }
}

TEST(MemoryTest, ACustomerWithOneEventTakesNoneForEver) {
  if (HeapMib() == 0) GTEST_SKIP() << "the allocator does not count";
  const int some = IsLongRun() ? 250'000 : 3'000;
  const int more = IsLongRun() ? 1'000'000 : 8'000;
  const TempDir dir;
  auto store = OpenRocksStore({.data_dir = dir.path(),
                               .sync = false,
                               .unflushed_events_max = 1'000,
                               .cached_max = 1'000,
                               .memtable_bytes = 1 << 20,
                               .cache_bytes = 1 << 20});
  ASSERT_TRUE(store.ok()) << store.status();
  AddCustomers(**store, 0, some);
  const double before = HeapMib();
  AddCustomers(**store, some, more);
  const double grown = HeapMib() - before;
  std::cout << "after " << some << " customers: " << before << " MiB; after " << more << ": "
            << grown << " MiB more" << std::endl;
  // A cached customer takes 1 KiB. Metadata of tables grows by a ten-thousandth of the stored data.
  EXPECT_LT(grown, IsLongRun() ? 16 : 4);
}

}  // namespace
}  // namespace owo::storage
