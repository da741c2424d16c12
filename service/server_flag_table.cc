#include "service/server_flag_table.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "service/rating/currency.h"
#include "service/rpc/rate_limits.h"
#include "service/server_address.h"
#include "service/server_memory.h"
#include "storage/open/open_store.h"

namespace owo::service {
namespace {

using config::FlagType;

// Commands that read a data directory, and so a file of flags.
constexpr unsigned kData = kServe | kVerify | kStats | kBackup | kRestore;

constexpr int64_t kDaySeconds = 24 * 60 * 60;
constexpr int64_t kAgeMaxSeconds = 366 * 100 * kDaySeconds;
constexpr int64_t kDrainSecondsMax = 3600;
constexpr int64_t kCountMax = 1'000'000;

absl::Status CheckListen(const std::string& value) { return ParseListenAddress(value).status(); }

absl::Status CheckStore(const std::string& value) { return storage::ParseStoreUrl(value).status(); }

absl::Status CheckDirectory(const std::string& value) {
  return value.empty() ? absl::InvalidArgumentError("want a directory") : absl::OkStatus();
}

absl::Status CheckCurrency(const std::string& value) {
  return rating::Currency::Parse(value).status();
}

absl::Status CheckAtLeast(const std::string& value, absl::Duration least) {
  absl::Duration duration;
  absl::ParseDuration(value, &duration);
  if (duration >= least) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("got \"", value, "\", want at least ", absl::FormatDuration(least)));
}

absl::Status CheckHandshakeTimeout(const std::string& value) {
  return CheckAtLeast(value, absl::Milliseconds(100));
}

absl::Status CheckBackupEvery(const std::string& value) {
  return value == "0" ? absl::OkStatus() : CheckAtLeast(value, absl::Seconds(1));
}

// The flags of all commands. Those of one group are adjacent.
constexpr config::FlagSpec kFlags[] = {
    {.name = "config",
     .placeholder = "FILE",
     .group = "Configuration",
     .help = "A YAML file with a line \"flag: value\" for each flag to set. The command line "
             "overrides the environment, and both override the file.",
     .commands = kData},

    {.name = "listen",
     .placeholder = "ADDRESS",
     .group = "Network",
     .default_value = "127.0.0.1:50051",
     .help = "The address to listen on: HOST:PORT, [IPV6]:PORT or unix:PATH. Port 0 is any free "
             "port.",
     .check = CheckListen},
    {.name = "allow_insecure_listen",
     .type = FlagType::kSwitch,
     .group = "Network",
     .default_value = "false",
     .help = "Allow an address that other machines can reach without TLS. Something else must then "
             "keep strangers from listening in."},
    {.name = "allow_listen_without_front",
     .type = FlagType::kSwitch,
     .group = "Network",
     .default_value = "false",
     .help = "Allow an address that other machines can reach without the HTTP/2 front of "
             "deploy/front before it. gRPC 1.51 does not withstand hostile peers."},
    {.name = "socket_group",
     .placeholder = "GROUP",
     .group = "Network",
     .help = "The group, by name or number, that may connect to --listen=unix:PATH, such as that "
             "of the front. If it is not set, only the user of the server may."},
    {.name = "drain_seconds",
     .type = FlagType::kNumber,
     .placeholder = "SECONDS",
     .group = "Network",
     .default_value = "25",
     .max = kDrainSecondsMax,
     .help = "How many seconds accepted calls get to finish after SIGTERM or SIGINT."},
    {.name = "endpoint",
     .placeholder = "ADDRESS",
     .group = "Network",
     .default_value = "127.0.0.1:50051",
     .help = "The address of the server to ask.",
     .commands = kHealth},

    {.name = "tls_cert",
     .placeholder = "FILE",
     .group = "TLS",
     .help = "The PEM file with the certificate of the server, followed by the intermediate ones. "
             "It is read again when it changes. If it is not set, there is no TLS."},
    {.name = "tls_key",
     .placeholder = "FILE",
     .group = "TLS",
     .help = "The PEM file with the private key of --tls_cert, not encrypted. It is read again "
             "when it changes."},
    {.name = "tls_client_ca",
     .placeholder = "FILE",
     .group = "TLS",
     .help = "The PEM file with the CAs of client certificates. If it is set, clients must show a "
             "certificate that one of them issued. It is read again when it changes."},
    {.name = "tls_ca",
     .placeholder = "FILE",
     .group = "TLS",
     .help = "The PEM file with the CAs that may have issued the certificate of the server. If it "
             "is not set, the server is asked without TLS.",
     .commands = kHealth},
    {.name = "tls_client_cert",
     .placeholder = "FILE",
     .group = "TLS",
     .help = "The PEM file with the certificate to show to a server that has --tls_client_ca.",
     .commands = kHealth},
    {.name = "tls_client_key",
     .placeholder = "FILE",
     .group = "TLS",
     .help = "The PEM file with the private key of --tls_client_cert.",
     .commands = kHealth},
    {.name = "tls_server_name",
     .placeholder = "NAME",
     .group = "TLS",
     .help = "The name that the certificate of the server must have. If it is not set: the host of "
             "--endpoint.",
     .commands = kHealth},

    {.name = "require_keys",
     .type = FlagType::kSwitch,
     .group = "Keys",
     .help = "Require an API key, or the key of the operator, for every call. If it is not set: on "
             "addresses that other machines can reach, and on Unix sockets with --socket_group. "
             "Without keys, everybody who reaches the server may do everything in the tenant "
             "default."},
    {.name = "operator_key_file",
     .placeholder = "FILE",
     .group = "Keys",
     .help = "The file with the key of the operator, 32 to 256 characters, which manages tenants "
             "and API keys. It is read again when it changes. The variable OWO_OPERATOR_KEY may "
             "hold the key itself instead."},
    {.name = "allow_anonymous_reflection",
     .type = FlagType::kSwitch,
     .group = "Keys",
     .default_value = "false",
     .help = "Answer server reflection without a key, also if every call needs one."},

    {.name = "data_dir",
     .placeholder = "DIR",
     .group = "Storage",
     .default_value = "./var",
     .help = "The directory with the data. The server creates it if it is missing, and closes it "
             "to other users. One process at a time can have it open.",
     .commands = kData,
     .check = CheckDirectory},
    {.name = "store",
     .placeholder = "URL",
     .group = "Storage",
     .help = "The data as a URL, in place of --data_dir: rocksdb:DIR. There is no other kind of "
             "store yet.",
     .commands = kData,
     .check = CheckStore},
    {.name = "scrub_every",
     .type = FlagType::kDuration,
     .placeholder = "TIME",
     .group = "Storage",
     .default_value = "24h",
     .max = kAgeMaxSeconds,
     .help = "How often all tables are read and checked, at 32 MiB/s. The first pass starts after "
             "an hour at most. Damage is logged. 0: never."},
    {.name = "unsafe_no_fsync",
     .type = FlagType::kSwitch,
     .group = "Storage",
     .default_value = "false",
     .help = "Answer before the disk has the data. A power loss then loses acknowledged writes."},
    {.name = "scratch_dir",
     .placeholder = "DIR",
     .group = "Storage",
     .help = "Where to put the scratch database, which the journal is replayed into: the rows of "
             "usage and invoices, without the journal and the ids. If it is not set: next to the "
             "data, or if that is not writable, in $TMPDIR or /tmp.",
     .commands = kVerify},

    {.name = "memory_mib",
     .type = FlagType::kNumber,
     .placeholder = "MIB",
     .group = "Limits",
     .default_value = "512",
     .min = kMemoryMibMin,
     .max = kMemoryMibMax,
     .help =
         "MiB of memory for what grows with load: caches, and data that is not flushed yet. The "
         "process takes up to 64 MiB more."},
    {.name = "message_bytes_max",
     .type = FlagType::kNumber,
     .placeholder = "BYTES",
     .group = "Limits",
     .default_value = "4194304",
     .min = 1 << 10,
     .max = 4 << 20,
     .help = "The size of one request in bytes."},
    {.name = "metadata_bytes_max",
     .type = FlagType::kNumber,
     .placeholder = "BYTES",
     .group = "Limits",
     .default_value = "8192",
     .min = 1 << 10,
     .max = 64 << 10,
     .help = "The size of the metadata of one call in bytes."},
    {.name = "streams_max",
     .type = FlagType::kNumber,
     .placeholder = "N",
     .group = "Limits",
     .default_value = "100",
     .min = 1,
     .max = 10'000,
     .help = "Calls at the same time on one connection. Further ones wait in the client."},
    {.name = "connections_max",
     .type = FlagType::kNumber,
     .placeholder = "N",
     .group = "Limits",
     .default_value = "1024",
     .min = 1,
     .max = kCountMax,
     .help = "Open connections. Further ones are closed at once. Each takes a file descriptor: if "
             "the limit of open files permits fewer, a log line says so."},
    {.name = "write_queue_max",
     .type = FlagType::kNumber,
     .placeholder = "N",
     .group = "Limits",
     .default_value = "1024",
     .min = 1,
     .max = kCountMax,
     .help = "Changes that wait for a thread. Further ones are refused with OVERLOADED."},
    {.name = "read_queue_max",
     .type = FlagType::kNumber,
     .placeholder = "N",
     .group = "Limits",
     .default_value = "1024",
     .min = 1,
     .max = kCountMax,
     .help =
         "Reads from the disk that wait for a thread. Further ones are refused with OVERLOADED."},
    {.name = "commit_queue_max",
     .type = FlagType::kNumber,
     .placeholder = "N",
     .group = "Limits",
     .default_value = "4096",
     .min = 1,
     .max = kCountMax,
     .help = "Writes that wait for the store or for its answer. Further ones are refused with "
             "OVERLOADED."},
    {.name = "commit_queue_events_max",
     .type = FlagType::kNumber,
     .placeholder = "N",
     .group = "Limits",
     .default_value = "65536",
     .min = 1'000,
     .max = 100'000'000,
     .help = "Events in those writes. Each takes up to about 1 KiB of memory."},
    {.name = "deadline_max",
     .type = FlagType::kDuration,
     .placeholder = "TIME",
     .group = "Limits",
     .default_value = "5m",
     .min = 1,
     .max = kDaySeconds,
     .help = "The latest deadline of a call from its arrival, also of a call without one. A call "
             "past its deadline is dropped before it is committed."},
    {.name = "handshake_timeout",
     .type = FlagType::kDuration,
     .placeholder = "TIME",
     .group = "Limits",
     .default_value = "10s",
     .min = 0,
     .max = 600,
     .help =
         "How long a new connection may take for the handshakes of TLS and HTTP/2. At least 100ms.",
     .check = CheckHandshakeTimeout},
    {.name = "keepalive_time",
     .type = FlagType::kDuration,
     .placeholder = "TIME",
     .group = "Limits",
     .default_value = "1m",
     .min = 1,
     .max = kDaySeconds,
     .help = "After how long without traffic a connection is pinged."},
    {.name = "keepalive_timeout",
     .type = FlagType::kDuration,
     .placeholder = "TIME",
     .group = "Limits",
     .default_value = "20s",
     .min = 1,
     .max = kDaySeconds,
     .help = "How long a ping may stay unanswered until the connection is closed."},
    {.name = "connection_age_max",
     .type = FlagType::kDuration,
     .placeholder = "TIME",
     .group = "Limits",
     .default_value = "30m",
     .min = 1,
     .max = kDaySeconds,
     .help = "After how long a connection is closed. Clients connect again."},
    {.name = "connection_age_grace",
     .type = FlagType::kDuration,
     .placeholder = "TIME",
     .group = "Limits",
     .default_value = "30s",
     .min = 1,
     .max = kDaySeconds,
     .help = "How long the calls of a connection past --connection_age_max may take."},
    {.name = "calls_per_second",
     .type = FlagType::kNumber,
     .placeholder = "N",
     .group = "Limits",
     .default_value = "0",
     .max = rpc::kRateMax,
     .help = "Calls of one tenant per second. Further ones are "
             "refused with CALL_RATE_EXCEEDED. 0: no limit."},
    {.name = "events_per_second",
     .type = FlagType::kNumber,
     .placeholder = "N",
     .group = "Limits",
     .default_value = "0",
     .max = rpc::kRateMax,
     .help = "Events of one tenant per second. Further ones are "
             "refused with EVENT_RATE_EXCEEDED. 0: no limit."},

    {.name = "backup_dir",
     .placeholder = "DIR",
     .group = "Backups",
     .help = "The directory of the backups that are made while serving, on another volume than the "
             "data. If it is not set, there are none."},
    {.name = "backup_every",
     .type = FlagType::kDuration,
     .placeholder = "TIME",
     .group = "Backups",
     .default_value = "1m",
     .min = 0,
     .max = kAgeMaxSeconds,
     .help = "How often a backup is made in --backup_dir. It copies what changed. 0: only before "
             "the data is migrated to a newer format.",
     .check = CheckBackupEvery},
    {.name = "backup_keep",
     .type = FlagType::kNumber,
     .placeholder = "N",
     .group = "Backups",
     .default_value = "60",
     .min = 1,
     .max = kCountMax,
     .help = "How many backups are kept in --backup_dir."},
    {.name = "backup_rate_mib",
     .type = FlagType::kNumber,
     .placeholder = "MIB",
     .group = "Backups",
     .default_value = "32",
     .min = 0,
     .max = 1 << 20,
     .help = "MiB a second that a backup copies at most. 0: no limit.",
     .commands = kServe | kBackup},
    {.name = "to",
     .placeholder = "DIR",
     .group = "Backups",
     .help = "The directory of the backups. It is created if it is missing.",
     .commands = kBackup},
    {.name = "from",
     .placeholder = "DIR",
     .group = "Backups",
     .help = "The directory of the backups.",
     .commands = kBackupsList | kBackupsVerify | kBackupsPrune | kRestore},
    {.name = "backup",
     .type = FlagType::kNumber,
     .placeholder = "N",
     .group = "Backups",
     .default_value = "0",
     .min = 0,
     .max = UINT32_MAX,
     .help = "The number of the backup. 0: all are verified, and the newest is restored.",
     .commands = kBackupsVerify | kRestore},
    {.name = "keep",
     .type = FlagType::kNumber,
     .placeholder = "N",
     .group = "Backups",
     .default_value = "0",
     .min = 0,
     .max = kCountMax,
     .help = "How many backups to keep. 0, with the command backup only: all.",
     .commands = kBackup | kBackupsPrune},
    {.name = "next_number",
     .placeholder = "NUMBERS",
     .group = "Backups",
     .help = "The invoice numbers to continue with: SERIES:N,SERIES:N,… such as INV:1043; of a "
             "tenant other than the first TENANT/SERIES:N. Numbers that were given after the "
             "backup must not be given again.",
     .commands = kRestore},
    {.name = "skip_numbers",
     .type = FlagType::kNumber,
     .placeholder = "N",
     .group = "Backups",
     .min = 0,
     .help = "How many invoice numbers each series skips that --next_number does not name: more "
             "than were given since the backup. If it is not set, each series must be named.",
     .commands = kRestore},

    {.name = "event_age_max",
     .type = FlagType::kDuration,
     .placeholder = "AGE",
     .group = "Billing",
     .default_value = "840h",
     .max = kAgeMaxSeconds,
     .help = "The greatest age of an event that is accepted. 0: no bound."},
    {.name = "retain_events",
     .type = FlagType::kDuration,
     .placeholder = "AGE",
     .group = "Billing",
     .default_value = "0",
     .max = kAgeMaxSeconds,
     .help =
         "Delete the events of periods that ended longer ago than this, such as 9600h, once "
         "they are all billed. Totals, invoices and event ids stay. The deleted events can no "
         "longer be listed, and the invoice lines over them no longer be explained. 0: keep all "
         "events forever. Less than 24h needs --allow_short_retention."},
    {.name = "allow_short_retention",
     .type = FlagType::kSwitch,
     .group = "Billing",
     .default_value = "false",
     .help = "Accept a --retain_events of less than 24h, which deletes events almost at once."},
    {.name = "allow_negative_quantities",
     .type = FlagType::kSwitch,
     .group = "Billing",
     .default_value = "false",
     .help = "Accept events with a negative quantity, which correct earlier events."},
    {.name = "default_currency",
     .placeholder = "CODE",
     .group = "Billing",
     .default_value = "USD",
     .help = "The currency that Usage shows for customers who never had a plan: an ISO 4217 code.",
     .check = CheckCurrency},

    {.name = "json",
     .type = FlagType::kSwitch,
     .group = "Output",
     .default_value = "false",
     .help = "Print JSON.",
     .commands = kStats},
};

constexpr std::array<std::string_view, 1> kSecretVariables = {kOperatorKeyVariable};

}  // namespace

const config::FlagTable& ServerFlags() {
  static constexpr config::FlagTable kTable{.flags = kFlags, .secret_variables = kSecretVariables};
  return kTable;
}

}  // namespace owo::service
