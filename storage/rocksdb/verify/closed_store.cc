#include "storage/rocksdb/verify/closed_store.h"

#include <rocksdb/env.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "storage/rocksdb/commit/committer.h"
#include "storage/rocksdb/engine/replace_file.h"
#include "storage/rocksdb/read/account_snapshots.h"
#include "storage/util/try.h"

namespace owo::storage {
namespace {

bool IsForbidden(absl::string_view message) {
  return absl::StrContains(message, std::strerror(EACCES)) ||
         absl::StrContains(message, std::strerror(EPERM));
}

absl::Status Forbidden(const std::string& data_dir, absl::string_view why) {
  return absl::PermissionDeniedError(
      absl::StrCat("this user may not read all of ", data_dir, ": ", why));
}

// RocksDB treats a directory that may not be listed like a missing one, so check permissions first.
absl::Status CheckReadable(const std::string& data_dir) {
  for (const char* const part : {"", "/db", "/sealed", "/sealed/db"}) {
    const std::string directory = data_dir + part;
    if (access(directory.c_str(), R_OK | X_OK) == 0 || errno != EACCES) continue;
    return Forbidden(data_dir, absl::StrCat(directory, ": ", std::strerror(EACCES)));
  }
  return absl::OkStatus();
}

absl::Status InUse(const absl::Status& opening, const std::string& data_dir) {
  return absl::FailedPreconditionError(
      absl::StrCat(data_dir, " is in use by another process, which has to stop first (",
                   opening.message(), ")"));
}

// Starts and ends the writing of a store, as a server does: replays the journal's tail, and flushes
// all rows.
absl::Status FlushAllRows(const OpenOptions& opening) {
  OWO_TRY(const std::unique_ptr<Database> database,
          Database::Open(opening, Database::OnFullDisk::kRead));
  AccountSnapshots snapshots;
  return Committer(*database, snapshots, opening).Start();
}

}  // namespace

absl::Status CheckThere(const std::string& data_dir, rocksdb::Env* env) {
  if (env == nullptr) {
    OWO_RETURN_IF_ERROR(CheckReadable(data_dir));
    env = rocksdb::Env::Default();
  }
  for (const char* const file : {"/WATERMARK", "/CURRENT", "/db/CURRENT"}) {
    OWO_TRY(const bool there, HasFile(*env, data_dir + file));
    if (there) return absl::OkStatus();
  }
  std::vector<std::string> tables;
  env->GetChildren(data_dir + "/db", &tables).PermitUncheckedError();
  if (!tables.empty()) return absl::OkStatus();
  return absl::NotFoundError(absl::StrCat("there is no store in ", data_dir));
}

absl::StatusOr<std::unique_ptr<Database>> OpenClosed(const std::string& data_dir,
                                                     const Overlay& overlay) {
  const OpenOptions opening{.data_dir = data_dir, .env = overlay.env()};
  const absl::Status flushed = FlushAllRows(opening);
  if (IsInUse(flushed)) return InUse(flushed, data_dir);
  OWO_RETURN_IF_ERROR(flushed);
  return Database::Open(opening);
}

absl::Status NameForbidden(const absl::Status& status, const std::string& data_dir) {
  if (!absl::IsUnavailable(status) || !IsForbidden(status.message())) return status;
  return Forbidden(data_dir, status.message());
}

}  // namespace owo::storage
