#include "service/server_flags.h"

#include <algorithm>
#include <cstdlib>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/flags/commandlineflag.h"
#include "absl/flags/flag.h"
#include "absl/flags/reflection.h"
#include "absl/strings/str_cat.h"
#include "service/rating/currency.h"
#include "service/server_memory.h"
#include "storage/util/try.h"

using owo::service::ServerLimits;

ABSL_FLAG(std::string, listen, "127.0.0.1:50051",
          "Where to listen: HOST:PORT, [IPV6]:PORT or unix:PATH. Port 0: any free one.");
ABSL_FLAG(std::string, data_dir, "./var",
          "Where the data is. The server makes it where it is missing, and lets only its own user "
          "in. One "
          "process at a time has it open.");
ABSL_FLAG(
    std::string, store, "",
    "Instead of --data_dir, the same as a URL: rocksdb:DIR. There is no other kind of store yet.");
ABSL_FLAG(bool, allow_insecure_listen, false,
          "Listen without TLS also where other machines reach the server. Something else must then "
          "keep strangers out.");
ABSL_FLAG(bool, allow_listen_without_front, false,
          "Listen also where other machines reach the server without the HTTP/2 front of "
          "deploy/front before it. gRPC 1.51 does not withstand hostile peers.");
ABSL_FLAG(std::string, socket_group, "",
          "The group, by name or number, that may connect to --listen=unix:PATH, such as that of "
          "the front. Without it only the server's own user may.");
ABSL_FLAG(
    bool, require_keys, false,
    "Whether every call needs an API key or the operator's key. If the flag is not given: not "
    "on loopback addresses and Unix sockets, and on all others. Without keys, everybody who "
    "reaches the server may do everything in the tenant default.");
ABSL_FLAG(std::string, operator_key_file, "",
          "The file with the operator's key, 32 to 256 characters, which manages tenants and API "
          "keys. It is read again when it changes. Instead, OWO_OPERATOR_KEY may have the key.");
ABSL_FLAG(bool, allow_anonymous_reflection, false,
          "Answer server reflection without a key, also if every call needs one.");
ABSL_FLAG(std::string, tls_cert, "",
          "PEM file with the server's certificate, followed by the intermediate ones. It is read "
          "again when it changes. Empty: no TLS.");
ABSL_FLAG(std::string, tls_key, "",
          "PEM file with the private key of --tls_cert, not encrypted. It is read again when it "
          "changes.");
ABSL_FLAG(std::string, tls_client_ca, "",
          "PEM file with the CAs of client certificates. If given, clients must show a certificate "
          "that one of them issued. It is read again when it changes.");
ABSL_FLAG(absl::Duration, event_age_max, absl::Hours(840),
          "How far back an event may lie, such as 840h. 0: no bound.");
ABSL_FLAG(absl::Duration, retain_events, absl::ZeroDuration(),
          "Drop the events of periods that ended longer ago than this, such as 9600h, once nothing "
          "of them is unbilled. Totals, invoices and event ids stay; what is given up is that the "
          "events can be listed, and the invoice lines over them explained. 0: keep all for ever. "
          "Less than 24h needs --allow_short_retention.");
ABSL_FLAG(
    bool, allow_short_retention, false,
    "Take a --retain_events of less than a day, which drops events almost at once, for good.");
ABSL_FLAG(
    absl::Duration, scrub_every, absl::Hours(24),
    "How often all tables are read and checked, at 32 MiB/s, such as 24h; first an hour after the "
    "start at the latest. Damage is reported on standard error. 0: never.");
ABSL_FLAG(bool, allow_negative_quantities, false,
          "Take events with a negative quantity, which correct earlier ones.");
ABSL_FLAG(std::string, default_currency, "USD",
          "What Usage shows for customers who never had a plan: an ISO 4217 code.");
ABSL_FLAG(bool, unsafe_no_fsync, false,
          "Answer before the disk has the data: a power loss then loses acknowledged writes.");
ABSL_FLAG(int, drain_seconds, 25,
          "How long calls in flight may take to finish after SIGTERM or SIGINT.");
ABSL_FLAG(int, memory_mib, 512,
          "MiB for what grows with load: caches, and what is not flushed yet. The server takes up "
          "to 64 MiB more. At least 128.");
ABSL_FLAG(int, message_bytes_max, ServerLimits().message_bytes_max,
          "Bytes of one request, 1024 to 4194304.");
ABSL_FLAG(int, metadata_bytes_max, ServerLimits().metadata_bytes_max,
          "Bytes of the metadata of one call, 1024 to 65536.");
ABSL_FLAG(int, streams_max, ServerLimits().streams_max,
          "Calls at the same time on one connection, 1 to 10000. Further ones wait in the client.");
ABSL_FLAG(int, connections_max, ServerLimits().connections_max,
          "Open connections, 1 to 1000000. Further ones are closed at once. Each takes a file "
          "descriptor: where the limit of open files permits fewer, a log line says so.");
ABSL_FLAG(
    int, write_queue_max, ServerLimits().write_queue_max,
    "Changes that wait for a thread, 1 to 1000000. Further ones are refused with OVERLOADED.");
ABSL_FLAG(int, read_queue_max, ServerLimits().read_queue_max,
          "Reads from the disk that wait for a thread, 1 to 1000000. Further ones are refused with "
          "OVERLOADED.");
ABSL_FLAG(
    int, commit_queue_max, ServerLimits().commit_queue_max,
    "Writes that wait for the store or for its answer, 1 to 1000000. Further ones are refused "
    "with OVERLOADED.");
ABSL_FLAG(int, commit_queue_events_max, ServerLimits().commit_queue_events_max,
          "Events in those writes, 1000 to 100000000. Each takes up to about 1 KiB of memory.");
ABSL_FLAG(absl::Duration, deadline_max, ServerLimits().deadline_max,
          "The latest deadline of a call from its arrival, 1s to 24h; also that of a call without "
          "one. A call past its deadline is dropped before it is committed.");
ABSL_FLAG(absl::Duration, handshake_timeout, ServerLimits().handshake_timeout,
          "How long a new connection may take for the handshakes of TLS and HTTP/2, 100ms to 10m.");
ABSL_FLAG(absl::Duration, keepalive_time, ServerLimits().keepalive_time,
          "After how long without traffic a connection is pinged, 1s to 24h.");
ABSL_FLAG(absl::Duration, keepalive_timeout, ServerLimits().keepalive_timeout,
          "How long a ping may stay unanswered until the connection is closed, 1s to 24h.");
ABSL_FLAG(absl::Duration, connection_age_max, ServerLimits().connection_age_max,
          "After how long a connection is closed, 1s to 24h. Clients connect again.");
ABSL_FLAG(absl::Duration, connection_age_grace, ServerLimits().connection_age_grace,
          "How long the calls of a connection past --connection_age_max may take, 1s to 24h.");
ABSL_FLAG(int64_t, calls_per_second, ServerLimits().calls_per_second,
          "Calls of one tenant per second, unless it has its own limit; up to 1000000000. Further "
          "ones are refused with CALL_RATE_EXCEEDED. 0: no limit.");
ABSL_FLAG(int64_t, events_per_second, ServerLimits().events_per_second,
          "Events of one tenant per second, unless it has its own limit; up to 1000000000. Further "
          "ones are refused with EVENT_RATE_EXCEEDED. 0: no limit.");
ABSL_FLAG(std::string, tls_ca, "",
          "PEM file with the CAs that may have issued the server's certificate. Empty: the server "
          "is asked without TLS.");
ABSL_FLAG(std::string, tls_client_cert, "",
          "PEM file with the certificate to show to a server that has --tls_client_ca.");
ABSL_FLAG(std::string, tls_client_key, "", "PEM file with the private key of --tls_client_cert.");
ABSL_FLAG(std::string, tls_server_name, "",
          "The name that the server's certificate must have. Empty: the host of --endpoint.");
ABSL_FLAG(std::string, endpoint, "127.0.0.1:50051", "The server to ask.");
ABSL_FLAG(std::string, scratch_dir, "",
          "Where to put what the journal replays to until it is compared: the rows of usage and "
          "invoices, without the journal and the ids. Without it: next to the data, or where that "
          "cannot be written to in $TMPDIR or /tmp.");
ABSL_FLAG(std::string, backup_dir, "",
          "Where to keep backups that are made while serving: a directory on another volume than "
          "the data. Without it: no backups.");
ABSL_FLAG(absl::Duration, backup_every, absl::Minutes(1),
          "How often a backup is made in --backup_dir, such as 1m. It copies what changed. 0: only "
          "before the data is migrated to a newer format. At least 1s.");
ABSL_FLAG(int, backup_keep, 60, "How many backups are kept in --backup_dir. At least 1.");
ABSL_FLAG(int, backup_rate_mib, 32,
          "MiB a second that a backup copies at most. 0: as fast as it can.");
ABSL_FLAG(std::string, to, "", "The directory of backups, which is made if it is missing.");
ABSL_FLAG(std::string, from, "", "The directory of backups.");
ABSL_FLAG(int, backup, 0, "The number of the backup. 0: to verify all, to restore the newest.");
ABSL_FLAG(int, keep, 0, "How many backups to keep. For backup: 0 keeps all.");
ABSL_FLAG(std::vector<std::string>, next_number, {},
          "With which invoice numbers to go on: SERIES:N,SERIES:N,… such as INV:1043; of a tenant "
          "other than the first TENANT/SERIES:N. Numbers that were given after the backup must not "
          "be given again.");
ABSL_FLAG(int64_t, skip_numbers, -1,
          "How many invoice numbers each series skips that --next_number does not name, such as "
          "1000: more than were given since the backup. -1: each series must be named.");

namespace owo::service {
namespace {

constexpr std::string_view kServeFlags[] = {"listen",
                                            "data_dir",
                                            "store",
                                            "allow_insecure_listen",
                                            "allow_listen_without_front",
                                            "socket_group",
                                            "require_keys",
                                            "operator_key_file",
                                            "allow_anonymous_reflection",
                                            "tls_cert",
                                            "tls_key",
                                            "tls_client_ca",
                                            "event_age_max",
                                            "retain_events",
                                            "allow_short_retention",
                                            "scrub_every",
                                            "allow_negative_quantities",
                                            "default_currency",
                                            "unsafe_no_fsync",
                                            "drain_seconds",
                                            "memory_mib",
                                            "backup_dir",
                                            "backup_every",
                                            "backup_keep",
                                            "backup_rate_mib",
                                            "message_bytes_max",
                                            "metadata_bytes_max",
                                            "streams_max",
                                            "connections_max",
                                            "write_queue_max",
                                            "read_queue_max",
                                            "commit_queue_max",
                                            "commit_queue_events_max",
                                            "deadline_max",
                                            "handshake_timeout",
                                            "keepalive_time",
                                            "keepalive_timeout",
                                            "connection_age_max",
                                            "connection_age_grace",
                                            "calls_per_second",
                                            "events_per_second"};
constexpr std::string_view kHealthFlags[] = {"endpoint", "tls_ca", "tls_client_cert",
                                             "tls_client_key", "tls_server_name"};
constexpr std::string_view kVerifyFlags[] = {"data_dir", "store", "scratch_dir"};
constexpr std::string_view kBackupFlags[] = {"to", "data_dir", "store", "keep", "backup_rate_mib"};
constexpr std::string_view kBackupListFlags[] = {"from"};
constexpr std::string_view kBackupVerifyFlags[] = {"from", "backup"};
constexpr std::string_view kBackupPruneFlags[] = {"from", "keep"};
constexpr std::string_view kRestoreFlags[] = {"from",  "backup",      "data_dir",
                                              "store", "next_number", "skip_numbers"};
using FlagNames = std::span<const std::string_view>;

constexpr absl::Duration kAgeMax = absl::Hours(24 * 366 * 100);
constexpr absl::Duration kRetentionMin = absl::Hours(24);
constexpr int kDrainSecondsMax = 3600;

absl::Status Wrong(std::string_view flag, std::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("--", std::string(flag), ": ", std::string(why)));
}

// Returns the flag if `name` is one of `names`; else null.
absl::CommandLineFlag* FindFlag(FlagNames names, std::string_view name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) return nullptr;
  return absl::FindCommandLineFlag(absl::string_view(name.data(), name.size()));
}

absl::Status SetFlag(absl::CommandLineFlag& flag, const std::string& value) {
  std::string error;
  if (flag.ParseFrom(value, &error)) return absl::OkStatus();
  const absl::string_view name = flag.Name();
  return Wrong({name.data(), name.size()},
               absl::StrCat("got \"", value, "\"", error.empty() ? "" : ": ", error));
}

// Parses `--flag=value`, `--flag value`, and for boolean flags `--flag` and `--noflag`.
absl::Status SetFlags(FlagNames names, std::span<const std::string> arguments) {
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (!argument.starts_with("--")) {
      return absl::InvalidArgumentError(absl::StrCat("unexpected argument \"", argument, "\""));
    }
    const size_t equals = argument.find('=');
    const std::string name = argument.substr(2, equals == std::string::npos ? equals : equals - 2);
    absl::CommandLineFlag* flag = FindFlag(names, name);
    std::string value = equals == std::string::npos ? "true" : argument.substr(equals + 1);
    if (flag == nullptr && equals == std::string::npos && name.starts_with("no")) {
      flag = FindFlag(names, name.substr(2));
      if (flag != nullptr && !flag->IsOfType<bool>()) flag = nullptr;
      value = "false";
    }
    if (flag == nullptr) {
      return absl::InvalidArgumentError(absl::StrCat("unknown flag \"", argument, "\""));
    }
    if (equals == std::string::npos && !flag->IsOfType<bool>()) {
      if (++i == arguments.size()) return Wrong(name, "wants a value");
      value = arguments[i];
    }
    OWO_RETURN_IF_ERROR(SetFlag(*flag, value));
  }
  return absl::OkStatus();
}

bool IsGiven(std::span<const std::string> arguments, const std::string& flag) {
  return std::any_of(arguments.begin(), arguments.end(), [&](const std::string& argument) {
    return argument == "--" + flag || argument.starts_with("--" + flag + "=");
  });
}

// The store that --data_dir or --store names.
absl::StatusOr<storage::StoreUrl> StoreOf(std::span<const std::string> arguments) {
  const std::string store = absl::GetFlag(FLAGS_store);
  const std::string data_dir = absl::GetFlag(FLAGS_data_dir);
  if (!IsGiven(arguments, "store")) {
    if (data_dir.empty()) return Wrong("data_dir", "wants a directory");
    return storage::StoreUrl{.place = data_dir};
  }
  if (IsGiven(arguments, "data_dir")) return Wrong("store", "is given together with --data_dir");
  absl::StatusOr<storage::StoreUrl> url = storage::ParseStoreUrl(store);
  if (!url.ok()) return Wrong("store", std::string(url.status().message()));
  return url;
}

absl::StatusOr<CommandLine> VerifyLine(std::span<const std::string> arguments) {
  OWO_TRY(const storage::StoreUrl store, StoreOf(arguments));
  return CommandLine{
      .command = Command::kVerify,
      .verify = {.data_dir = store.place, .scratch_dir = absl::GetFlag(FLAGS_scratch_dir)}};
}

absl::StatusOr<absl::Duration> UpToAgeMax(std::string_view flag, absl::Duration given) {
  if (given >= absl::ZeroDuration() && given <= kAgeMax) return given;
  return Wrong(flag, absl::StrCat("got ", absl::FormatDuration(given), ", want 0 to ",
                                  absl::FormatDuration(kAgeMax)));
}

absl::StatusOr<absl::Duration> Retention() {
  OWO_TRY(const absl::Duration retain,
          UpToAgeMax("retain_events", absl::GetFlag(FLAGS_retain_events)));
  if (retain == absl::ZeroDuration() || retain >= kRetentionMin ||
      absl::GetFlag(FLAGS_allow_short_retention)) {
    return retain;
  }
  return Wrong("retain_events",
               absl::StrCat("got ", absl::FormatDuration(retain), ", want 0, which keeps all, or ",
                            absl::FormatDuration(kRetentionMin),
                            " and more: events that are dropped do not come back. Say "
                            "--allow_short_retention if it is meant"));
}

absl::StatusOr<int> AtLeast(std::string_view flag, int given, int least) {
  if (given >= least) return given;
  return Wrong(flag, absl::StrCat("got ", given, ", want ", least, " or more"));
}

absl::StatusOr<uint64_t> BackupRate() {
  OWO_TRY(const int mib, AtLeast("backup_rate_mib", absl::GetFlag(FLAGS_backup_rate_mib), 0));
  return static_cast<uint64_t>(mib) << 20;
}

absl::StatusOr<storage::BackupOptions> ServerBackups() {
  storage::BackupOptions options{.dir = absl::GetFlag(FLAGS_backup_dir)};
  OWO_TRY(options.every, UpToAgeMax("backup_every", absl::GetFlag(FLAGS_backup_every)));
  if (options.every > absl::ZeroDuration() && options.every < absl::Seconds(1)) {
    return Wrong("backup_every", absl::StrCat("got ", absl::FormatDuration(options.every),
                                              ", want 0 or at least 1s"));
  }
  OWO_TRY(const int keep, AtLeast("backup_keep", absl::GetFlag(FLAGS_backup_keep), 1));
  options.keep = static_cast<size_t>(keep);
  OWO_TRY(options.bytes_per_second, BackupRate());
  return options;
}

ServerLimits LimitsOfFlags() {
  return {.message_bytes_max = absl::GetFlag(FLAGS_message_bytes_max),
          .metadata_bytes_max = absl::GetFlag(FLAGS_metadata_bytes_max),
          .streams_max = absl::GetFlag(FLAGS_streams_max),
          .connections_max = absl::GetFlag(FLAGS_connections_max),
          .write_queue_max = absl::GetFlag(FLAGS_write_queue_max),
          .read_queue_max = absl::GetFlag(FLAGS_read_queue_max),
          .commit_queue_max = absl::GetFlag(FLAGS_commit_queue_max),
          .commit_queue_events_max = absl::GetFlag(FLAGS_commit_queue_events_max),
          .deadline_max = absl::GetFlag(FLAGS_deadline_max),
          .handshake_timeout = absl::GetFlag(FLAGS_handshake_timeout),
          .keepalive_time = absl::GetFlag(FLAGS_keepalive_time),
          .keepalive_timeout = absl::GetFlag(FLAGS_keepalive_timeout),
          .connection_age_max = absl::GetFlag(FLAGS_connection_age_max),
          .connection_age_grace = absl::GetFlag(FLAGS_connection_age_grace),
          .calls_per_second = absl::GetFlag(FLAGS_calls_per_second),
          .events_per_second = absl::GetFlag(FLAGS_events_per_second)};
}

CommandLine HealthLine() {
  return {.command = Command::kHealth,
          .endpoint = absl::GetFlag(FLAGS_endpoint),
          .health_tls = {.ca = absl::GetFlag(FLAGS_tls_ca),
                         .cert = absl::GetFlag(FLAGS_tls_client_cert),
                         .key = absl::GetFlag(FLAGS_tls_client_key),
                         .server_name = absl::GetFlag(FLAGS_tls_server_name)}};
}

absl::StatusOr<CommandLine> ServeLine(std::span<const std::string> arguments) {
  OWO_TRY(const absl::Duration age,
          UpToAgeMax("event_age_max", absl::GetFlag(FLAGS_event_age_max)));
  OWO_TRY(const absl::Duration retain, Retention());
  OWO_TRY(const absl::Duration scrub, UpToAgeMax("scrub_every", absl::GetFlag(FLAGS_scrub_every)));
  const std::string currency = absl::GetFlag(FLAGS_default_currency);
  const auto parsed = rating::Currency::Parse(currency);
  if (!parsed.ok()) {
    return Wrong("default_currency",
                 {parsed.status().message().data(), parsed.status().message().size()});
  }
  const int drain = absl::GetFlag(FLAGS_drain_seconds);
  if (drain < 0 || drain > kDrainSecondsMax) {
    return Wrong("drain_seconds", absl::StrCat("got ", drain, ", want 0 to ", kDrainSecondsMax));
  }
  const int memory = absl::GetFlag(FLAGS_memory_mib);
  if (memory < kMemoryMibMin || memory > kMemoryMibMax) {
    return Wrong("memory_mib",
                 absl::StrCat("got ", memory, ", want ", kMemoryMibMin, " to ", kMemoryMibMax));
  }
  const ServerLimits limits = LimitsOfFlags();
  OWO_RETURN_IF_ERROR(CheckLimits(limits));
  OWO_TRY(const storage::StoreUrl store, StoreOf(arguments));
  OWO_TRY(storage::BackupOptions backup, ServerBackups());
  CommandLine line{
      .command = Command::kServe, .data_dir = store.place, .drain = absl::Seconds(drain)};
  line.server.listen = absl::GetFlag(FLAGS_listen);
  line.server.store = store.ToString();
  line.server.allow_insecure_listen = absl::GetFlag(FLAGS_allow_insecure_listen);
  line.server.allow_listen_without_front = absl::GetFlag(FLAGS_allow_listen_without_front);
  line.server.socket_group = absl::GetFlag(FLAGS_socket_group);
  if (IsGiven(arguments, "require_keys") || IsGiven(arguments, "norequire_keys")) {
    line.server.require_keys = absl::GetFlag(FLAGS_require_keys);
  }
  line.server.operator_key_file = absl::GetFlag(FLAGS_operator_key_file);
  if (const char* const key = std::getenv("OWO_OPERATOR_KEY")) line.server.operator_key = key;
  line.server.allow_anonymous_reflection = absl::GetFlag(FLAGS_allow_anonymous_reflection);
  line.server.tls.files = {.cert = absl::GetFlag(FLAGS_tls_cert),
                           .key = absl::GetFlag(FLAGS_tls_key),
                           .client_ca = absl::GetFlag(FLAGS_tls_client_ca)};
  line.server.limits = limits;
  line.server.retain_events = retain;
  line.server.scrub_every = scrub;
  line.server.sync = !absl::GetFlag(FLAGS_unsafe_no_fsync);
  line.server.memory_mib = memory;
  line.server.backup = std::move(backup);
  line.server.ledger = {.event_age_max = absl::ToInt64Microseconds(age),
                        .allow_negative_quantities = absl::GetFlag(FLAGS_allow_negative_quantities),
                        .default_currency = currency};
  return line;
}

// Of `backup`, `backups …` and `restore`.
absl::StatusOr<CommandLine> BackupLine(BackupAction action, FlagNames names,
                                       std::span<const std::string> arguments) {
  OWO_RETURN_IF_ERROR(SetFlags(names, arguments));
  CommandLine line{.command = Command::kBackup, .backup = {.action = action}};
  BackupCommand& command = line.backup;
  const bool creates = action == BackupAction::kCreate;
  command.dir = creates ? absl::GetFlag(FLAGS_to) : absl::GetFlag(FLAGS_from);
  if (command.dir.empty()) return Wrong(creates ? "to" : "from", "wants a directory");
  if (creates || action == BackupAction::kRestore) {
    OWO_TRY(const storage::StoreUrl store, StoreOf(arguments));
    command.data_dir = store.place;
  }
  OWO_TRY(const int backup, AtLeast("backup", absl::GetFlag(FLAGS_backup), 0));
  command.backup = static_cast<uint32_t>(backup);
  const int keep_min = action == BackupAction::kPrune ? 1 : 0;
  OWO_TRY(const int keep, AtLeast("keep", absl::GetFlag(FLAGS_keep), keep_min));
  command.keep = static_cast<size_t>(keep);
  OWO_TRY(command.bytes_per_second, BackupRate());
  for (const std::string& text : absl::GetFlag(FLAGS_next_number)) {
    absl::StatusOr<storage::NextNumber> number = ParseNextNumber(text);
    if (!number.ok()) return Wrong("next_number", std::string(number.status().message()));
    command.next_numbers.push_back(*std::move(number));
  }
  const int64_t skip = absl::GetFlag(FLAGS_skip_numbers);
  if (skip >= 0) command.skip_numbers = static_cast<uint64_t>(skip);
  return line;
}

absl::StatusOr<CommandLine> BackupsLine(std::span<const std::string> arguments) {
  const std::string action = arguments.empty() ? "" : arguments.front();
  if (action == "list") {
    return BackupLine(BackupAction::kList, kBackupListFlags, arguments.subspan(1));
  }
  if (action == "verify") {
    return BackupLine(BackupAction::kVerify, kBackupVerifyFlags, arguments.subspan(1));
  }
  if (action == "prune") {
    return BackupLine(BackupAction::kPrune, kBackupPruneFlags, arguments.subspan(1));
  }
  return absl::InvalidArgumentError("backups: say list, verify or prune after it");
}

std::string Describe(FlagNames names) {
  std::string text;
  for (const std::string_view name : names) {
    const absl::CommandLineFlag* const flag = FindFlag(names, name);
    absl::StrAppend(&text, "  --", std::string(name), "=", flag->DefaultValue(), "\n      ",
                    flag->Help(), "\n");
  }
  return text;
}

}  // namespace

absl::StatusOr<CommandLine> ParseCommandLine(const std::vector<std::string>& arguments) {
  for (const std::string& argument : arguments) {
    if (argument == "--help" || argument == "-h") return CommandLine{.command = Command::kHelp};
  }
  const std::span<const std::string> all(arguments);
  if (!all.empty() && all.front() == "health") {
    OWO_RETURN_IF_ERROR(SetFlags(kHealthFlags, all.subspan(1)));
    return HealthLine();
  }
  if (!all.empty() && all.front() == "verify") {
    OWO_RETURN_IF_ERROR(SetFlags(kVerifyFlags, all.subspan(1)));
    return VerifyLine(all);
  }
  if (!all.empty() && all.front() == "backup") {
    return BackupLine(BackupAction::kCreate, kBackupFlags, all.subspan(1));
  }
  if (!all.empty() && all.front() == "backups") return BackupsLine(all.subspan(1));
  if (!all.empty() && all.front() == "restore") {
    return BackupLine(BackupAction::kRestore, kRestoreFlags, all.subspan(1));
  }
  OWO_RETURN_IF_ERROR(SetFlags(kServeFlags, all));
  return ServeLine(all);
}

std::string HelpText() {
  return absl::StrCat(
      "owo-billing-server: counts usage, shows what it costs, and invoices it, over gRPC.\n\n"
      "usage: owo-billing-server [FLAGS]\n"
      "         Serves until SIGTERM or SIGINT, then finishes what it accepted; a second one ends "
      "it\n"
      "         at once. SIGHUP, SIGUSR1, SIGUSR2, SIGALRM and SIGPIPE are ignored. Exit status "
      "0:\n"
      "         stopped so; 1: it failed; 2: it was called wrongly or the address is taken.\n",
      Describe(kServeFlags),
      "\nusage: owo-billing-server health [FLAGS]\n"
      "         Asks a running server whether it serves. Exit status 0: it does; 1: it does not. "
      "One\n"
      "         that serves reads and refuses writes, as its disk is full, does; that is said, "
      "too.\n",
      Describe(kHealthFlags),
      "\nusage: owo-billing-server verify [FLAGS]\n"
      "         Replays the journal, rates every invoice again, and compares all that is "
      "stored\n"
      "         with that; no server may have the data open. Says what was compared and what\n"
      "         differs. Changes nothing in the data directory, and needs no permission to write\n"
      "         there. Exit status 0: the data is sound; 1: something differs or is damaged; 2: "
      "the\n"
      "         data was not compared: the command was called wrongly, the data is not there, in "
      "use\n"
      "         or may not be read, the scratch cannot be written, or a signal came.\n",
      Describe(kVerifyFlags),
      "\nusage: owo-billing-server backup --to=DIR [FLAGS]\n"
      "         Makes a backup of data that no server has open. A server that runs makes its own: "
      "see\n"
      "         --backup_dir.\n",
      Describe(kBackupFlags),
      "\nusage: owo-billing-server backups list|verify|prune --from=DIR [FLAGS]\n"
      "         list: the backups, and with which invoice numbers they would go on. verify: reads "
      "all\n"
      "         files and compares them with their checksums. prune: removes the oldest. Exit "
      "status 1:\n"
      "         a backup is damaged.\n",
      Describe(kBackupVerifyFlags), Describe(kBackupPruneFlags),
      "\nusage: owo-billing-server restore --from=DIR --next_number=SERIES:N [FLAGS]\n"
      "         Makes a data directory, which must be missing or empty, from a backup. If it is\n"
      "         interrupted, the directory does not open: repeat it. Exit status 1: the backup "
      "is\n"
      "         damaged; 2: nothing was restored for another reason, which it says.\n",
      Describe(kRestoreFlags));
}

}  // namespace owo::service
