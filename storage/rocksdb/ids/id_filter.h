// Tells of most ids that were never counted that they are new, without looking for them: a blocked
// Bloom filter, of which a lookup reads one line of memory.
//
//   IdFilter filter(32 << 20);
//   filter.Add(hash);
//   filter.MayHave(hash);   // true; of another hash most often false
//
// At 10 bits an id one of a hundred that are new is not told so; at half of that, one of eight.

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

// Thread-safe. Takes hashes that are spread evenly.
class IdFilter {
 public:
  // As many bytes as a power of two that is not greater has; at least 64.
  explicit IdFilter(size_t bytes) : blocks_(std::bit_floor(std::max(bytes, sizeof(Block))) / 64) {}

  size_t bits() const { return blocks_.size() * sizeof(Block) * 8; }

  void Add(uint64_t hash) {
    Block& block = blocks_[BlockOf(hash)];
    for (size_t i = 0; i < block.size(); ++i) {
      const uint64_t bit = BitOf(hash, i);
      if ((block[i].load(std::memory_order_relaxed) & bit) != 0) continue;
      block[i].fetch_or(bit, std::memory_order_relaxed);
    }
  }

  bool MayHave(uint64_t hash) const {
    const Block& block = blocks_[BlockOf(hash)];
    for (size_t i = 0; i < block.size(); ++i) {
      if ((block[i].load(std::memory_order_relaxed) & BitOf(hash, i)) == 0) return false;
    }
    return true;
  }

  void Prefetch(uint64_t hash) const { storage::Prefetch(&blocks_[BlockOf(hash)]); }

 private:
  // A bit of each word: what is looked at lies in one line.
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
