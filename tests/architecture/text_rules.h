// The house rules that concern a single file.
//
//   CheckNumbers({"storage/a.cc", "double total;\n"})
//     → "storage/a.cc:1: double: amounts and quantities are exact here"

#ifndef OWO_TESTS_ARCHITECTURE_TEXT_RULES_H_
#define OWO_TESTS_ARCHITECTURE_TEXT_RULES_H_

#include "tests/architecture/source_tree.h"

namespace owo::architecture {

// Forbids floating point in code that computes, stores or compares money and quantities.
Violations CheckNumbers(const SourceFile& file);

// Allows threads to be started in one file only, which names and joins them.
Violations CheckThreads(const SourceFile& file);

// The ledger has no time but that of the tenant's clock, which the call brings along. Ids are made
// by the clock of the process, and deadlines are compared with it.
Violations CheckClocks(const SourceFile& file);

// The service and the store write to a log sink; one file writes that to stderr. The command line's
// own errors, and the last words of a failed check, do without a sink.
Violations CheckStderr(const SourceFile& file);

// storage/store.h is guarded by OWO_STORAGE_STORE_H_.
Violations CheckIncludeGuard(const SourceFile& file);

// Allows at most 500 lines, of at most 100 characters each.
Violations CheckLength(const SourceFile& file);

// Forbids reminders of unfinished work, paths of a developer's machine, and hosts of package
// registries.
Violations CheckWords(const SourceFile& file);

}  // namespace owo::architecture

#endif  // OWO_TESTS_ARCHITECTURE_TEXT_RULES_H_
