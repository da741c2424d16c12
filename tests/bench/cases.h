// The cases: each starts a fresh server, loads it, holds what the server says it counted against
// what was sent, and gives its rows of the table.

#ifndef OWO_TESTS_BENCH_CASES_H_
#define OWO_TESTS_BENCH_CASES_H_

#include <vector>

#include "tests/bench/options.h"
#include "tests/bench/report.pb.h"

namespace owo::bench {

using Rows = std::vector<Row>;

// Each throws when the server does not do what it must: figures of wrong answers are worth nothing.
Rows BatchCase(const Options& options);
Rows RandomIdsCase(const Options& options);
Rows HotCounterCase(const Options& options);
Rows DuplicatesCase(const Options& options);
Rows ManySinglesCase(const Options& options);
Rows OneSingleCase(const Options& options);
Rows CappedCustomerCase(const Options& options);
Rows UsageCase(const Options& options);
Rows InvoiceCase(const Options& options);
Rows ListInvoicesCase(const Options& options);
Rows NeighboursCase(const Options& options);
Rows ReopenCase(const Options& options);
Rows MemoryCase(const Options& options);

// Holds the most memory of any of these rows against the bound.
Row MemoryBound(const Rows& rows);

}  // namespace owo::bench

#endif  // OWO_TESTS_BENCH_CASES_H_
