// Memory for large tables with random access. With ordinary 4 KiB pages nearly every access would
// miss the TLB.
//
//   std::vector<Block, HugePages<Block>> blocks(1 << 20);

#ifndef OWO_STORAGE_UTIL_HUGE_PAGES_H_
#define OWO_STORAGE_UTIL_HUGE_PAGES_H_

#include <sys/mman.h>

#include <cstddef>
#include <limits>
#include <memory>
#include <new>

namespace owo::storage {

// An allocator. From 2 MiB on it asks the kernel for huge pages (2 MiB), and falls back to ordinary
// ones. The kernel may take a while to provide a huge page when it is first touched.
template <typename T>
class HugePages {
 public:
  using value_type = T;

  HugePages() = default;
  template <typename U>
  explicit HugePages(const HugePages<U>& /*other*/) {}

  T* allocate(size_t n) {
    if (n < kLarge) return std::allocator<T>().allocate(n);
    if (n > std::numeric_limits<size_t>::max() / sizeof(T)) throw std::bad_array_new_length();
    void* const memory = mmap(nullptr, n * sizeof(T), PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS, /*fd=*/-1, /*offset=*/0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    static_cast<void>(madvise(memory, n * sizeof(T), MADV_HUGEPAGE));
    return static_cast<T*>(memory);
  }
  void deallocate(T* memory, size_t n) {
    if (n < kLarge) return std::allocator<T>().deallocate(memory, n);
    munmap(memory, n * sizeof(T));
  }

  friend bool operator==(const HugePages& /*a*/, const HugePages& /*b*/) { return true; }

 private:
  static constexpr size_t kLarge = ((2 << 20) + sizeof(T) - 1) / sizeof(T);
};

}  // namespace owo::storage

#endif  // OWO_STORAGE_UTIL_HUGE_PAGES_H_
