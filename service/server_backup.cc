#include "service/server_backup.h"

#include <atomic>
#include <limits>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "storage/disk_full.h"
#include "storage/rocksdb/backup/backup_catalog.h"
#include "storage/rocksdb/backup/store_backups.h"
#include "storage/util/printable.h"
#include "storage/util/try.h"

namespace owo::service {
namespace {

using storage::BackupInfo;
using storage::kDefaultTenant;
using storage::TenantId;
using telemetry::Gauge;

// A gauge that is set.
class LastValue {
 public:
  explicit LastValue(Gauge& gauge) : gauge_(gauge) {}
  void Set(int64_t value) { gauge_.Add(value - value_.exchange(value)); }

 private:
  Gauge& gauge_;
  std::atomic<int64_t> value_ = 0;
};

// Thread-safe.
class BackupMetrics {
 public:
  explicit BackupMetrics(telemetry::MetricsSink& metrics)
      : succeeded_(Total(metrics, "success")),
        failed_(Total(metrics, "failure")),
        copied_(metrics.GetCounter(
            {.name = "owo_backup_copied_bytes_total", .help = "Bytes that backups copied."}, {})),
        timestamp_(metrics.GetGauge(
            {.name = "owo_backup_last_success_timestamp_seconds",
             .help = "When the newest backup began, in seconds since 1970. 0: there is none."},
            {})),
        duration_(metrics.GetGauge({.name = "owo_backup_last_duration_milliseconds",
                                    .help = "How long the newest backup took."},
                                   {})),
        size_(metrics.GetGauge({.name = "owo_backup_last_size_bytes",
                                .help = "Bytes of the newest backup, shared files included."},
                               {})) {}

  void Succeeded(const BackupInfo& backup) {
    timestamp_.Set(absl::ToUnixSeconds(backup.time));
    size_.Set(static_cast<int64_t>(backup.bytes));
    if (backup.duration == absl::ZeroDuration()) return;  // an earlier process made it
    succeeded_.Add(1);
    copied_.Add(static_cast<int64_t>(backup.copied_bytes));
    duration_.Set(absl::ToInt64Milliseconds(backup.duration));
  }
  void Failed() { failed_.Add(1); }

 private:
  static telemetry::Counter& Total(telemetry::MetricsSink& metrics, std::string_view result) {
    return metrics.GetCounter({.name = "owo_backups_total", .help = "Backups by result."},
                              {{"result", std::string(result)}});
  }

  telemetry::Counter& succeeded_;
  telemetry::Counter& failed_;
  telemetry::Counter& copied_;
  LastValue timestamp_;
  LastValue duration_;
  LastValue size_;
};

std::string TextOf(const absl::Status& status) {
  return status.ToString(absl::StatusToStringMode::kWithNoExtraData);
}

std::string SeriesText(TenantId tenant, const std::string& series) {
  return absl::StrCat(
      tenant == kDefaultTenant ? "" : absl::StrCat(static_cast<uint32_t>(tenant), "/"),
      storage::Printable(series));
}

std::string Describe(const BackupInfo& backup) {
  std::string text = absl::StrCat(
      backup.id, "  ", absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", backup.time, absl::UTCTimeZone()),
      "  format ", storage::Printable(backup.format), "  record ", backup.sequence, "  ",
      backup.bytes, " bytes, ", backup.copied_bytes, " of them its own");
  if (backup.before_migration) absl::StrAppend(&text, ", before a migration");
  for (const storage::LastNumber& number : backup.numbers) {
    absl::StrAppend(&text, "\n    next invoice number  ", SeriesText(number.tenant, number.series),
                    ":", number.last + 1);
  }
  if (backup.numbers_left_out) absl::StrAppend(&text, "\n    too many invoice numbers to list");
  return text + "\n";
}

absl::StatusOr<CommandOutput> List(const BackupCommand& command) {
  OWO_TRY(const auto backups, storage::ListBackups(command.dir, nullptr));
  CommandOutput output;
  for (const storage::ListedBackup& backup : backups) {
    if (backup.damage.ok()) {
      absl::StrAppend(&output.text, Describe(backup.info));
      continue;
    }
    output.sound = false;
    absl::StrAppend(&output.text, backup.info.id,
                    "  damaged: ", storage::Printable(TextOf(backup.damage)), "\n");
  }
  return output;
}

absl::StatusOr<CommandOutput> Verify(const BackupCommand& command) {
  OWO_TRY(const auto verified, storage::VerifyBackups(command.dir, command.backup, nullptr));
  CommandOutput output;
  for (const storage::VerifiedBackup& backup : verified) {
    if (!backup.status.ok() && !absl::IsDataLoss(backup.status)) return backup.status;
    output.sound = output.sound && backup.status.ok();
    absl::StrAppend(
        &output.text, backup.id, "  ",
        backup.status.ok() ? "sound" : "damaged: " + storage::Printable(TextOf(backup.status)),
        "\n");
  }
  return output;
}

absl::StatusOr<CommandOutput> Restore(const BackupCommand& command) {
  OWO_TRY(const storage::RestoredBackup restored,
          storage::RestoreBackup({.from = command.dir,
                                  .backup = command.backup,
                                  .data_dir = command.data_dir,
                                  .next_numbers = command.next_numbers,
                                  .skip_numbers = command.skip_numbers}));
  std::string text = absl::StrCat("restored to ", storage::Printable(command.data_dir), ": backup ",
                                  Describe(restored.backup));
  for (const storage::NextNumber& number : restored.numbers) {
    absl::StrAppend(&text, "invoices go on with ", SeriesText(number.tenant, number.series), ":",
                    number.next, "\n");
  }
  return CommandOutput{.text = std::move(text)};
}

absl::StatusOr<CommandOutput> Create(const BackupCommand& command) {
  const size_t keep = command.keep == 0 ? std::numeric_limits<size_t>::max() : command.keep;
  OWO_TRY(const BackupInfo made,
          storage::BackUpStopped({.data_dir = command.data_dir,
                                  .backup = {.dir = command.dir,
                                             .keep = keep,
                                             .bytes_per_second = command.bytes_per_second}}));
  return CommandOutput{.text = Describe(made)};
}

}  // namespace

storage::BackupOptions Observed(storage::BackupOptions options,
                                const std::shared_ptr<telemetry::LogSink>& log,
                                telemetry::MetricsSink& metrics) {
  options.on_migration_without_backup = [log](const absl::Status& status) {
    const std::string text(status.message());
    log->Warning("the data is migrated without a backup, as there is no --backup_dir",
                 {{"migration", text}});
  };
  if (options.dir.empty()) return options;
  const auto measured = std::make_shared<BackupMetrics>(metrics);
  options.on_backup = [measured](const BackupInfo& backup) { measured->Succeeded(backup); };
  options.on_failure = [measured, log](const absl::Status& status) {
    measured->Failed();
    const std::string text = TextOf(status);
    log->Error(storage::IsDiskFull(status) ? "no backup was made: the disk for backups is full"
                                           : "no backup was made",
               {{"error", text}});
  };
  return options;
}

absl::StatusOr<CommandOutput> RunBackupCommand(const BackupCommand& command) {
  switch (command.action) {
    case BackupAction::kCreate:
      return Create(command);
    case BackupAction::kList:
      return List(command);
    case BackupAction::kVerify:
      return Verify(command);
    case BackupAction::kPrune: {
      OWO_TRY(const size_t removed, storage::PruneBackups(command.dir, command.keep, nullptr));
      return CommandOutput{.text = absl::StrCat("removed ", removed, "\n")};
    }
    case BackupAction::kRestore:
      return Restore(command);
  }
  return absl::InternalError("no such command");
}

absl::StatusOr<storage::NextNumber> ParseNextNumber(std::string_view text) {
  const auto wrong = [text] {
    return absl::InvalidArgumentError(
        absl::StrCat("got \"", std::string(text), "\", want SERIES:N, such as INV:1043"));
  };
  storage::NextNumber number{.tenant = kDefaultTenant};
  std::string_view rest = text;
  if (const size_t slash = rest.find('/'); slash != std::string_view::npos) {
    uint32_t tenant = 0;
    if (!absl::SimpleAtoi(std::string(rest.substr(0, slash)), &tenant) || tenant == 0) {
      return wrong();
    }
    number.tenant = TenantId{tenant};
    rest.remove_prefix(slash + 1);
  }
  const size_t colon = rest.rfind(':');
  if (colon == std::string_view::npos || colon == 0 ||
      !absl::SimpleAtoi(std::string(rest.substr(colon + 1)), &number.next)) {
    return wrong();
  }
  number.series = rest.substr(0, colon);
  return number;
}

}  // namespace owo::service
