// How --memory_mib is divided among what grows with load.
//
//   MemoryBudget budget = DivideMemory(512);
//   options.cache_bytes = budget.cache_bytes;
//
// What does not grow (code, threads, the libraries' own) is not part of it: together the server
// takes up to 64 MiB more.

#ifndef OWO_SERVICE_SERVER_MEMORY_H_
#define OWO_SERVICE_SERVER_MEMORY_H_

#include <cstddef>

namespace owo::service {

inline constexpr int kMemoryMibMin = 128;
inline constexpr int kMemoryMibMax = 1 << 20;

struct MemoryBudget {
  size_t unflushed_events_max = 0;  // storage::OpenOptions, and so on
  size_t cached_max = 0;            //
  size_t memtable_bytes = 0;        //
  size_t cache_bytes = 0;           //
  size_t id_filter_bytes = 0;       //
  size_t customers_max = 0;         // that ledger::Directory keeps
  size_t terms_bytes = 0;           // of plan versions that it keeps
  size_t transport_bytes = 0;       // gRPC's own: connections, requests that arrive
  size_t read_bytes = 0;            // requests and answers of reads in flight
  size_t write_bytes = 0;           // and of all other calls
};

// REQUIRES: kMemoryMibMin <= mib <= kMemoryMibMax.
MemoryBudget DivideMemory(int mib);

}  // namespace owo::service

#endif  // OWO_SERVICE_SERVER_MEMORY_H_
