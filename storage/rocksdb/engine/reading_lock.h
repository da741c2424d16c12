// Locks a database that is only read. Creates no file, and needs no write permission.
//
//   rocksdb::FileLock* lock = nullptr;
//   IOStatus status = LockForReading(files, "/data/LOCK", options, &lock, debug);
//   UnlockForReading(files, lock, options, debug);

#ifndef OWO_STORAGE_ROCKSDB_ENGINE_READING_LOCK_H_
#define OWO_STORAGE_ROCKSDB_ENGINE_READING_LOCK_H_

#include <rocksdb/file_system.h>

#include <string>

namespace owo::storage {

// True if an operation failed because this process may not write there.
bool MayNotWrite(const rocksdb::Status& status);

// Locks the file if it exists; if it is missing, no server has the database open. The lock is
// exclusive if this process may write to the file, otherwise shared: it excludes a server, whose
// lock is exclusive, but not other readers.
rocksdb::IOStatus LockForReading(rocksdb::FileSystem& files, const std::string& path,
                                 const rocksdb::IOOptions& options, rocksdb::FileLock** lock,
                                 rocksdb::IODebugContext* debug);
// REQUIRES: `lock` comes from LockForReading with the same `files`.
rocksdb::IOStatus UnlockForReading(rocksdb::FileSystem& files, rocksdb::FileLock* lock,
                                   const rocksdb::IOOptions& options,
                                   rocksdb::IODebugContext* debug);

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_ENGINE_READING_LOCK_H_
