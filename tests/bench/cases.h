// The cases. Each starts a fresh server, loads it, compares what the server counted with what was
// sent, and returns its rows of the table.

#ifndef OWO_TESTS_BENCH_CASES_H_
#define OWO_TESTS_BENCH_CASES_H_

#include <vector>

#include "tests/bench/options.h"
#include "tests/bench/report.pb.h"

namespace owo::bench {

using Rows = std::vector<Row>;

// Throws if the server answers wrongly: figures of wrong answers are worthless.
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
Rows BackupCase(const Options& options);
Rows MemoryCase(const Options& options);

// Checks the highest memory of any of these rows against the bound.
Row MemoryBound(const Rows& rows);

}  // namespace owo::bench

#endif  // OWO_TESTS_BENCH_CASES_H_
