#include "service/server_version.h"

#include <grpcpp/grpcpp.h>

#include "absl/strings/str_cat.h"
#include "storage/open/open_store.h"

namespace owo::service {

Version ServerVersion() {
  return {.version = OWO_VERSION,
          .commit = OWO_COMMIT,
          .grpc = grpc::Version(),
          .rocksdb = storage::RocksVersion()};
}

std::string VersionText() {
  const Version version = ServerVersion();
  return absl::StrCat("owo-billing-server ", version.version, "\ncommit   ", version.commit,
                      "\ngRPC     ", version.grpc, "\nRocksDB  ", version.rocksdb, "\n");
}

}  // namespace owo::service
