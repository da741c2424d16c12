// The flags of owo-billing-server: one row each, from which parsing, variables, the file and --help
// follow.
//
//   config::ParsedFlags flags = config::ParseFlags(ServerFlags(), kServe, sources);

#ifndef OWO_SERVICE_SERVER_FLAG_TABLE_H_
#define OWO_SERVICE_SERVER_FLAG_TABLE_H_

#include "absl/time/time.h"
#include "service/config/flag_spec.h"

namespace owo::service {

// The commands that take a flag, as bits of FlagSpec::commands.
inline constexpr unsigned kServe = 1U << 0;
inline constexpr unsigned kHealth = 1U << 1;
inline constexpr unsigned kVerify = 1U << 2;
inline constexpr unsigned kStats = 1U << 3;
inline constexpr unsigned kBackup = 1U << 4;
inline constexpr unsigned kBackupsList = 1U << 5;
inline constexpr unsigned kBackupsVerify = 1U << 6;
inline constexpr unsigned kBackupsPrune = 1U << 7;
inline constexpr unsigned kRestore = 1U << 8;

// The variable that holds the operator's key. It is a secret, so it is not a flag.
inline constexpr char kOperatorKeyVariable[] = "OWO_OPERATOR_KEY";

// Retention below this needs --allow_short_retention.
inline constexpr absl::Duration kRetentionMin = absl::Hours(24);

const config::FlagTable& ServerFlags();

}  // namespace owo::service

#endif  // OWO_SERVICE_SERVER_FLAG_TABLE_H_
