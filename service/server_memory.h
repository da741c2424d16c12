// Divides --memory_mib among the consumers of memory that grow with load.
//
//   MemoryBudget budget = DivideMemory(512);
//   options.cache_bytes = budget.cache_bytes;
//
// Memory that does not grow with load (code, threads, allocations of libraries) is not included: in
// total the server uses up to 64 MiB more.

#ifndef OWO_SERVICE_SERVER_MEMORY_H_
#define OWO_SERVICE_SERVER_MEMORY_H_

#include <cstddef>
#include <cstdint>

namespace owo::service {

inline constexpr int kMemoryMibMin = 128;
inline constexpr int kMemoryMibMax = 1 << 20;

struct MemoryBudget {
  size_t unflushed_events_max = 0;  // these five: as in storage::OpenOptions
  size_t cached_max = 0;            //
  size_t memtable_bytes = 0;        //
  size_t cache_bytes = 0;           //
  size_t id_filter_bytes = 0;       //
  size_t customers_bytes = 0;       // bytes of customers cached by ledger::Directory
  size_t terms_bytes = 0;           // bytes of plan versions cached by it
  size_t transport_bytes = 0;       // used by gRPC: connections, incoming requests
  size_t read_bytes = 0;            // requests and answers of reads in flight
  size_t write_bytes = 0;           // requests and answers of all other calls in flight
  int64_t refusals_max = 0;         // refused calls whose refusal was not sent
};

// REQUIRES: kMemoryMibMin <= mib <= kMemoryMibMax.
MemoryBudget DivideMemory(int mib);

}  // namespace owo::service

#endif  // OWO_SERVICE_SERVER_MEMORY_H_
