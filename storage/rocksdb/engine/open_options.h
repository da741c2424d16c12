// Options for opening a store: its directory, its limits, and its callbacks.

#ifndef OWO_STORAGE_ROCKSDB_ENGINE_OPEN_OPTIONS_H_
#define OWO_STORAGE_ROCKSDB_ENGINE_OPEN_OPTIONS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "storage/backup.h"
#include "storage/types.h"

namespace rocksdb {
class Env;
}

namespace owo::storage {

// Dropping old events from the journal: docs/decisions/0005-dropping-old-events.md.
struct RetainOptions {
  // Events are dropped once their period ended longer ago than this and has nothing unbilled. In
  // microseconds; 0: all events are kept forever.
  Micros age = 0;
  std::function<Micros()> clock;  // empty: the machine's clock
  // Time between two searches for events to drop.
  absl::Duration pause = absl::Minutes(1);
  // Called at most once, on one of the store's threads, when no more events will be dropped until
  // the store is reopened. Everything else continues.
  std::function<void(const absl::Status&)> on_failure;
};

// Periodic reading of every table, to find damage while the store is open.
struct ScrubOptions {
  // Time between two passes. The first one starts after at most an hour. 0: never.
  absl::Duration every;
  // Called for each table that is damaged or cannot be read, in every pass, on one of the store's
  // threads. The store continues; reads of a damaged block fail.
  std::function<void(const absl::Status&)> on_damage;
};

// Reported when writing resumes after an outage: the disk was full, and has room again.
struct Resumption {
  uint64_t records = 0;     // replayed from the journal
  absl::Duration outage;    // how long nothing was written
  uint64_t unreported = 0;  // earlier, shorter outages that were not reported
};

// Callbacks for a full disk. They run on the writing thread, and must not block.
struct OutageOptions {
  // Store::Writable() has changed: false when the disk is full, true when writing resumes. Called
  // for every outage, however short; nothing below limits it.
  std::function<void(bool writable)> on_writable;
  // Writes are refused until there is room. The status is the error of what met the full disk.
  std::function<void(const absl::Status&)> on_disk_full;
  // Called once for every call of on_disk_full.
  std::function<void(const Resumption&)> on_resume;
  // Minimum time between reports: an outage that ends within this time after the report of another
  // one is only counted (Resumption::unreported).
  absl::Duration pause = absl::Minutes(1);
};

// What opening did to bring the rows up to the journal's end.
struct Recovery {
  absl::Duration duration;  // of opening as a whole
  uint64_t events = 0;      // replayed from the journal
};

// What one commit wrote.
struct CommitReport {
  size_t events = 0;        // in it, counted or not
  size_t bytes = 0;         // of all rows
  absl::Duration duration;  // of the write, with its fsync
};

struct OpenOptions {
  std::string data_dir;
  // False: writes are answered before they are on disk; a power loss loses acknowledged writes.
  bool sync = true;
  // The most writes that may wait; further ones are refused with RESOURCE_EXHAUSTED.
  size_t queue_max = 4096;
  // The most events in waiting and unanswered writes; each event takes up to about 1 KiB.
  size_t queue_events_max = 65'536;
  // About how many events may have their ids and counters only in memory and in the journal. The
  // more, the longer opening takes after a kill (a million: less than a second).
  size_t unflushed_events_max = 900'000;
  // The most counters and accounts cached for writing; others are read again when needed.
  size_t cached_max = 200'000;
  // Bytes of rows in memory before they are written to tables.
  size_t memtable_bytes = 64 << 20;
  // Bytes of the block cache: recently read rows, indexes, filters, and memory for open tables.
  size_t cache_bytes = 64 << 20;
  // The most open tables; each takes a file descriptor. Capped at half of the process's descriptor
  // limit.
  size_t open_tables_max = 512;
  // About how many bytes a table has once rows have been merged.
  size_t table_bytes = 64 << 20;
  // Bytes of a filter that recognizes most new ids, at 10 bits per id. 0: every id is looked up.
  size_t id_filter_bytes = 32 << 20;
  RetainOptions retain;
  ScrubOptions scrub;
  OutageOptions outage;
  BackupOptions backup;
  // Called once, by the call that opens the store, when it is open. Empty: nobody is told.
  std::function<void(const Recovery&)> on_recovery;
  // Called once, on the writing thread, when a write failed and no more will be accepted.
  std::function<void(const absl::Status&)> on_failure;
  // Called after each commit that wrote something, on the writing thread; must not block. Empty:
  // commits are not timed.
  std::function<void(const CommitReport&)> on_commit;
  // Opens a directory although it is being restored (kRestoringFile).
  bool restoring = false;
  // Null: the machine's file system. Must outlive the store.
  rocksdb::Env* env = nullptr;
};

// True if opening failed because a process (this one or another) has the directory open.
bool IsInUse(const absl::Status& opening);

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_ENGINE_OPEN_OPTIONS_H_
