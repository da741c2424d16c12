// The house rules that one file can break by itself.
//
//   CheckNumbers({"storage/a.cc", "double total;\n"})
//     → "storage/a.cc:1: double: amounts and quantities are exact here"

#ifndef OWO_TESTS_ARCHITECTURE_TEXT_RULES_H_
#define OWO_TESTS_ARCHITECTURE_TEXT_RULES_H_

#include "tests/architecture/source_tree.h"

namespace owo::architecture {

// No floating point where money and quantities are computed, kept or compared.
Violations CheckNumbers(const SourceFile& file);

// Threads are started in one place, which names them and joins them.
Violations CheckThreads(const SourceFile& file);

// The ledger has no time but that of the tenant's clock, which the call brings along. Ids are made
// by the clock of the process, and deadlines are compared with it.
Violations CheckClocks(const SourceFile& file);

// The service and the store write to a log sink; one file writes that to stderr. The command line's
// own errors, and the last words of a failed check, do without a sink.
Violations CheckStderr(const SourceFile& file);

// storage/store.h is guarded by OWO_STORAGE_STORE_H_.
Violations CheckIncludeGuard(const SourceFile& file);

// At most 500 lines, of at most 100 characters each.
Violations CheckLength(const SourceFile& file);

// Nothing put off, no path of somebody's machine, no host of a package registry.
Violations CheckWords(const SourceFile& file);

}  // namespace owo::architecture

#endif  // OWO_TESTS_ARCHITECTURE_TEXT_RULES_H_
