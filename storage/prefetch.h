// Begins to load what will be looked at soon.
//
//   Prefetch(&blocks[next]);

#ifndef OWO_STORAGE_PREFETCH_H_
#define OWO_STORAGE_PREFETCH_H_

namespace owo::storage {

inline void Prefetch(const void* at) {
  __builtin_prefetch(at);
  // GCC 12 takes a function that only prefetches for one without effect, and drops the calls of it.
  asm volatile("");
}

}  // namespace owo::storage

#endif  // OWO_STORAGE_PREFETCH_H_
