#include "storage/rocksdb/verify.h"

#include <rocksdb/env.h>

#include <filesystem>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "storage/rocksdb/database.h"
#include "storage/rocksdb/open.h"
#include "storage/rocksdb/table_files.h"
#include "storage/rocksdb/verify_fold.h"
#include "storage/rocksdb/verify_ids.h"
#include "storage/rocksdb/verify_rows.h"
#include "storage/rocksdb/verify_seal.h"
#include "storage/thread.h"
#include "storage/try.h"

namespace owo::storage {
namespace {

constexpr char kFiles[] = "files";
constexpr char kJournal[] = "journal records";
constexpr char kNothingElse[] = "; nothing else was compared";

rocksdb::Env& EnvOf(const VerifyOptions& options) {
  return options.env != nullptr ? *options.env : *rocksdb::Env::Default();
}

absl::Status CheckThere(const VerifyOptions& options) {
  if (EnvOf(options).FileExists(options.data_dir + "/WATERMARK").ok()) return absl::OkStatus();
  return absl::NotFoundError(absl::StrCat("there is no store in ", options.data_dir));
}

std::string ScratchPath(const VerifyOptions& options) {
  std::filesystem::path data = std::filesystem::path(options.data_dir).lexically_normal();
  if (!data.has_filename()) data = data.parent_path();
  const std::filesystem::path in =
      options.scratch_dir.empty() ? data.parent_path() : std::filesystem::path(options.scratch_dir);
  const std::string name = data.filename().string();
  return (in / absl::StrCat(name, ".verify-", absl::ToUnixMicros(absl::Now()))).string();
}

// A database for as long as this is compared.
class Scratch {
 public:
  Scratch(std::string path, rocksdb::Env& env) : path_(std::move(path)), env_(env) {}

  absl::Status Open() {
    OWO_RETURN_IF_ERROR(FromRocks(env_.CreateDirIfMissing(path_)));
    OWO_TRY(database_, Database::Open({.data_dir = path_, .sync = false, .env = &env_}));
    return absl::OkStatus();
  }
  // REQUIRES: it is open.
  Database& database() { return *database_; }

  absl::Status Remove() {
    database_.reset();
    if (!env_.FileExists(path_).ok()) return absl::OkStatus();
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
  const std::string path_;
  rocksdb::Env& env_;
  std::unique_ptr<Database> database_;
};

absl::Status InUse(const absl::Status& opening, const std::string& data_dir) {
  return absl::FailedPreconditionError(
      absl::StrCat(data_dir, " is in use by another process, which has to stop first (",
                   opening.message(), ")"));
}

// With rows that are as new as the journal: a server that opens the store and closes it leaves them
// so.
absl::StatusOr<std::unique_ptr<Database>> OpenUpToDate(const VerifyOptions& options) {
  const OpenOptions opening{.data_dir = options.data_dir, .env = options.env};
  const absl::Status brought = OpenRocksStore(opening).status();
  if (IsInUse(brought)) return InUse(brought, options.data_dir);
  OWO_RETURN_IF_ERROR(brought);
  return Database::Open(opening);
}

// Damage is reported; other failures mean that nothing can be said.
absl::Status Report(const absl::Status& status, std::string_view kind, VerifyReport& report) {
  if (!absl::IsDataLoss(status)) return status;
  report.Differs(kind, std::string(status.message()));
  return absl::OkStatus();
}

absl::Status CompareAll(const Database& stored, Database& scratch, const VerifyOptions& options,
                        InvoiceRating* rating, VerifyReport& report) {
  report.Compared(kFiles, TablesOf(stored).size());
  const auto opened = OpenSealedFold(stored, options.data_dir, options.env);
  if (absl::IsDataLoss(opened.status())) {
    report.Differs(kJournal, absl::StrCat(opened.status().message(), kNothingElse));
    return absl::OkStatus();
  }
  OWO_RETURN_IF_ERROR(opened.status());
  const SealedFold* const sealed = opened->get();
  if (sealed != nullptr) OWO_RETURN_IF_ERROR(CopyFold(*sealed, scratch));
  IdSums stored_ids(sealed == nullptr ? 1 : sealed->first_sequence());
  absl::Status checksums;
  absl::Status summed;
  absl::Status folded;
  Refold refold(stored, sealed, scratch, rating, report);
  {
    const Thread beside("verify", [&] {
      checksums = CheckAllTables(
          stored, [&](size_t /*bytes*/) { return !options.stopped || !options.stopped(); });
      summed = SumStoredIds(stored, options.stopped, stored_ids);
    });
    folded = refold.Run(options.stopped);
  }
  OWO_RETURN_IF_ERROR(Report(checksums, kFiles, report));
  if (absl::IsDataLoss(folded)) {
    report.Differs(kJournal, absl::StrCat(folded.message(), kNothingElse));
    return absl::OkStatus();
  }
  OWO_RETURN_IF_ERROR(folded);
  if (rating != nullptr) OWO_RETURN_IF_ERROR(CheckUnbilled(scratch, *rating, report));
  OWO_RETURN_IF_ERROR(Report(summed, kFiles, report));
  if (summed.ok()) {
    OWO_RETURN_IF_ERROR(
        Report(CompareIds(stored, refold.ids(), stored_ids,
                          sealed == nullptr ? SealedRecord() : sealed->sealed(), report),
               kFiles, report));
  }
  if (sealed != nullptr) {
    OWO_RETURN_IF_ERROR(Report(CompareSeals(stored, *sealed, report), kFiles, report));
  }
  OWO_RETURN_IF_ERROR(
      Report(CompareEvents(stored, scratch, stored_ids.first_sequence(), report), kFiles, report));
  OWO_RETURN_IF_ERROR(Report(CompareRows(stored, scratch, report), kFiles, report));
  return Report(CheckMetadata(stored, report), kFiles, report);
}

}  // namespace

absl::StatusOr<VerifyReport> VerifyRocksStore(const VerifyOptions& options, InvoiceRating* rating) {
  OWO_RETURN_IF_ERROR(CheckThere(options));
  OWO_TRY(const std::unique_ptr<Database> stored, OpenUpToDate(options));
  Scratch scratch(ScratchPath(options), EnvOf(options));
  VerifyReport report;
  absl::Status status = scratch.Open();
  if (status.ok()) status = CompareAll(*stored, scratch.database(), options, rating, report);
  status.Update(scratch.Remove());
  OWO_RETURN_IF_ERROR(status);
  return report;
}

}  // namespace owo::storage
