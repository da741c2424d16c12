#include "storage/rocksdb/verify/verify.h"

#include <rocksdb/env.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "storage/rocksdb/commit/committer.h"
#include "storage/rocksdb/engine/database.h"
#include "storage/rocksdb/engine/overlay.h"
#include "storage/rocksdb/engine/reading_lock.h"
#include "storage/rocksdb/engine/replace_file.h"
#include "storage/rocksdb/engine/table_files.h"
#include "storage/rocksdb/read/account_snapshots.h"
#include "storage/rocksdb/verify/verify_archive.h"
#include "storage/rocksdb/verify/verify_ids.h"
#include "storage/rocksdb/verify/verify_journal.h"
#include "storage/rocksdb/verify/verify_rows.h"
#include "storage/util/thread.h"
#include "storage/util/try.h"

namespace owo::storage {
namespace {

constexpr char kFiles[] = "files";
constexpr char kJournal[] = "journal records";
constexpr char kNothingElse[] = "; nothing else was compared";

rocksdb::Env& EnvOf(const VerifyOptions& options) {
  return options.env != nullptr ? *options.env : *rocksdb::Env::Default();
}

bool IsForbidden(absl::string_view message) {
  return absl::StrContains(message, std::strerror(EACCES)) ||
         absl::StrContains(message, std::strerror(EPERM));
}

absl::Status Forbidden(const std::string& data_dir, absl::string_view why) {
  return absl::PermissionDeniedError(
      absl::StrCat("this user may not read all of ", data_dir, ": ", why));
}

// RocksDB treats a directory that may not be listed like a missing one, so check permissions first.
absl::Status CheckReadable(const VerifyOptions& options) {
  if (options.env != nullptr) return absl::OkStatus();
  for (const char* const part : {"", "/db", "/sealed", "/sealed/db"}) {
    const std::string directory = options.data_dir + part;
    if (access(directory.c_str(), R_OK | X_OK) == 0 || errno != EACCES) continue;
    return Forbidden(options.data_dir, absl::StrCat(directory, ": ", std::strerror(EACCES)));
  }
  return absl::OkStatus();
}

// A store without a watermark counts as present: it is damaged.
absl::Status CheckThere(const VerifyOptions& options) {
  OWO_RETURN_IF_ERROR(CheckReadable(options));
  for (const char* const file : {"/WATERMARK", "/CURRENT", "/db/CURRENT"}) {
    OWO_TRY(const bool there, HasFile(EnvOf(options), options.data_dir + file));
    if (there) return absl::OkStatus();
  }
  std::vector<std::string> tables;
  EnvOf(options).GetChildren(options.data_dir + "/db", &tables).PermitUncheckedError();
  if (!tables.empty()) return absl::OkStatus();
  return absl::NotFoundError(absl::StrCat("there is no store in ", options.data_dir));
}

std::string ScratchPath(const VerifyOptions& options, const std::filesystem::path& directory) {
  std::filesystem::path data = std::filesystem::path(options.data_dir).lexically_normal();
  if (!data.has_filename()) data = data.parent_path();
  const std::filesystem::path in = directory.empty() ? data.parent_path() : directory;
  const std::string name = data.filename().string();
  return (in / absl::StrCat(name, ".verify-", absl::ToUnixMicros(absl::Now()))).string();
}

// The scratch database, which exists only while verify runs.
class Scratch {
 public:
  explicit Scratch(rocksdb::Env& env) : env_(env) {}

  absl::Status Open(const VerifyOptions& options) {
    path_ = ScratchPath(options, options.scratch_dir);
    rocksdb::Status made = env_.CreateDirIfMissing(path_);
    if (MayNotWrite(made) && options.scratch_dir.empty()) {
      std::error_code error;
      path_ = ScratchPath(options, std::filesystem::temp_directory_path(error));
      made = env_.CreateDirIfMissing(path_);
      if (options.on_note) {
        options.on_note(absl::StrCat("next to the data nothing can be written; the scratch is ",
                                     path_, ", and --scratch_dir names another place"));
      }
    }
    if (!made.ok()) {
      return absl::UnavailableError(absl::StrCat("cannot make the scratch directory ", path_, " (",
                                                 made.ToString(),
                                                 "): name another with --scratch_dir"));
    }
    OWO_TRY(database_, Database::Open({.data_dir = path_, .sync = false, .env = &env_}));
    return absl::OkStatus();
  }
  // REQUIRES: it is open.
  Database& database() { return *database_; }

  absl::Status Remove() {
    database_.reset();
    if (path_.empty() || !env_.FileExists(path_).ok()) return absl::OkStatus();
    rocksdb::Options options;
    options.env = &env_;
    OWO_RETURN_IF_ERROR(FromRocks(rocksdb::DestroyDB(path_ + "/db", options)));
    for (const char* file : {"/LOCK", "/WATERMARK"}) {
      if (!env_.FileExists(path_ + file).ok()) continue;
      OWO_RETURN_IF_ERROR(FromRocks(env_.DeleteFile(path_ + file)));
    }
    return FromRocks(env_.DeleteDir(path_));
  }

 private:
  rocksdb::Env& env_;
  std::string path_;  // "" before Open
  std::unique_ptr<Database> database_;
};

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

absl::StatusOr<std::unique_ptr<Database>> OpenUpToDate(const VerifyOptions& options,
                                                       rocksdb::Env* env) {
  const OpenOptions opening{.data_dir = options.data_dir, .env = env};
  const absl::Status brought = FlushAllRows(opening);
  if (IsInUse(brought)) return InUse(brought, options.data_dir);
  OWO_RETURN_IF_ERROR(brought);
  return Database::Open(opening);
}

// Adds damage (DATA_LOSS) to the report. Returns all other failures.
absl::Status Report(const absl::Status& status, std::string_view kind, VerifyReport& report) {
  if (!absl::IsDataLoss(status)) return status;
  report.Differs(kind, std::string(status.message()));
  return absl::OkStatus();
}

absl::Status CompareAll(const Database& stored, Database& scratch, const VerifyOptions& options,
                        InvoiceRating* rating, VerifyReport& report) {
  report.Compared(kFiles, TablesOf(stored).size());
  const auto opened = OpenArchive(stored, options.data_dir, &stored.env());
  if (absl::IsDataLoss(opened.status())) {
    report.Differs(kJournal, absl::StrCat(opened.status().message(), kNothingElse));
    return absl::OkStatus();
  }
  OWO_RETURN_IF_ERROR(opened.status());
  const ArchiveDb* const archive = opened->get();
  if (archive != nullptr) OWO_RETURN_IF_ERROR(CopyArchive(*archive, scratch));
  IdSums stored_ids(archive == nullptr ? 1 : archive->first_sequence());
  absl::Status checksums;
  absl::Status summed;
  absl::Status replayed;
  JournalVerifier verifier(stored, archive, scratch, rating, report);
  {
    const Thread second("verify", [&] {
      checksums = CheckAllTables(
          stored, [&](size_t /*bytes*/) { return !options.stopped || !options.stopped(); });
      summed = SumStoredIds(stored, options.stopped, stored_ids);
    });
    replayed = verifier.Run(options.stopped);
  }
  OWO_RETURN_IF_ERROR(Report(checksums, kFiles, report));
  if (absl::IsDataLoss(replayed)) {
    report.Differs(kJournal, absl::StrCat(replayed.message(), kNothingElse));
    return absl::OkStatus();
  }
  OWO_RETURN_IF_ERROR(replayed);
  if (rating != nullptr) OWO_RETURN_IF_ERROR(CheckUnbilled(scratch, *rating, report));
  OWO_RETURN_IF_ERROR(Report(summed, kFiles, report));
  if (summed.ok()) {
    OWO_RETURN_IF_ERROR(
        Report(CompareIds(stored, verifier.ids(), stored_ids,
                          archive == nullptr ? ArchiveStateRecord() : archive->state(), report),
               kFiles, report));
  }
  if (archive != nullptr) {
    OWO_RETURN_IF_ERROR(Report(CompareArchivedCounters(stored, *archive, report), kFiles, report));
  }
  OWO_RETURN_IF_ERROR(
      Report(CompareEvents(stored, scratch, stored_ids.first_sequence(), report), kFiles, report));
  OWO_RETURN_IF_ERROR(Report(CompareRows(stored, scratch, report), kFiles, report));
  return Report(CheckMetadata(stored, report), kFiles, report);
}

absl::Status Verify(const VerifyOptions& options, InvoiceRating* rating, VerifyReport& report) {
  OWO_RETURN_IF_ERROR(CheckThere(options));
  const Overlay overlay(EnvOf(options));
  OWO_TRY(const std::unique_ptr<Database> stored, OpenUpToDate(options, overlay.env()));
  Scratch scratch(EnvOf(options));
  absl::Status status = scratch.Open(options);
  if (status.ok()) status = CompareAll(*stored, scratch.database(), options, rating, report);
  status.Update(scratch.Remove());
  return status;
}

}  // namespace

absl::StatusOr<VerifyReport> VerifyRocksStore(const VerifyOptions& options, InvoiceRating* rating) {
  VerifyReport report;
  const absl::Status status = Verify(options, rating, report);
  if (absl::IsUnavailable(status) && IsForbidden(status.message())) {
    return Forbidden(options.data_dir, status.message());
  }
  OWO_RETURN_IF_ERROR(status);
  return report;
}

}  // namespace owo::storage
