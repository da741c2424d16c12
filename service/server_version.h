// Which program this is: its version, its commit, and the libraries that matter to operators.
//
//   ServerVersion().version;   // "0.1.0"
//   VersionText();             // what --version prints

#ifndef OWO_SERVICE_SERVER_VERSION_H_
#define OWO_SERVICE_SERVER_VERSION_H_

#include <string>

namespace owo::service {

struct Version {
  std::string version;  // "0.1.0"
  std::string commit;   // "12c7bdc0aa31", with "-dirty" if files differed from it; or "unknown"
  std::string grpc;     // "1.51.1", of the library that is loaded
  std::string rocksdb;  // "7.8.3", likewise
};

// Thread-safe.
Version ServerVersion();

// Four lines, one for each of these.
std::string VersionText();

}  // namespace owo::service

#endif  // OWO_SERVICE_SERVER_VERSION_H_
