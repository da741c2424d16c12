#include "storage/rocksdb/verify/stats.h"

#include <rocksdb/metadata.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "storage/rocksdb/commit/replay.h"
#include "storage/rocksdb/format/keys.h"
#include "storage/rocksdb/verify/closed_store.h"
#include "storage/rocksdb/verify/event_iterator.h"
#include "storage/rocksdb/verify/verify_text.h"
#include "storage/util/try.h"

namespace owo::storage {
namespace {

constexpr std::array<int, 3> kGrowthDays = {1, 7, 30};
constexpr Micros kDayMicros = 24LL * 60 * 60 * 1'000'000;
constexpr uint64_t kRowsPerPoll = 1024;

// Returns CANCELLED if the caller wants to stop; asks only now and then.
class StopPoll {
 public:
  explicit StopPoll(const StatsOptions& options) : options_(options) {}

  absl::Status Check() {
    if (++rows_ % kRowsPerPoll != 0 || !options_.stopped || !options_.stopped()) {
      return absl::OkStatus();
    }
    return absl::CancelledError("stopped");
  }

 private:
  const StatsOptions& options_;
  uint64_t rows_ = 0;
};

absl::StatusOr<uint64_t> BytesOfFiles(const std::string& data_dir) {
  uint64_t bytes = 0;
  std::error_code error;
  for (auto it = std::filesystem::recursive_directory_iterator(data_dir, error);
       !error && it != std::filesystem::recursive_directory_iterator(); it.increment(error)) {
    if (it->is_regular_file(error)) bytes += it->file_size(error);
    if (error) break;
  }
  if (!error) return bytes;
  return absl::UnavailableError(absl::StrCat("cannot list ", data_dir, ": ", error.message()));
}

std::vector<StoreStats::Part> PartsOf(const Database& database) {
  std::vector<StoreStats::Part> parts;
  for (size_t i = 0; i < kColumnFamilyNames.size(); ++i) {
    rocksdb::ColumnFamilyMetaData metadata;
    database.db().GetColumnFamilyMetaData(database.handle(static_cast<ColumnFamily>(i)), &metadata);
    parts.push_back({kColumnFamilyNames[i], metadata.size});
  }
  std::ranges::stable_sort(parts, std::ranges::greater(), &StoreStats::Part::bytes);
  return parts;
}

using ByTenant = std::map<TenantId, StoreStats::Tenant>;

// Calls `count` with the tenant of each row of the column family whose kind is `letter`.
template <typename Count>
absl::Status ForEachRow(const Database& database, ColumnFamily family, char letter, StopPoll& poll,
                        ByTenant& tenants, const Count& count) {
  const auto rows = AllRows(database, family);
  for (; rows->Valid(); rows->Next()) {
    OWO_RETURN_IF_ERROR(poll.Check());
    const std::string_view key = ToView(rows->key());
    const std::optional<TenantId> tenant = keys::ParseTenant(key);
    if (!tenant.has_value()) return absl::DataLossError("a row has no tenant");
    if (!IsOfLetter(key, letter)) continue;
    OWO_RETURN_IF_ERROR(count(tenants[*tenant], ToView(rows->value())));
  }
  return FromRocks(rows->status());
}

absl::Status CountRows(const Database& database, StopPoll& poll, ByTenant& tenants) {
  OWO_RETURN_IF_ERROR(ForEachRow(database, ColumnFamily::kUsage, 'c', poll, tenants,
                                 [](StoreStats::Tenant& tenant, std::string_view row) {
                                   OWO_TRY(const auto counter, ParseRow<CounterRecord>(row));
                                   tenant.events += counter.events();
                                   return absl::OkStatus();
                                 }));
  OWO_RETURN_IF_ERROR(ForEachRow(database, ColumnFamily::kCustomers, 'c', poll, tenants,
                                 [](StoreStats::Tenant& tenant, std::string_view /*row*/) {
                                   ++tenant.customers;
                                   return absl::OkStatus();
                                 }));
  return ForEachRow(database, ColumnFamily::kInvoices, 'i', poll, tenants,
                    [](StoreStats::Tenant& tenant, std::string_view /*row*/) {
                      ++tenant.invoices;
                      return absl::OkStatus();
                    });
}

// The time of the first journal record at or after this sequence; 0 if there is none.
absl::StatusOr<Micros> CommittedAt(const Database& database, uint64_t sequence) {
  const auto it = database.Iterate(ColumnFamily::kJournal);
  it->Seek(ToSlice(keys::Journal(sequence)));
  OWO_RETURN_IF_ERROR(FromRocks(it->status()));
  if (!it->Valid()) return 0;
  OWO_TRY(const JournalRecord record, ParseRow<JournalRecord>(ToView(it->value())));
  return record.committed_us();
}

// The sequences of the oldest and the newest journal record; {1, 0} if there is none.
absl::StatusOr<std::pair<uint64_t, uint64_t>> JournalRange(const Database& database) {
  const auto it = database.Iterate(ColumnFamily::kJournal);
  it->SeekToFirst();
  if (!it->Valid()) {
    OWO_RETURN_IF_ERROR(FromRocks(it->status()));
    return std::pair<uint64_t, uint64_t>(1, 0);
  }
  const uint64_t first = keys::TrailingNumber(ToView(it->key()));
  it->SeekToLast();
  OWO_RETURN_IF_ERROR(FromRocks(it->status()));
  if (!it->Valid()) return absl::DataLossError("the journal's end cannot be read");
  return std::pair(first, keys::TrailingNumber(ToView(it->key())));
}

absl::Status AddGrowth(const JournalRecord& record, size_t bytes, StoreStats& stats) {
  uint64_t events = 0;
  OWO_RETURN_IF_ERROR(ForEachEvent(record, [&events](TenantId, const CountedEvent&) {
    ++events;
    return absl::OkStatus();
  }));
  for (StoreStats::Growth& growth : stats.growth) {
    if (record.committed_us() <= stats.newest_commit - growth.days * kDayMicros) continue;
    growth.events += events;
    growth.bytes += bytes;
  }
  return absl::OkStatus();
}

absl::Status MeasureGrowth(const Database& database, StopPoll& poll, StoreStats& stats) {
  for (const int days : kGrowthDays) stats.growth.push_back({.days = days});
  OWO_TRY(auto range, JournalRange(database));
  auto [first, newest] = range;
  if (first > newest) return absl::OkStatus();
  OWO_TRY(stats.newest_commit, CommittedAt(database, newest));
  // The first record that matters. Commits are in the order of their times.
  const Micros since = stats.newest_commit - kGrowthDays.back() * kDayMicros;
  for (uint64_t end = newest; first < end;) {
    const uint64_t middle = first + (end - first) / 2;
    OWO_TRY(const Micros committed, CommittedAt(database, middle));
    if (committed > since) {
      end = middle;
    } else {
      first = middle + 1;
    }
  }
  // Not ForEachRecord(): records that were dropped may be missing in between.
  const auto it = database.Iterate(ColumnFamily::kJournal);
  for (it->Seek(ToSlice(keys::Journal(first))); it->Valid(); it->Next()) {
    OWO_RETURN_IF_ERROR(poll.Check());
    OWO_TRY(const JournalRecord record, ParseRow<JournalRecord>(ToView(it->value())));
    OWO_RETURN_IF_ERROR(AddGrowth(record, it->value().size(), stats));
  }
  return FromRocks(it->status());
}

void AddTenants(const ByTenant& tenants, StoreStats& stats) {
  stats.tenant_count = tenants.size();
  for (const auto& [number, tenant] : tenants) {
    stats.total.events += tenant.events;
    stats.total.customers += tenant.customers;
    stats.total.invoices += tenant.invoices;
    stats.tenants.push_back(tenant);
    stats.tenants.back().tenant = number;
  }
  std::ranges::stable_sort(stats.tenants, std::ranges::greater(), &StoreStats::Tenant::events);
  if (stats.tenants.size() > StoreStats::kTenantsMax) {
    stats.tenants.resize(StoreStats::kTenantsMax);
  }
}

absl::Status CollectStats(const StatsOptions& options, StoreStats& stats) {
  OWO_RETURN_IF_ERROR(CheckThere(options.data_dir, nullptr));
  OWO_TRY(stats.bytes, BytesOfFiles(options.data_dir));
  const Overlay overlay(*rocksdb::Env::Default());
  OWO_TRY(const std::unique_ptr<Database> database, OpenClosed(options.data_dir, overlay));
  StopPoll poll(options);
  ByTenant tenants;
  OWO_RETURN_IF_ERROR(CountRows(*database, poll, tenants));
  AddTenants(tenants, stats);
  stats.parts = PartsOf(*database);
  return MeasureGrowth(*database, poll, stats);
}

// "512 B", "12.3 MiB".
std::string BytesText(uint64_t bytes) {
  constexpr std::array<const char*, 5> kUnits = {"KiB", "MiB", "GiB", "TiB", "PiB"};
  if (bytes < 1024) return absl::StrCat(bytes, " B");
  uint64_t tenths = bytes / 1024 * 10 + bytes % 1024 * 10 / 1024;
  size_t unit = 0;
  for (; tenths >= 10'240 && unit + 1 < kUnits.size(); ++unit) tenths /= 1024;
  return absl::StrCat(tenths / 10, ".", tenths % 10, " ", kUnits[unit]);
}

std::string TenantJson(const StoreStats::Tenant& tenant) {
  return absl::StrCat("{\"tenant\": ", static_cast<uint32_t>(tenant.tenant),
                      ", \"events\": ", tenant.events, ", \"customers\": ", tenant.customers,
                      ", \"invoices\": ", tenant.invoices, "}");
}

}  // namespace

absl::StatusOr<StoreStats> StatsOfRocksStore(const StatsOptions& options) {
  StoreStats stats;
  OWO_RETURN_IF_ERROR(NameForbidden(CollectStats(options, stats), options.data_dir));
  return stats;
}

std::string StatsText(const StoreStats& stats) {
  std::string text = absl::StrFormat(
      "events         %20d\ncustomers      %20d\ninvoices       %20d\ntenants        %20d\n",
      stats.total.events, stats.total.customers, stats.total.invoices, stats.tenant_count);
  const std::string newest =
      stats.newest_commit == 0
          ? "none"
          : absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", absl::FromUnixMicros(stats.newest_commit),
                             absl::UTCTimeZone());
  absl::StrAppendFormat(&text, "newest commit  %20s\n\nbytes on disk  %20s\n", newest,
                        BytesText(stats.bytes));
  for (const StoreStats::Part& part : stats.parts) {
    absl::StrAppendFormat(&text, "  %-13s%20s\n", part.name, BytesText(part.bytes));
  }
  absl::StrAppendFormat(&text, "\nbefore the newest commit   %15s  %15s\n", "EVENTS", "JOURNAL");
  for (const StoreStats::Growth& growth : stats.growth) {
    const std::string days = growth.days == 1 ? "1 day" : absl::StrCat(growth.days, " days");
    absl::StrAppendFormat(&text, "  %-25s%15d  %15s\n", days, growth.events,
                          BytesText(growth.bytes));
  }
  absl::StrAppendFormat(&text, "\n%-10s  %20s  %15s  %15s\n", "TENANT", "EVENTS", "CUSTOMERS",
                        "INVOICES");
  for (const StoreStats::Tenant& tenant : stats.tenants) {
    absl::StrAppendFormat(&text, "%-10d  %20d  %15d  %15d\n", static_cast<uint32_t>(tenant.tenant),
                          tenant.events, tenant.customers, tenant.invoices);
  }
  return text;
}

std::string StatsJson(const StoreStats& stats) {
  const auto part = [](std::string* out, const StoreStats::Part& it) {
    absl::StrAppend(out, "{\"name\": \"", it.name, "\", \"bytes\": ", it.bytes, "}");
  };
  const auto growth = [](std::string* out, const StoreStats::Growth& it) {
    absl::StrAppend(out, "{\"days\": ", it.days, ", \"events\": ", it.events,
                    ", \"bytes\": ", it.bytes, "}");
  };
  const auto tenant = [](std::string* out, const StoreStats::Tenant& it) {
    absl::StrAppend(out, TenantJson(it));
  };
  return absl::StrCat(
      "{\"bytes\": ", stats.bytes, ",\n \"parts\": [\n  ",
      absl::StrJoin(stats.parts, ",\n  ", part), "],\n \"newest_commit_us\": ", stats.newest_commit,
      ",\n \"tenant_count\": ", stats.tenant_count, ",\n \"events\": ", stats.total.events,
      ",\n \"customers\": ", stats.total.customers, ",\n \"invoices\": ", stats.total.invoices,
      ",\n \"tenants\": [\n  ", absl::StrJoin(stats.tenants, ",\n  ", tenant),
      "],\n \"growth\": [\n  ", absl::StrJoin(stats.growth, ",\n  ", growth), "]}\n");
}

}  // namespace owo::storage
