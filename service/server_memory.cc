#include "service/server_memory.h"

#include <algorithm>

namespace owo::service {
namespace {

// Shares of the total, in sixteenths.
constexpr size_t kShares = 16;
constexpr size_t kUnflushedEvents = 4;
constexpr size_t kCached = 3;
constexpr size_t kMemtables = 2;
constexpr size_t kCache = 2;
constexpr size_t kIdFilter = 1;
constexpr size_t kCustomers = 2;
constexpr size_t kTransport = 1;
constexpr size_t kCalls = 1;  // half of it for reads
static_assert(kUnflushedEvents + kCached + kMemtables + kCache + kIdFilter + kCustomers +
                  kTransport + kCalls ==
              kShares);

// Bytes per item. Unflushed event: its slot in the id table, a second one while a run is written,
// and its entry in the sort index. Counter: the copy in the account cache and the one in its
// account snapshot.
constexpr size_t kBytesPerEvent = 140;
constexpr size_t kBytesPerCounter = 640;

// Refusals that were not sent are part of what gRPC uses. Each takes about 12 KiB until then.
constexpr size_t kBytesPerRefusal = 12 << 10;

// The share of customers is divided: 1/kTermsPart of it holds the terms of their plans.
constexpr size_t kTermsPart = 8;

// The limit of unflushed events is this number, halved until it fits its share. More events would
// make opening after a crash take longer.
constexpr size_t kEventsMax = 900'000;

}  // namespace

MemoryBudget DivideMemory(int mib) {
  const size_t bytes = static_cast<size_t>(mib) << 20;
  const auto share = [bytes](size_t sixteenths) { return bytes / kShares * sixteenths; };
  const size_t terms_bytes = share(kCustomers) / kTermsPart;
  MemoryBudget budget{.unflushed_events_max = kEventsMax,
                      .cached_max = share(kCached) / kBytesPerCounter,
                      .memtable_bytes = share(kMemtables),
                      .cache_bytes = share(kCache),
                      .id_filter_bytes = share(kIdFilter),
                      .customers_bytes = share(kCustomers) - terms_bytes,
                      .terms_bytes = terms_bytes,
                      .transport_bytes = share(kTransport),
                      .read_bytes = share(kCalls) / 2,
                      .write_bytes = share(kCalls) / 2,
                      .refusals_max = static_cast<int64_t>(share(kTransport) / kBytesPerRefusal)};
  while (budget.unflushed_events_max * kBytesPerEvent > share(kUnflushedEvents)) {
    budget.unflushed_events_max /= 2;
  }
  return budget;
}

}  // namespace owo::service
