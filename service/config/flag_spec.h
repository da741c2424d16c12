// What a flag is: its name, type, default, bounds and help text. A program declares each flag once,
// as a row of a table. Parsing, help, environment variables and the list of effective flags follow
// from the table.
//
//   constexpr FlagSpec kFlags[] = {
//       {.name = "memory_mib", .type = FlagType::kNumber, .placeholder = "MIB", .group = "Limits",
//        .default_value = "512", .min = 128, .max = 1 << 20, .help = "Memory for caches, in
//        MiB."}};

#ifndef OWO_SERVICE_CONFIG_FLAG_SPEC_H_
#define OWO_SERVICE_CONFIG_FLAG_SPEC_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace owo::config {

enum class FlagType : uint8_t {
  kText,
  kSwitch,    // true or false
  kNumber,    // a whole number
  kDuration,  // as absl::ParseDuration() reads it: "24h", "1m30s", "0"
};

struct FlagSpec {
  std::string_view name;  // lower case and underscores: "memory_mib"
  FlagType type = FlagType::kText;
  std::string_view placeholder;  // stands for the value in the help text: "MIB"; switches: unused
  std::string_view group;        // of the help text; flags of one group are adjacent in the table
  std::string_view default_value;
  // The least and greatest value, of numbers as they are, of durations in seconds.
  int64_t min = 0;
  int64_t max = INT64_MAX;
  // What it does and its unit, in sentences. Default, bounds and variable are added.
  std::string_view help;
  // The commands that take the flag, as bits that the program defines.
  unsigned commands = 1;
  // A further check of given values; the message says what is wanted. Null: none.
  absl::Status (*check)(const std::string& value) = nullptr;
};

// The flags of a program. There are none whose value is a secret: values are logged and shown.
struct FlagTable {
  std::span<const FlagSpec> flags;
  // A flag's environment variable is this and its name in upper case: OWO_MEMORY_MIB.
  std::string_view variable_prefix = "OWO_";
  // Variables with the prefix that are not flags, because their values are secrets. They are read
  // where they are used, and never shown.
  std::span<const std::string_view> secret_variables = {};
};

// "OWO_MEMORY_MIB".
std::string VariableOf(const FlagTable& table, const FlagSpec& flag);

// Reads `text` as a value of the flag's type, checks it against the flag's bounds and `check`, and
// sets `value` to its canonical text: "true", "512", "24h". INVALID_ARGUMENT says what is wanted.
absl::Status ParseValue(const FlagSpec& flag, const std::string& text, std::string& value);

// "128 to 1048576"; "" if the type has no bounds.
std::string BoundsText(const FlagSpec& flag);

}  // namespace owo::config

#endif  // OWO_SERVICE_CONFIG_FLAG_SPEC_H_
