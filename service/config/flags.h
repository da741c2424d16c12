// Reads a program's flags from the command line, the environment and a file, in this order of
// precedence, and finds every mistake in all of them.
//
//   ParsedFlags flags = ParseFlags(table, kServe, {.arguments = {"--memory_mib=64"},
//                                                  .environment = {"OWO_LISTEN=[::1]:50051"}});
//   flags.mistakes();            // {"--memory_mib: got \"64\", want a whole number, 128 to …"}
//   flags.Text("listen");        // "[::1]:50051"
//   flags.OriginOf("listen");    // "OWO_LISTEN"

#ifndef OWO_SERVICE_CONFIG_FLAGS_H_
#define OWO_SERVICE_CONFIG_FLAGS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "service/config/flag_spec.h"

namespace owo::config {

struct FlagSources {
  std::vector<std::string> arguments;    // without the names of the program and of the command
  std::vector<std::string> environment;  // "NAME=value"; variables without the prefix are ignored
};

// A flag with the value that is in force.
struct EffectiveFlag {
  std::string name;
  std::string value;
  std::string origin;      // "--listen", "OWO_LISTEN", "/etc/owo.yaml:3: listen"; "": the default
  bool is_default = true;  // the value is the default, wherever it comes from
};

// The flags of one command. A flag with a mistake has its default value. Not thread-safe while
// mistakes are added.
class ParsedFlags {
 public:
  // REQUIRES for all of these: the command has a flag of this name and type.
  const std::string& Text(std::string_view name) const;
  bool Switch(std::string_view name) const;
  int64_t Number(std::string_view name) const;
  absl::Duration Duration(std::string_view name) const;
  // Whether any source gave a value.
  bool IsGiven(std::string_view name) const;
  // Where the value comes from; "--name" if it is the default.
  std::string OriginOf(std::string_view name) const;

  // Each names its origin, and is one line of text for the user. Values of unknown flags, variables
  // and keys are left out: they may be secrets.
  const std::vector<std::string>& mistakes() const { return mistakes_; }
  // Adds a mistake that a combination of flags is.
  void AddMistake(std::string_view name, std::string_view what);

  // All flags of the command, in the order of the table.
  std::vector<EffectiveFlag> Effective() const;

 private:
  friend class FlagParser;

  struct Flag {
    const FlagSpec* spec = nullptr;
    std::string value;
    std::string origin;
  };
  const Flag& Find(std::string_view name) const;
  void AddLine(std::string_view text);  // a mistake, as one line

  std::vector<Flag> flags_;
  std::vector<std::string> mistakes_;
};

// `command`: the bit of FlagSpec::commands. Arguments are `--flag=value`, `--flag value`, and for
// switches `--flag` and `--noflag`; the last of several holds. If the command has a flag `config`,
// its value names the file. Variables and keys for flags of other commands are ignored, so that one
// environment and one file serve all commands; unknown ones are mistakes.
ParsedFlags ParseFlags(const FlagTable& table, unsigned command, const FlagSources& sources);

}  // namespace owo::config

#endif  // OWO_SERVICE_CONFIG_FLAGS_H_
