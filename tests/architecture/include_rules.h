// Which directory may include what: the edges of docs/architecture.md, as a rule.
//
//   CheckIncludes({"storage/store.h", "#include \"service/ledger/bill.h\"\n"})
//     → "storage/store.h:1: may not include service/ledger/bill.h"

#ifndef OWO_TESTS_ARCHITECTURE_INCLUDE_RULES_H_
#define OWO_TESTS_ARCHITECTURE_INCLUDE_RULES_H_

#include "tests/architecture/source_tree.h"

namespace owo::architecture {

// Checks the includes of C++ files and the imports of protobuf files.
Violations CheckIncludes(const SourceFile& file);

// Returns what an include or import line names; empty for any other line.
std::string_view Included(std::string_view line);

}  // namespace owo::architecture

#endif  // OWO_TESTS_ARCHITECTURE_INCLUDE_RULES_H_
