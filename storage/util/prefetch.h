// Prefetches memory that will be read soon into the CPU caches.
//
//   Prefetch(&blocks[next]);

#ifndef OWO_STORAGE_UTIL_PREFETCH_H_
#define OWO_STORAGE_UTIL_PREFETCH_H_

#include <cstddef>

namespace owo::storage {

inline void Prefetch(const void* at) {
  __builtin_prefetch(at);
  // Without this, GCC 12 treats the function as free of effects, and drops calls of it.
  asm volatile("");
}

template <typename Object>
void PrefetchAll(const Object& object) {
  constexpr size_t kLine = 64;
  for (size_t at = 0; at < sizeof object; at += kLine) {
    Prefetch(reinterpret_cast<const char*>(&object) + at);
  }
}

}  // namespace owo::storage

#endif  // OWO_STORAGE_UTIL_PREFETCH_H_
