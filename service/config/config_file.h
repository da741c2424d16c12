// Reads a configuration file: YAML, one `flag: value` per line.
//
//   # /etc/owo-billing/owo-billing.yaml
//   listen: 127.0.0.1:50051
//   memory_mib: 512

#ifndef OWO_SERVICE_CONFIG_CONFIG_FILE_H_
#define OWO_SERVICE_CONFIG_CONFIG_FILE_H_

#include <cstddef>
#include <string>
#include <vector>

namespace owo::config {

inline constexpr size_t kConfigFileBytesMax = 64 << 10;

struct ConfigEntry {
  std::string key;
  std::string value;
  int line = 0;  // from 1
};

struct ConfigFile {
  std::vector<ConfigEntry> entries;   // in the order of the file; a key may be there twice
  std::vector<std::string> mistakes;  // each with file and line; without values
};

// Reads at most kConfigFileBytesMax. A file that cannot be read, or is not a YAML map of texts, is
// a mistake.
ConfigFile ReadConfigFile(const std::string& path);

}  // namespace owo::config

#endif  // OWO_SERVICE_CONFIG_CONFIG_FILE_H_
