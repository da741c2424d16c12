#include "tests/storage/contract/store_contract.h"

#include <rocksdb/env.h>

#include "storage/rocksdb/open.h"

namespace owo::storage {
namespace {

class RocksInMemory : public Place {
 public:
  // `cached_max` bounds the counters and accounts that the writer keeps in memory,
  // `unflushed_events_max` the events whose rows are not flushed.
  RocksInMemory(size_t cached_max, size_t unflushed_events_max)
      : cached_max_(cached_max), unflushed_events_max_(unflushed_events_max) {}

  absl::StatusOr<std::unique_ptr<Store>> Open(size_t queue_max) override {
    return OpenRocksStore({.data_dir = "/data",
                           .queue_max = queue_max,
                           .unflushed_events_max = unflushed_events_max_,
                           .cached_max = cached_max_,
                           .env = memory_.get()});
  }

 private:
  const size_t cached_max_;
  const size_t unflushed_events_max_;
  const std::unique_ptr<rocksdb::Env> memory_{rocksdb::NewMemEnv(rocksdb::Env::Default())};
};

}  // namespace

std::vector<StoreKind> StoreKinds() {
  const auto rocks = [](size_t cached_max, size_t unflushed_events_max) {
    return [=] { return std::make_unique<RocksInMemory>(cached_max, unflushed_events_max); };
  };
  // Uncached: every commit reads the rows of the previous one. Hurried: rows and ids are flushed
  // after a few events.
  return {{"Rocks", true, rocks(1000, 900'000)},
          {"RocksUncached", true, rocks(1, 900'000)},
          {"RocksHurried", true, rocks(1000, 10)}};
}

}  // namespace owo::storage
