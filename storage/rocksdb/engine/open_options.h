// How a store is opened: where its data is, its bounds, and whom it reports to.

#ifndef OWO_STORAGE_ROCKSDB_ENGINE_OPEN_OPTIONS_H_
#define OWO_STORAGE_ROCKSDB_ENGINE_OPEN_OPTIONS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "storage/types.h"

namespace rocksdb {
class Env;
}

namespace owo::storage {

// Dropping old events from the journal: docs/decisions/0005-dropping-old-events.md.
struct RetainOptions {
  // Of periods that ended longer ago, and of which nothing is unbilled, events are not kept. 0: all
  // are kept for ever.
  Micros age = 0;
  std::function<Micros()> clock;  // empty: the machine's
  // Between looks for something to drop.
  absl::Duration pause = absl::Minutes(1);
  // Called at most once, on a thread of the store's, when nothing will be dropped any more until
  // the store is opened again. Everything else goes on.
  std::function<void(const absl::Status&)> on_failure;
};

// Reading every table, while the store is open.
struct ScrubOptions {
  // From one time to the next; the first one follows after an hour at most. 0: never.
  absl::Duration every;
  // Called for each table that is damaged or cannot be read, every time, on a thread of the
  // store's. Everything goes on: what is read of a damaged block is refused.
  std::function<void(const absl::Status&)> on_damage;
};

// Writing goes on after an outage: the disk was full, and has room again.
struct Resumption {
  uint64_t records = 0;     // that were replayed from the journal
  absl::Duration outage;    // how long nothing was written
  uint64_t unreported = 0;  // shorter outages before this one, of which nothing was reported
};

// Reports about a disk that is full, on the writing thread, which must not be held up.
struct OutageOptions {
  // Writes are refused until there is room; the status says what met the full disk.
  std::function<void(const absl::Status&)> on_disk_full;
  // Called once for every call of on_disk_full.
  std::function<void(const Resumption&)> on_resume;
  // From one outage that is reported to the next: one that ends within this time after the report
  // of another is only counted.
  absl::Duration pause = absl::Minutes(1);
};

struct OpenOptions {
  std::string data_dir;
  // False: answers do not wait for the disk; a power loss loses acknowledged writes.
  bool sync = true;
  // Writes that may wait; beyond, RESOURCE_EXHAUSTED.
  size_t queue_max = 4096;
  // And events in them, with those that are not answered yet; each takes up to about a KiB.
  size_t queue_events_max = 65'536;
  // Events whose ids and counters are kept in memory only, beside the journal: the more, the longer
  // opening takes after a kill (a million: less than a second).
  size_t unflushed_events_max = 900'000;
  // Counters and accounts kept in memory for writing; beyond, they are read again.
  size_t cached_max = 200'000;
  // Bytes of rows kept in memory before they are written to tables.
  size_t memtable_bytes = 64 << 20;
  // Bytes of tables kept in memory: rows read lately, indexes, filters, and what tables that are
  // open take.
  size_t cache_bytes = 64 << 20;
  // Tables kept open, at most; each takes a descriptor. Fewer where half of the descriptors that
  // the process may have are fewer.
  size_t open_tables_max = 512;
  // Bytes of a table, about, once rows have been merged.
  size_t table_bytes = 64 << 20;
  // Bytes of what tells of most ids that they are new, at 10 bits an id; 0: they are looked for.
  size_t id_filter_bytes = 32 << 20;
  RetainOptions retain;
  ScrubOptions scrub;
  OutageOptions outage;
  // Called once, on the writing thread, when a write failed and none will be accepted any more.
  std::function<void(const absl::Status&)> on_failure;
  // Null: the machine's file system. Outlives the store.
  rocksdb::Env* env = nullptr;
};

// Whether opening failed so because another process, or this one, has the directory open.
bool IsInUse(const absl::Status& opening);

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_ENGINE_OPEN_OPTIONS_H_
