// The command line of owo-billing-server.
//
//   absl::StatusOr<CommandLine> line = ParseCommandLine({"--listen=127.0.0.1:0"});
//   if (line->command == Command::kServe) Server::Start(line->server) …

#ifndef OWO_SERVICE_SERVER_FLAGS_H_
#define OWO_SERVICE_SERVER_FLAGS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "service/rpc/health.h"
#include "service/server.h"
#include "service/server_backup.h"
#include "storage/rocksdb/verify/verify.h"

namespace owo::service {

enum class Command { kServe, kHealth, kVerify, kBackup, kHelp };

struct CommandLine {
  Command command = Command::kServe;
  ServerOptions server;           // kServe
  std::string data_dir;           // kServe: of server.store
  absl::Duration drain;           // kServe
  std::string endpoint;           // kHealth
  rpc::HealthTls health_tls;      // kHealth
  storage::VerifyOptions verify;  // kVerify
  BackupCommand backup;           // kBackup
};

// `arguments` excludes the program's name. INVALID_ARGUMENT describes the error.
absl::StatusOr<CommandLine> ParseCommandLine(const std::vector<std::string>& arguments);

// Returns the text that --help prints.
std::string HelpText();

}  // namespace owo::service

#endif  // OWO_SERVICE_SERVER_FLAGS_H_
