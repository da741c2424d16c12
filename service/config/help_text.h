// Renders the flags of a command for --help, in lines of at most 80 columns.
//
//   Limits:
//     --memory_mib=MIB
//         Memory for caches, in MiB.
//         Default: 512. 128 to 1048576. OWO_MEMORY_MIB.

#ifndef OWO_SERVICE_CONFIG_HELP_TEXT_H_
#define OWO_SERVICE_CONFIG_HELP_TEXT_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "service/config/flag_spec.h"

namespace owo::config {

inline constexpr size_t kHelpColumnsMax = 80;

// `text` as lines of at most kHelpColumnsMax, each indented by this many blanks. Line ends in
// `text` stay. A word that is longer than a line has a line of its own.
std::string Wrapped(std::string_view text, size_t indent);

// The flags of the commands whose bits are in `commands`, by group.
std::string FlagsHelp(const FlagTable& table, unsigned commands);

}  // namespace owo::config

#endif  // OWO_SERVICE_CONFIG_HELP_TEXT_H_
