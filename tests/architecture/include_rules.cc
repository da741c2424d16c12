#include "tests/architecture/include_rules.h"

#include <algorithm>
#include <array>
#include <initializer_list>

namespace owo::architecture {
namespace {

using Patterns = std::initializer_list<std::string_view>;

// Files that one of `includers` matches may include headers that `header` matches. "a/" matches
// everything below a directory, "a/*" the files directly in it, anything else a prefix of the path.
// The first row that matches a header decides. Headers that no row matches belong to the standard
// library or to other libraries.
struct Arrow {
  std::string_view header;
  Patterns includers;
};

const std::array<Arrow, 40> kArrows = {{
    // The rooms of the embedded store, from the top.
    {"storage/rocksdb/verify/verify.h",
     {"storage/rocksdb/verify/", "service/server", "service/main.cc", "tests/"}},
    {"storage/rocksdb/verify/stats.h",
     {"storage/rocksdb/verify/", "service/server", "service/main.cc", "tests/"}},
    {"storage/rocksdb/verify/", {"storage/rocksdb/verify/", "tests/"}},
    {"storage/rocksdb/backup/",
     {"storage/rocksdb/*", "storage/rocksdb/backup/", "service/server", "tests/"}},
    {"storage/rocksdb/retention/",
     {"storage/rocksdb/*", "storage/rocksdb/backup/", "storage/rocksdb/verify/",
      "storage/rocksdb/retention/", "tests/"}},
    {"storage/rocksdb/commit/",
     {"storage/rocksdb/*", "storage/rocksdb/backup/", "storage/rocksdb/verify/",
      "storage/rocksdb/retention/", "storage/rocksdb/commit/", "tests/"}},
    {"storage/rocksdb/ids/ids.h",
     {"storage/rocksdb/*", "storage/rocksdb/verify/", "storage/rocksdb/retention/",
      "storage/rocksdb/commit/", "storage/rocksdb/ids/", "tests/"}},
    {"storage/rocksdb/ids/", {"storage/rocksdb/ids/", "tests/"}},
    {"storage/rocksdb/read/",
     {"storage/rocksdb/*", "storage/rocksdb/backup/", "storage/rocksdb/verify/",
      "storage/rocksdb/retention/", "storage/rocksdb/commit/", "storage/rocksdb/read/", "tests/"}},
    {"storage/rocksdb/engine/",
     {"storage/rocksdb/*", "storage/rocksdb/backup/", "storage/rocksdb/verify/",
      "storage/rocksdb/retention/", "storage/rocksdb/commit/", "storage/rocksdb/ids/",
      "storage/rocksdb/read/", "storage/rocksdb/engine/", "tests/"}},
    {"storage/rocksdb/format/", {"storage/rocksdb/", "tests/"}},
    {"storage/rocksdb/", {"storage/rocksdb/*", "storage/open/", "tests/"}},
    // Chooses among the engines.
    {"storage/open/", {"storage/open/", "service/server", "service/main.cc", "tests/"}},

    {"storage/util/",
     {"storage/", "service/config/", "service/telemetry/", "service/tls/", "service/ledger/",
      "service/access/", "service/rpc/", "service/server", "service/main.cc", "tests/"}},
    // How a call reads, which every layer passes on.
    {"storage/read_options.h",
     {"storage/*", "storage/rocksdb/", "service/ledger/", "service/access/", "service/rpc/",
      "service/server", "tests/"}},
    {"storage/",
     {"storage/*", "storage/open/", "storage/rocksdb/", "service/ledger/", "service/access/",
      "service/server", "service/main.cc", "tests/"}},
    {"service/rating/", {"service/", "tests/"}},
    {"service/config/", {"service/config/", "service/server", "service/main.cc", "tests/"}},
    {"service/telemetry/",
     {"service/telemetry/", "service/rpc/", "service/tls/", "service/server", "service/main.cc",
      "tests/"}},
    {"service/tls/", {"service/tls/", "service/server", "tests/"}},
    {"service/ledger/",
     {"service/ledger/", "service/access/", "service/rpc/", "service/server", "service/main.cc",
      "tests/"}},
    {"service/access/",
     {"service/access/", "service/rpc/", "service/server", "service/main.cc", "tests/"}},
    // The services of the API. They include the shared code, not each other.
    {"service/rpc/admin/", {"service/rpc/admin/", "service/server", "tests/"}},
    {"service/rpc/billing/", {"service/rpc/billing/", "service/server", "tests/"}},
    {"service/rpc/catalog/", {"service/rpc/catalog/", "service/server", "tests/"}},
    {"service/rpc/customers/", {"service/rpc/customers/", "service/server", "tests/"}},
    {"service/rpc/metering/", {"service/rpc/metering/", "service/server", "tests/"}},
    {"service/rpc/", {"service/rpc/", "service/server", "service/main.cc", "tests/"}},
    {"service/", {"service/server", "service/main.cc", "tests/"}},
    {"client/cpp/internal/", {"client/cpp/*", "client/cpp/internal/", "tests/"}},
    {"client/cpp/mocks/", {"client/cpp/mocks/", "tests/"}},
    {"client/cpp/examples/", {"client/cpp/examples/", "tests/"}},
    {"client/", {"client/", "tests/"}},
    {"tests/", {"tests/"}},
    {"rocksdb/", {"storage/rocksdb/", "tests/"}},
    {"grpc/",
     {"service/rpc/", "service/tls/", "service/server", "service/main.cc", "client/", "tests/"}},
    {"grpcpp/",
     {"service/rpc/", "service/tls/", "service/server", "service/main.cc", "client/", "tests/"}},
    // Code generated from proto/: only the layers that speak the wire format include it.
    {"owo/", {"proto/", "service/rpc/", "client/", "tests/"}},
    {"google/rpc/", {"proto/", "service/rpc/", "client/", "tests/"}},
    {"google/protobuf/", {"proto/", "storage/", "service/rpc/", "client/", "tests/"}},
}};

bool Names(std::string_view pattern, std::string_view path) {
  if (!pattern.ends_with("/*")) return path.starts_with(pattern);
  const std::string_view folder = pattern.substr(0, pattern.size() - 1);
  return path.starts_with(folder) && path.find('/', folder.size()) == std::string_view::npos;
}

bool MayInclude(std::string_view path, std::string_view header) {
  for (const Arrow& arrow : kArrows) {
    if (!Names(arrow.header, header)) continue;
    return std::any_of(arrow.includers.begin(), arrow.includers.end(),
                       [path](std::string_view pattern) { return Names(pattern, path); });
  }
  return true;
}

}  // namespace

std::string_view Included(std::string_view line) {
  if (!line.starts_with("#include") && !line.starts_with("import ")) return {};
  const size_t open = line.find_first_of("\"<");
  const size_t close = line.find_last_of("\">");
  if (open == std::string_view::npos || close <= open) return {};
  return line.substr(open + 1, close - open - 1);
}

Violations CheckIncludes(const SourceFile& file) {
  Violations violations;
  if (!HasExtension(file, {".h", ".cc", ".proto"})) return violations;
  const std::vector<std::string_view> lines = Lines(file.text);
  for (size_t i = 0; i < lines.size(); ++i) {
    const std::string_view header = Included(lines[i]);
    if (!header.empty() && !MayInclude(file.path, header)) {
      violations.push_back(At(file, i + 1, "may not include " + std::string(header)));
    }
  }
  return violations;
}

}  // namespace owo::architecture
