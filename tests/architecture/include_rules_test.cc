#include "tests/architecture/include_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace owo::architecture {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(IncludeRulesTest, SaysWhereAndWhat) {
  EXPECT_THAT(CheckIncludes({"storage/a.h", "\n#include \"service/rating/decimal.h\"\n"}),
              ElementsAre("storage/a.h:2: may not include service/rating/decimal.h"));
}

TEST(IncludeRulesTest, OtherFilesAndOtherHeadersAreFree) {
  EXPECT_THAT(CheckIncludes({"docs/a.md", "#include \"service/ledger/a.h\"\n"}), IsEmpty());
  EXPECT_THAT(CheckIncludes({"storage/a.h", "#include <vector>\n#include \"absl/a.h\"\n"}),
              IsEmpty());
}

// A file and one line of it.
struct Case {
  const char* path;
  const char* line;
};

constexpr Case kForbidden[] = {
    {"storage/rocksdb/format/keys.cc", R"(#include "storage/rocksdb/engine/database.h")"},
    {"storage/rocksdb/engine/database.cc", R"(#include "storage/rocksdb/read/reader.h")"},
    {"storage/rocksdb/engine/database.cc", R"(#include "storage/rocksdb/open.h")"},
    {"storage/rocksdb/ids/ids.cc", R"(#include "storage/rocksdb/read/reader.h")"},
    {"storage/rocksdb/read/reader.cc", R"(#include "storage/rocksdb/ids/ids.h")"},
    {"storage/rocksdb/read/reader.cc", R"(#include "storage/rocksdb/commit/committer.h")"},
    {"storage/rocksdb/commit/committer.cc", R"(#include "storage/rocksdb/retention/retention.h")"},
    {"storage/rocksdb/retention/retention.cc", R"(#include "storage/rocksdb/verify/verify.h")"},
    {"storage/rocksdb/retention/retention.cc", R"(#include "storage/rocksdb/backup/restore.h")"},
    {"storage/rocksdb/backup/restore.cc", R"(#include "storage/rocksdb/verify/verify.h")"},
    {"storage/rocksdb/backup/restore.cc", R"(#include "storage/rocksdb/open.h")"},
    {"storage/rocksdb/store.cc", R"(#include "storage/rocksdb/verify/verify_ids.h")"},
    {"storage/rocksdb/store.cc", R"(#include "storage/rocksdb/verify/stats.h")"},
    {"service/ledger/ids.cc", R"(#include "service/config/flags.h")"},
    {"service/config/flags.cc", R"(#include "service/server_flags.h")"},
    {"storage/rocksdb/commit/execute.h", R"(#include "storage/rocksdb/ids/stored_ids.h")"},
    {"storage/rocksdb/verify/verify.cc", R"(#include "storage/rocksdb/open.h")"},
    {"storage/rocksdb/open.h", R"(#include "storage/open/open_store.h")"},
    {"storage/store.h", R"(#include "storage/open/open_store.h")"},
    {"service/server.cc", R"(#include "storage/rocksdb/open.h")"},
    {"service/server.cc", R"(#include "storage/rocksdb/engine/database.h")"},
    {"storage/util/thread.cc", R"(#include "storage/types.h")"},
    {"storage/util/thread.cc", R"(#include "storage/read_options.h")"},
    {"service/rating/rate.cc", R"(#include "storage/util/try.h")"},
    {"service/rpc/billing/a.cc", R"(#include "service/rpc/metering/parse_event.h")"},
    {"service/rpc/calls.cc", R"(#include "service/rpc/billing/parse_billing.h")"},
    {"client/cpp/examples/a.cc", R"(#include "client/cpp/internal/wire.h")"},
    {"client/cpp/owostack.h", R"(#include "client/cpp/mocks/mock_connection.h")"},
    {"storage/store.h", R"(#include "service/ledger/bill.h")"},
    {"storage/store.h", R"(#include "storage/rocksdb/store.h")"},
    {"storage/store.h", R"(#include "rocksdb/db.h")"},
    {"storage/rocksdb/a.cc", R"(#include <grpcpp/grpcpp.h>)"},
    {"storage/records.proto", R"(import "owo/billing/v1/billing.proto";)"},
    {"service/rating/rate.cc", R"(#include "storage/types.h")"},
    {"service/rating/rate.cc", R"(#include "google/protobuf/timestamp.pb.h")"},
    {"service/rating/rate.cc", R"(#include "service/ledger/bill.h")"},
    {"service/ledger/bill.cc", R"(#include "service/rpc/errors.h")"},
    {"service/telemetry/a.h", R"(#include "service/rpc/errors.h")"},
    {"storage/store.h", R"(#include "service/telemetry/log_sink.h")"},
    {"service/ledger/bill.cc", R"(#include "storage/rocksdb/store.h")"},
    {"service/ledger/bill.cc", R"(#include "owo/billing/v1/billing.pb.h")"},
    {"service/ledger/bill.cc", R"(#include <rocksdb/db.h>)"},
    {"service/rpc/billing.cc", R"(#include "storage/store.h")"},
    {"service/rpc/billing.cc", R"(#include "service/server.h")"},
    {"client/cpp/a.cc", R"(#include "service/rating/decimal.h")"},
    {"client/cpp/a.cc", R"(#include "tests/support/a.h")"},
    {"service/server.cc", R"(#include "client/cpp/a.h")"},
};

constexpr Case kAllowed[] = {
    {"storage/rocksdb/verify/verify.cc", R"(#include "storage/rocksdb/retention/archive_db.h")"},
    {"storage/rocksdb/verify/verify.cc", R"(#include "storage/rocksdb/format/keys.h")"},
    {"storage/rocksdb/verify/verify.cc", R"(#include "storage/rocksdb/commit/committer.h")"},
    {"storage/open/open_store.h", R"(#include "storage/rocksdb/open.h")"},
    {"storage/rocksdb/retention/event_expirer.cc", R"(#include "storage/rocksdb/commit/replay.h")"},
    {"storage/rocksdb/commit/committer.cc", R"(#include "storage/rocksdb/ids/ids.h")"},
    {"storage/rocksdb/commit/committer.cc",
     R"(#include "storage/rocksdb/read/account_snapshots.h")"},
    {"storage/rocksdb/read/reader.cc", R"(#include "storage/rocksdb/engine/database.h")"},
    {"storage/rocksdb/engine/watermark.cc", R"(#include "storage/rocksdb/format/keys.h")"},
    {"storage/rocksdb/format/journal.h", R"(#include "storage/types.h")"},
    {"storage/rocksdb/store.cc", R"(#include "storage/rocksdb/commit/committer.h")"},
    {"service/main.cc", R"(#include "storage/rocksdb/verify/verify.h")"},
    {"service/rpc/calls.h", R"(#include "storage/util/executor.h")"},
    {"service/rpc/calls.h", R"(#include "service/telemetry/log_sink.h")"},
    {"service/telemetry/a.cc", R"(#include "storage/util/printable.h")"},
    {"service/rpc/calls.h", R"(#include "storage/read_options.h")"},
    {"storage/util/executor.h", R"(#include "storage/util/thread.h")"},
    {"service/rpc/billing/a.cc", R"(#include "service/rpc/calls.h")"},
    {"service/server.h", R"(#include "service/rpc/billing/billing_service.h")"},
    {"client/cpp/owostack.cc", R"(#include "client/cpp/internal/wire.h")"},
    {"client/cpp/internal/wire.h", R"(#include "client/cpp/billing.h")"},
    {"service/ledger/bill.cc", R"(#include "storage/store.h")"},
    {"service/ledger/bill.cc", R"(#include "service/rating/rate.h")"},
    {"service/rpc/billing.cc", R"(#include "service/ledger/bill.h")"},
    {"service/rpc/billing.cc", R"(#include "owo/billing/v1/billing.pb.h")"},
    {"service/server.cc", R"(#include "storage/open/open_store.h")"},
    {"service/server.cc", R"(#include <grpcpp/server.h>)"},
    {"storage/rocksdb/a.cc", R"(#include "rocksdb/db.h")"},
    {"client/cpp/a.cc", R"(#include "owo/billing/v1/billing.grpc.pb.h")"},
    {"tests/ledger/a_test.cc", R"(#include "storage/rocksdb/store.h")"},
};

TEST(IncludeRulesTest, ArrowsAreNotReversed) {
  for (const auto& [path, line] : kForbidden) {
    EXPECT_THAT(CheckIncludes({path, line}), SizeIs(1)) << path << ": " << line;
  }
}

TEST(IncludeRulesTest, ArrowsAreOpen) {
  for (const auto& [path, line] : kAllowed) {
    EXPECT_THAT(CheckIncludes({path, line}), IsEmpty()) << path << ": " << line;
  }
}

}  // namespace
}  // namespace owo::architecture
