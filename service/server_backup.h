// Backups in the program: what the serving process logs and measures of them, and the commands that
// work on directories of backups.
//
//   options.backup = Observed(options.backup, log, metrics);
//   absl::StatusOr<CommandOutput> output = RunBackupCommand(command);

#ifndef OWO_SERVICE_SERVER_BACKUP_H_
#define OWO_SERVICE_SERVER_BACKUP_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "service/telemetry/log_sink.h"
#include "service/telemetry/metrics_sink.h"
#include "storage/backup.h"
#include "storage/rocksdb/backup/restore.h"

namespace owo::service {

// The same options, with callbacks that log failures and migrations, and keep these metrics:
// owo_backup_last_success_timestamp_seconds, owo_backup_last_duration_milliseconds,
// owo_backup_last_size_bytes, owo_backup_copied_bytes_total, owo_backups_total by result.
// `metrics` must outlive what uses the options.
storage::BackupOptions Observed(storage::BackupOptions options,
                                const std::shared_ptr<telemetry::LogSink>& log,
                                telemetry::MetricsSink& metrics);

enum class BackupAction { kCreate, kList, kVerify, kPrune, kRestore };

struct BackupCommand {
  BackupAction action = BackupAction::kList;
  std::string dir;                                // of the backups
  std::string data_dir;                           // kCreate, kRestore
  uint32_t backup = 0;                            // kVerify: 0 is all; kRestore: 0 is the newest
  size_t keep = 0;                                // kCreate: 0 is all; kPrune
  uint64_t bytes_per_second = 0;                  // kCreate; 0: no limit
  std::vector<storage::NextNumber> next_numbers;  // kRestore
  std::optional<uint64_t> skip_numbers;           // kRestore
};

struct CommandOutput {
  std::string text;   // for stdout
  bool sound = true;  // false: something is damaged
};

// Errors: those of the functions in storage/rocksdb/backup.
absl::StatusOr<CommandOutput> RunBackupCommand(const BackupCommand& command);

// Parses "SERIES:N", and "TENANT/SERIES:N" with the tenant's number. INVALID_ARGUMENT if it is
// neither.
absl::StatusOr<storage::NextNumber> ParseNextNumber(std::string_view text);

}  // namespace owo::service

#endif  // OWO_SERVICE_SERVER_BACKUP_H_
