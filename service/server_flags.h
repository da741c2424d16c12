// The command line of owo-billing-server, with what the environment and a file add to it.
//
//   absl::StatusOr<CommandLine> line = ParseCommandLine({"--listen=127.0.0.1:0"},
//   {"OWO_STORE=/a"}); if (line->command == Command::kServe) Server::Start(line->server) …
//
// A new flag is a row of kFlags in server_flags.cc, and a line in ServeLine().

#ifndef OWO_SERVICE_SERVER_FLAGS_H_
#define OWO_SERVICE_SERVER_FLAGS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "service/config/flags.h"
#include "service/rpc/health.h"
#include "service/server.h"
#include "service/server_backup.h"
#include "storage/rocksdb/verify/stats.h"
#include "storage/rocksdb/verify/verify.h"

namespace owo::service {

enum class Command { kServe, kHealth, kVerify, kStats, kBackup, kHelp, kVersion };

struct CommandLine {
  Command command = Command::kServe;
  ServerOptions server;           // kServe
  std::string data_dir;           // kServe: of server.store
  absl::Duration drain;           // kServe
  std::string endpoint;           // kHealth
  rpc::HealthTls health_tls;      // kHealth
  storage::VerifyOptions verify;  // kVerify
  BackupCommand backup;           // kBackup
  storage::StatsOptions stats;    // kStats
  bool json = false;              // kStats
  std::string help;               // kHelp: the text to print
  // Every flag of the command, with its value and where that comes from. No value is a secret.
  std::vector<config::EffectiveFlag> flags;
};

// `arguments` excludes the program's name. `environment`: "NAME=value" each; variables that do not
// begin with OWO_ are ignored. INVALID_ARGUMENT lists all mistakes, one per line.
absl::StatusOr<CommandLine> ParseCommandLine(const std::vector<std::string>& arguments,
                                             const std::vector<std::string>& environment = {});

// Returns the text that --help prints: all commands and all flags.
std::string HelpText();

// The flags whose values are not the defaults, as a command line: "--listen=[::1]:50051
// --memory_mib=64".
std::string ChangedFlags(const std::vector<config::EffectiveFlag>& flags);

}  // namespace owo::service

#endif  // OWO_SERVICE_SERVER_FLAGS_H_
