// Compares the index of event ids with the journal, without keeping ids in memory: both sides are
// summed, and only where the sums differ are ids compared one by one.
//
//   IdSums journal, stored;
//   journal.Add(tenant, event.id, row); …
//   OWO_RETURN_IF_ERROR(SumStoredIds(database, stopped, stored));
//   OWO_RETURN_IF_ERROR(CompareIds(database, journal, stored, archive, report));

#ifndef OWO_STORAGE_ROCKSDB_VERIFY_VERIFY_IDS_H_
#define OWO_STORAGE_ROCKSDB_VERIFY_VERIFY_IDS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "storage/rocksdb/engine/database.h"
#include "storage/rocksdb/ids/ids.h"
#include "storage/verify.h"

namespace owo::storage {

// A multiset of id rows, represented by sums of their hashes in buckets by id. Equal multisets have
// equal sums; different ones differ in some bucket, except with probability 2^-128. Hashes are
// seeded per process.
class IdSums {
 public:
  static constexpr size_t kBuckets = 1 << 16;
  struct Bucket {
    uint64_t rows = 0;
    uint64_t sum = 0;
    uint64_t other_sum = 0;
    friend bool operator==(const Bucket&, const Bucket&) = default;
  };

  // Rows of records before `first_sequence` are archived: the journal may lack their events.
  explicit IdSums(uint64_t first_sequence = 1)
      : first_sequence_(first_sequence), buckets_(kBuckets) {}
  static size_t BucketOf(TenantId tenant, const EventId& id);
  void Add(TenantId tenant, const EventId& id, const IdRow& row);

  const std::vector<Bucket>& buckets() const { return buckets_; }
  uint64_t rows() const { return rows_; }
  uint64_t first_sequence() const { return first_sequence_; }
  // The number of archived rows, which are in no bucket, and the sum of IdSum() over them.
  uint64_t archived_rows() const { return archived_rows_; }
  uint64_t archived_sum() const { return archived_sum_; }
  // Rows that do not parse: differences that the sums do not show.
  std::vector<std::string> unreadable;

 private:
  const uint64_t first_sequence_;
  std::vector<Bucket> buckets_;
  uint64_t rows_ = 0;
  uint64_t archived_rows_ = 0;
  uint64_t archived_sum_ = 0;
};

// Sums up the stored index.
absl::Status SumStoredIds(const Database& database, const std::function<bool()>& stopped,
                          IdSums& sums);

// Reports where the stored index differs from the journal's events. For archived events, reports
// only whether it differs.
absl::Status CompareIds(const Database& database, const IdSums& journal, const IdSums& stored,
                        const ArchiveStateRecord& archive, VerifyReport& report);

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_VERIFY_VERIFY_IDS_H_
