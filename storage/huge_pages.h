// Memory for large tables that are looked into at random places. In ordinary pages of 4 KiB nearly
// every look would first have to find out where its page is.
//
//   std::vector<Block, HugePages<Block>> blocks(1 << 20);

#ifndef OWO_STORAGE_HUGE_PAGES_H_
#define OWO_STORAGE_HUGE_PAGES_H_

#include <sys/mman.h>

#include <cstddef>
#include <cstdlib>
#include <limits>
#include <memory>
#include <new>

namespace owo::storage {

// An allocator. From 2 MiB on it asks for pages of that size; if there are none, nothing else
// changes.
template <typename T>
class HugePages {
 public:
  using value_type = T;

  HugePages() = default;
  template <typename U>
  explicit(false) HugePages(const HugePages<U>& /*other*/) {}

  T* allocate(size_t n) {
    if (n < kLarge) return std::allocator<T>().allocate(n);
    if (n > std::numeric_limits<size_t>::max() / 2 / sizeof(T)) throw std::bad_array_new_length();
    const size_t bytes = (n * sizeof(T) + kPage - 1) / kPage * kPage;
    void* const memory = std::aligned_alloc(kPage, bytes);
    if (memory == nullptr) throw std::bad_alloc();
    static_cast<void>(madvise(memory, bytes, MADV_HUGEPAGE));
    return static_cast<T*>(memory);
  }
  void deallocate(T* memory, size_t n) {
    if (n < kLarge) return std::allocator<T>().deallocate(memory, n);
    std::free(memory);
  }

  friend bool operator==(const HugePages& /*a*/, const HugePages& /*b*/) { return true; }

 private:
  static constexpr size_t kPage = 2 << 20;
  static constexpr size_t kLarge = kPage / sizeof(T) + 1;
};

}  // namespace owo::storage

#endif  // OWO_STORAGE_HUGE_PAGES_H_
