#include "service/server_flags.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "service/config/help_text.h"
#include "service/server_flag_table.h"
#include "storage/open/open_store.h"

namespace owo::service {
namespace {

struct CommandSpec {
  Command command;
  unsigned flags;
  std::string_view name;  // "": the command of a line that names none
  std::string_view help;
};

constexpr CommandSpec kCommands[] = {
    {Command::kServe, kServe, "",
     "Serves until SIGTERM or SIGINT, then finishes the accepted calls. A second signal ends it at "
     "once. SIGHUP, SIGUSR1, SIGUSR2, SIGALRM and SIGPIPE are ignored. Exit status 0: it was "
     "stopped; 1: it failed; 2: a flag is wrong, or the address is in use."},
    {Command::kHealth, kHealth, "health",
     "Asks a running server whether it serves. Exit status 0: it does; 1: it does not. A server "
     "whose disk is full serves reads and refuses writes: the status is 0, and a line says so."},
    {Command::kVerify, kVerify, "verify",
     "Replays the journal, rates every invoice again, and compares everything that is stored with "
     "that. Prints what was compared and what differs. No server may have the data open. Changes "
     "nothing in the data directory, and needs no permission to write there. Exit status 0: the "
     "data is sound; 1: something differs or is damaged; 2: the data was not compared, because a "
     "flag is wrong, the data is missing, in use or not readable, the scratch database cannot be "
     "written, or a signal came."},
    {Command::kStats, kStats, "stats",
     "Prints the size of a data directory: bytes, events, customers, invoices, the growth of the "
     "last days, and the tenants with the most events. No server may have the data open. Changes "
     "nothing there. Exit status 0: printed; 1: the data is damaged; 2: it was not read."},
    {Command::kBackup, kBackup, "backup",
     "Makes a backup of data that no server has open. A server makes its own: --backup_dir. Exit "
     "status 0: it is made; 1: the data is damaged; 2: it was not made."},
    {Command::kBackup, kBackupsList, "backups list",
     "Lists backups, with the next invoice number of each series."},
    {Command::kBackup, kBackupsVerify, "backups verify",
     "Reads every file of the backups and compares it with its checksum. Exit status 0: they are "
     "sound; 1: one is damaged; 2: they were not read."},
    {Command::kBackup, kBackupsPrune, "backups prune",
     "Removes the oldest backups. Keeps those of before a migration, but for all except the "
     "newest."},
    {Command::kBackup, kRestore, "restore",
     "Restores a backup into a directory that is empty or missing, or that an interrupted restore "
     "left. Exit status 0: it is restored; 1: the backup is damaged; 2: it was not restored."},
};

std::string Usage(const CommandSpec& command) {
  const std::string name = command.name.empty() ? "" : absl::StrCat(std::string(command.name), " ");
  return absl::StrCat("usage: owo-billing-server ", name, "[FLAGS]\n",
                      config::Wrapped(command.help, 2),
                      config::FlagsHelp(ServerFlags(), command.flags));
}

// The store that --data_dir or --store names; the default if the flags are wrong.
storage::StoreUrl StoreOf(config::ParsedFlags& flags) {
  storage::StoreUrl by_directory{.place = flags.Text("data_dir")};
  if (!flags.IsGiven("store")) return by_directory;
  if (flags.IsGiven("data_dir")) {
    flags.AddMistake("store", absl::StrCat("names the data that ", flags.OriginOf("data_dir"),
                                           " names already; set one of --store and --data_dir"));
  }
  const auto url = storage::ParseStoreUrl(flags.Text("store"));
  return url.ok() ? *url : by_directory;
}

void CheckRetention(config::ParsedFlags& flags) {
  const absl::Duration retain = flags.Duration("retain_events");
  if (retain == absl::ZeroDuration() || retain >= kRetentionMin ||
      flags.Switch("allow_short_retention")) {
    return;
  }
  flags.AddMistake(
      "retain_events",
      absl::StrCat("got ", absl::FormatDuration(retain), ", want 0, which keeps all events, or ",
                   absl::FormatDuration(kRetentionMin),
                   " or more: deleted events do not come back. If that is intended, "
                   "set --allow_short_retention"));
}

ServerLimits LimitsOf(const config::ParsedFlags& flags) {
  const auto number = [&flags](std::string_view name) {
    return static_cast<int>(flags.Number(name));
  };
  return {.message_bytes_max = number("message_bytes_max"),
          .metadata_bytes_max = number("metadata_bytes_max"),
          .streams_max = number("streams_max"),
          .connections_max = number("connections_max"),
          .write_queue_max = number("write_queue_max"),
          .read_queue_max = number("read_queue_max"),
          .commit_queue_max = number("commit_queue_max"),
          .commit_queue_events_max = number("commit_queue_events_max"),
          .deadline_max = flags.Duration("deadline_max"),
          .handshake_timeout = flags.Duration("handshake_timeout"),
          .keepalive_time = flags.Duration("keepalive_time"),
          .keepalive_timeout = flags.Duration("keepalive_timeout"),
          .connection_age_max = flags.Duration("connection_age_max"),
          .connection_age_grace = flags.Duration("connection_age_grace"),
          .calls_per_second = flags.Number("calls_per_second"),
          .events_per_second = flags.Number("events_per_second")};
}

uint64_t BackupRate(const config::ParsedFlags& flags) {
  return static_cast<uint64_t>(flags.Number("backup_rate_mib")) << 20;
}

CommandLine ServeLine(config::ParsedFlags& flags) {
  const storage::StoreUrl store = StoreOf(flags);
  CheckRetention(flags);
  CommandLine line{.command = Command::kServe,
                   .data_dir = store.place,
                   .drain = absl::Seconds(flags.Number("drain_seconds"))};
  line.server.listen = flags.Text("listen");
  line.server.store = store.ToString();
  line.server.allow_insecure_listen = flags.Switch("allow_insecure_listen");
  line.server.allow_listen_without_front = flags.Switch("allow_listen_without_front");
  line.server.socket_group = flags.Text("socket_group");
  line.server.tls.files = {.cert = flags.Text("tls_cert"),
                           .key = flags.Text("tls_key"),
                           .client_ca = flags.Text("tls_client_ca")};
  if (flags.IsGiven("require_keys")) line.server.require_keys = flags.Switch("require_keys");
  line.server.operator_key_file = flags.Text("operator_key_file");
  line.server.allow_anonymous_reflection = flags.Switch("allow_anonymous_reflection");
  line.server.limits = LimitsOf(flags);
  line.server.backup = {.dir = flags.Text("backup_dir"),
                        .every = flags.Duration("backup_every"),
                        .keep = static_cast<size_t>(flags.Number("backup_keep")),
                        .bytes_per_second = BackupRate(flags)};
  line.server.retain_events = flags.Duration("retain_events");
  line.server.scrub_every = flags.Duration("scrub_every");
  line.server.sync = !flags.Switch("unsafe_no_fsync");
  line.server.memory_mib = static_cast<int>(flags.Number("memory_mib"));
  line.server.ledger = {.event_age_max = absl::ToInt64Microseconds(flags.Duration("event_age_max")),
                        .allow_negative_quantities = flags.Switch("allow_negative_quantities"),
                        .default_currency = flags.Text("default_currency")};
  return line;
}

// The directory of backups that a command needs.
std::string BackupsOf(config::ParsedFlags& flags, std::string_view name) {
  if (flags.Text(name).empty()) flags.AddMistake(name, "want a directory");
  return flags.Text(name);
}

BackupCommand RestoreOf(config::ParsedFlags& flags) {
  BackupCommand command{.action = BackupAction::kRestore,
                        .dir = BackupsOf(flags, "from"),
                        .data_dir = StoreOf(flags).place,
                        .backup = static_cast<uint32_t>(flags.Number("backup"))};
  const std::string& numbers = flags.Text("next_number");
  for (const absl::string_view text : absl::StrSplit(numbers, ',', absl::SkipEmpty())) {
    absl::StatusOr<storage::NextNumber> number = ParseNextNumber({text.data(), text.size()});
    if (!number.ok()) {
      flags.AddMistake("next_number", std::string(number.status().message()));
    } else {
      command.next_numbers.push_back(*std::move(number));
    }
  }
  if (flags.IsGiven("skip_numbers")) {
    command.skip_numbers = static_cast<uint64_t>(flags.Number("skip_numbers"));
  }
  return command;
}

// `command`: the bit of a command that works on backups.
BackupCommand BackupOf(unsigned command, config::ParsedFlags& flags) {
  const auto keep = [&flags] { return static_cast<size_t>(flags.Number("keep")); };
  switch (command) {
    case kBackup:
      return {.action = BackupAction::kCreate,
              .dir = BackupsOf(flags, "to"),
              .data_dir = StoreOf(flags).place,
              .keep = keep(),
              .bytes_per_second = BackupRate(flags)};
    case kBackupsVerify:
      return {.action = BackupAction::kVerify,
              .dir = BackupsOf(flags, "from"),
              .backup = static_cast<uint32_t>(flags.Number("backup"))};
    case kBackupsPrune:
      if (keep() == 0) flags.AddMistake("keep", "want 1 or more");
      return {.action = BackupAction::kPrune, .dir = BackupsOf(flags, "from"), .keep = keep()};
    case kRestore:
      return RestoreOf(flags);
    default:
      return {.action = BackupAction::kList, .dir = BackupsOf(flags, "from")};
  }
}

CommandLine LineOf(const CommandSpec& spec, config::ParsedFlags& flags) {
  CommandLine line{.command = spec.command};
  if (spec.command == Command::kServe) line = ServeLine(flags);
  if (spec.command == Command::kHealth) {
    line.endpoint = flags.Text("endpoint");
    line.health_tls = {.ca = flags.Text("tls_ca"),
                       .cert = flags.Text("tls_client_cert"),
                       .key = flags.Text("tls_client_key"),
                       .server_name = flags.Text("tls_server_name")};
  }
  if (spec.command == Command::kVerify) {
    line.verify = {.data_dir = StoreOf(flags).place, .scratch_dir = flags.Text("scratch_dir")};
  }
  if (spec.command == Command::kStats) {
    line.stats = {.data_dir = StoreOf(flags).place};
    line.json = flags.Switch("json");
  }
  if (spec.command == Command::kBackup) line.backup = BackupOf(spec.flags, flags);
  line.flags = flags.Effective();
  return line;
}

// The command that the arguments begin with; the first one, if they name none.
const CommandSpec& CommandOf(const std::vector<std::string>& arguments) {
  const auto begins = [&arguments](const CommandSpec& command) {
    const std::vector<std::string> words =
        absl::StrSplit(std::string(command.name), ' ', absl::SkipEmpty());
    return !words.empty() && words.size() <= arguments.size() &&
           std::equal(words.begin(), words.end(), arguments.begin());
  };
  const auto* const found = std::ranges::find_if(kCommands, begins);
  return found == std::end(kCommands) ? kCommands[0] : *found;
}

std::string OperatorKeyIn(const std::vector<std::string>& environment) {
  const std::string prefix = absl::StrCat(kOperatorKeyVariable, "=");
  for (const std::string& variable : environment) {
    if (variable.starts_with(prefix)) return variable.substr(prefix.size());
  }
  return "";
}

}  // namespace

absl::StatusOr<CommandLine> ParseCommandLine(const std::vector<std::string>& arguments,
                                             const std::vector<std::string>& environment) {
  const CommandSpec& spec = CommandOf(arguments);
  const bool names_command = !spec.name.empty();
  for (const std::string& argument : arguments) {
    if (argument == "--version") return CommandLine{.command = Command::kVersion};
    if (argument != "--help" && argument != "-h") continue;
    return CommandLine{.command = Command::kHelp, .help = names_command ? Usage(spec) : HelpText()};
  }
  if (!names_command && !arguments.empty() && arguments.front() == "backups") {
    return absl::InvalidArgumentError("backups: name what to do: list, verify or prune");
  }
  config::FlagSources sources{.arguments = arguments, .environment = environment};
  if (names_command) {
    const auto words = 1 + std::ranges::count(spec.name, ' ');
    sources.arguments.erase(sources.arguments.begin(), sources.arguments.begin() + words);
  }
  config::ParsedFlags flags = config::ParseFlags(ServerFlags(), spec.flags, sources);
  CommandLine line = LineOf(spec, flags);
  line.server.operator_key = OperatorKeyIn(environment);
  if (flags.mistakes().empty()) return line;
  return absl::InvalidArgumentError(absl::StrJoin(flags.mistakes(), "\n"));
}

std::string HelpText() {
  std::string text = config::Wrapped(
      "owo-billing-server: counts usage, shows what it costs, and invoices it, over gRPC.\n\n"
      "Each flag can also be set by its variable, and by a line of the file that --config names. "
      "COMMAND --help shows one command, and --version the version.",
      0);
  for (const CommandSpec& command : kCommands) absl::StrAppend(&text, "\n", Usage(command));
  return text;
}

std::string ChangedFlags(const std::vector<config::EffectiveFlag>& flags) {
  std::string text;
  for (const config::EffectiveFlag& flag : flags) {
    if (flag.is_default) continue;
    absl::StrAppend(&text, text.empty() ? "" : " ", "--", flag.name, "=", flag.value);
  }
  return text;
}

}  // namespace owo::service
