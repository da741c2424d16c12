#include "storage/rocksdb/verify/verify.h"

#include <rocksdb/env.h>

#include <filesystem>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "storage/rocksdb/engine/database.h"
#include "storage/rocksdb/engine/overlay.h"
#include "storage/rocksdb/engine/reading_lock.h"
#include "storage/rocksdb/engine/table_files.h"
#include "storage/rocksdb/verify/closed_store.h"
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
  OWO_RETURN_IF_ERROR(CheckThere(options.data_dir, options.env));
  const Overlay overlay(EnvOf(options));
  OWO_TRY(const std::unique_ptr<Database> stored, OpenClosed(options.data_dir, overlay));
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
  OWO_RETURN_IF_ERROR(NameForbidden(status, options.data_dir));
  return report;
}

}  // namespace owo::storage
