#include "tests/architecture/include_rules.h"

#include <algorithm>
#include <array>
#include <initializer_list>

namespace owo::architecture {
namespace {

using Prefixes = std::initializer_list<std::string_view>;

// Files whose path starts with one of `includers` may include headers that start with `header`.
// The first row that fits a header decides. What no row names is the standard's or a library's.
struct Arrow {
  std::string_view header;
  Prefixes includers;
};

const std::array<Arrow, 18> kArrows = {{
    {"storage/rocksdb/", {"storage/rocksdb/", "service/server", "service/main.cc", "tests/"}},
    // These know nothing of stores.
    {"storage/executor.h", {"storage/", "service/", "tests/"}},
    {"storage/printable.h", {"storage/", "service/", "tests/"}},
    {"storage/read_options.h", {"storage/", "service/", "tests/"}},
    {"storage/wire.h", {"storage/", "service/", "tests/"}},
    {"storage/", {"storage/", "service/ledger/", "service/server", "service/main.cc", "tests/"}},
    {"service/rating/", {"service/", "tests/"}},
    {"service/ledger/",
     {"service/ledger/", "service/rpc/", "service/server", "service/main.cc", "tests/"}},
    {"service/rpc/", {"service/rpc/", "service/server", "service/main.cc", "tests/"}},
    {"service/", {"service/server", "service/main.cc", "tests/"}},
    {"client/", {"client/", "tests/"}},
    {"tests/", {"tests/"}},
    {"rocksdb/", {"storage/rocksdb/", "tests/"}},
    {"grpc/", {"service/rpc/", "service/server", "service/main.cc", "client/", "tests/"}},
    {"grpcpp/", {"service/rpc/", "service/server", "service/main.cc", "client/", "tests/"}},
    // What is generated from proto/: the wire format is known to those who speak it.
    {"owo/", {"proto/", "service/rpc/", "client/", "tests/"}},
    {"google/rpc/", {"proto/", "service/rpc/", "client/", "tests/"}},
    {"google/protobuf/", {"proto/", "storage/", "service/rpc/", "client/", "tests/"}},
}};

bool StartsWithOneOf(std::string_view path, Prefixes prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [path](std::string_view prefix) { return path.starts_with(prefix); });
}

bool MayInclude(std::string_view path, std::string_view header) {
  for (const Arrow& arrow : kArrows) {
    if (header.starts_with(arrow.header)) return StartsWithOneOf(path, arrow.includers);
  }
  return true;
}

// What an include or import line names, or nothing.
std::string_view Included(std::string_view line) {
  if (!line.starts_with("#include") && !line.starts_with("import ")) return {};
  const size_t open = line.find_first_of("\"<");
  const size_t close = line.find_last_of("\">");
  if (open == std::string_view::npos || close <= open) return {};
  return line.substr(open + 1, close - open - 1);
}

}  // namespace

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
