// A blocked Bloom filter of event ids. It recognizes most new ids without a lookup in the index,
// and reads one cache line per query.
//
//   IdFilter filter(32 << 20);
//   filter.Add(hash);
//   filter.MayHave(hash);   // true; for a hash that was not added, false in most cases
//
// False positives: about 1 in 100 at 10 bits per id, 1 in 8 at 5 bits per id.

#ifndef OWO_STORAGE_ROCKSDB_IDS_ID_FILTER_H_
#define OWO_STORAGE_ROCKSDB_IDS_ID_FILTER_H_

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "storage/util/huge_pages.h"
#include "storage/util/prefetch.h"

namespace owo::storage {

// Thread-safe. Hashes must be uniformly distributed.
class IdFilter {
 public:
  // Allocates `bytes`, rounded down to a power of two; at least 64.
  explicit IdFilter(size_t bytes) : blocks_(std::bit_floor(std::max(bytes, sizeof(Block))) / 64) {}

  size_t bits() const { return blocks_.size() * sizeof(Block) * 8; }

  // Adds the id with this hash.
  void Add(uint64_t hash) {
    Block& block = blocks_[BlockOf(hash)];
    for (size_t i = 0; i < block.size(); ++i) {
      const uint64_t bit = BitOf(hash, i);
      if ((block[i].load(std::memory_order_relaxed) & bit) != 0) continue;
      block[i].fetch_or(bit, std::memory_order_relaxed);
    }
  }

  // False if the id with this hash was certainly not added.
  bool MayHave(uint64_t hash) const {
    const Block& block = blocks_[BlockOf(hash)];
    for (size_t i = 0; i < block.size(); ++i) {
      if ((block[i].load(std::memory_order_relaxed) & BitOf(hash, i)) == 0) return false;
    }
    return true;
  }

  void Prefetch(uint64_t hash) const { storage::Prefetch(&blocks_[BlockOf(hash)]); }

 private:
  // A hash selects one bit of each word, so a query reads one cache line.
  using Word = std::atomic<uint64_t>;
  struct alignas(64) Block : std::array<Word, 8> {};
  static_assert(sizeof(Block) == 64);

  size_t BlockOf(uint64_t hash) const {
    return static_cast<size_t>((hash * 0x9e3779b97f4a7c15) >> 32) & (blocks_.size() - 1);
  }
  static uint64_t BitOf(uint64_t hash, size_t word) {
    return uint64_t{1} << (hash >> 6 * word & 63);
  }

  std::vector<Block, HugePages<Block>> blocks_;
};

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_IDS_ID_FILTER_H_
