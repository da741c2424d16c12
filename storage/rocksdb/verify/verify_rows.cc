#include "storage/rocksdb/verify/verify_rows.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/convert.h"
#include "storage/rocksdb/format/keys.h"
#include "storage/rocksdb/verify/event_iterator.h"
#include "storage/rocksdb/verify/verify_text.h"
#include "storage/util/try.h"

namespace owo::storage {
namespace {

constexpr char kEventRows[] = "events of counters";
constexpr char kUnbilled[] = "unbilled usage";
constexpr char kMetadata[] = "metadata";

void CompareRow(ColumnFamily family, std::string_view key, std::optional<std::string_view> stored,
                std::optional<std::string_view> replayed, VerifyReport& report) {
  const std::string_view kind = KindOf(family, key);
  if (kind.empty()) return;
  report.Compared(kind);
  std::string what;
  if (!stored.has_value()) {
    what = "is not stored";
  } else if (!replayed.has_value()) {
    what = "is stored, and the journal does not have it";
  } else {
    what = RowDifference(family, key, *stored, *replayed);
  }
  if (!what.empty()) report.Differs(kind, absl::StrCat(KeyText(family, key), ": ", what));
}

absl::Status CompareFamily(const Database& stored, const Database& replayed, ColumnFamily family,
                           VerifyReport& report) {
  const auto a = AllRows(stored, family);
  const auto b = AllRows(replayed, family);
  while (a->Valid() || b->Valid()) {
    const int order = !a->Valid() ? 1 : !b->Valid() ? -1 : a->key().compare(b->key());
    const std::string_view key = ToView(order <= 0 ? a->key() : b->key());
    CompareRow(family, key, order <= 0 ? std::optional(ToView(a->value())) : std::nullopt,
               order >= 0 ? std::optional(ToView(b->value())) : std::nullopt, report);
    if (order <= 0) a->Next();
    if (order >= 0) b->Next();
  }
  OWO_RETURN_IF_ERROR(FromRocks(a->status()));
  return FromRocks(b->status());
}

// Checks the customer's rows of metadata. Returns how many there are.
absl::StatusOr<uint32_t> CheckMetadataOf(const Database& stored, TenantId tenant,
                                         CustomerNo customer, VerifyReport& report) {
  const std::string prefix = keys::MetadataOf(tenant, customer);
  const auto it = stored.Iterate(ColumnFamily::kCustomers);
  uint32_t rows = 0;
  for (it->Seek(ToSlice(prefix)); it->Valid() && it->key().starts_with(ToSlice(prefix));
       it->Next(), ++rows) {
    const std::string_view key = ToView(it->key());
    const uint32_t number = keys::ParseSubscription(key).second;
    if (!ParseRow<MetadataRecord>(ToView(it->value())).ok()) {
      report.Differs(kMetadata,
                     absl::StrCat(KeyText(ColumnFamily::kCustomers, key), ": does not parse"));
    }
    if (number == 0) continue;
    OWO_TRY(const auto subscription,
            stored.Get(ColumnFamily::kCustomers, keys::Subscription(tenant, customer, number)));
    if (subscription.has_value()) continue;
    report.Differs(kMetadata, absl::StrCat(KeyText(ColumnFamily::kCustomers, key),
                                           ": there is no such subscription"));
  }
  OWO_RETURN_IF_ERROR(FromRocks(it->status()));
  return rows;
}

std::string LocationText(const EventLocation& location) {
  return absl::StrCat("event ", location.index, " of record ", location.sequence);
}

// Negative when `a` is at an earlier event.
int Order(const EventIterator& a, const EventIterator& b) {
  if (!a.valid() || !b.valid()) return a.valid() ? -1 : 1;
  if (const int order = a.counter().compare(b.counter()); order != 0) return order;
  return a.ordinal() < b.ordinal() ? -1 : a.ordinal() > b.ordinal() ? 1 : 0;
}

}  // namespace

absl::Status CompareRows(const Database& stored, const Database& replayed, VerifyReport& report) {
  for (const ColumnFamily family :
       {ColumnFamily::kMeta, ColumnFamily::kCatalog, ColumnFamily::kCustomers, ColumnFamily::kUsage,
        ColumnFamily::kInvoices}) {
    OWO_RETURN_IF_ERROR(CompareFamily(stored, replayed, family, report));
  }
  return absl::OkStatus();
}

absl::Status CheckMetadata(const Database& stored, VerifyReport& report) {
  uint64_t rows = 0;
  uint64_t counted = 0;
  const auto it = AllRows(stored, ColumnFamily::kCustomers);
  for (; it->Valid(); it->Next()) {
    const std::string_view key = ToView(it->key());
    rows += IsOfLetter(key, 'm') ? 1 : 0;
    if (!IsOfLetter(key, 'p')) continue;
    const TenantId tenant = *keys::ParseTenant(key);
    const CustomerNo customer = keys::TrailingCustomer(key);
    OWO_TRY(const CustomerRecord record, ParseRow<CustomerRecord>(ToView(it->value())));
    OWO_TRY(const uint32_t found, CheckMetadataOf(stored, tenant, customer, report));
    counted += found;
    if (found == record.metadata_rows()) continue;
    report.Differs(kMetadata, absl::StrCat("tenant ", static_cast<uint32_t>(tenant), ", customer ",
                                           static_cast<uint64_t>(customer), ": has ", found,
                                           " rows, its record counts ", record.metadata_rows()));
  }
  report.Compared(kMetadata, rows);
  if (rows != counted) {
    report.Differs(kMetadata, absl::StrCat(rows - counted, " rows are of no customer"));
  }
  return FromRocks(it->status());
}

absl::Status CompareEvents(const Database& stored, const Database& replayed,
                           uint64_t first_sequence, VerifyReport& report) {
  EventIterator a(stored, kEventRows, report);
  EventIterator b(replayed, kEventRows, report);
  uint64_t compared = 0;
  for (; a.valid() || b.valid(); ++compared) {
    if (a.valid() && a.location().sequence < first_sequence) {
      a.Next();
      --compared;
      continue;
    }
    const int order = Order(a, b);
    const EventIterator& earlier = order <= 0 ? a : b;
    if (order != 0 || a.location() != b.location()) {
      report.Differs(
          kEventRows,
          absl::StrCat(KeyText(ColumnFamily::kUsageEvents, earlier.counter()), ", event ",
                       earlier.ordinal(), ": stored ",
                       order <= 0 ? LocationText(a.location()) : "nowhere", "; the journal has ",
                       order >= 0 ? LocationText(b.location()) : "none"));
    }
    if (order <= 0) a.Next();
    if (order >= 0) b.Next();
  }
  report.Compared(kEventRows, compared);
  OWO_RETURN_IF_ERROR(a.status());
  return b.status();
}

absl::Status CheckUnbilled(const Database& replayed, InvoiceRating& rating, VerifyReport& report) {
  std::vector<Counter> group;
  TenantId tenant{};
  const auto check = [&] {
    if (group.empty()) return;
    report.Compared(kUnbilled, group.size());
    const absl::Status status = rating.CheckUnbilled(tenant, group);
    if (!status.ok()) {
      const std::string first = CounterText(tenant, group.front().key);
      report.Differs(kUnbilled, absl::StrCat(first.substr(0, first.rfind(", segment")), ": ",
                                             status.message()));
    }
    group.clear();
  };
  const auto rows = AllRows(replayed, ColumnFamily::kUsage);
  for (; rows->Valid(); rows->Next()) {
    const std::optional<CounterKey> key = keys::ParseCounter(ToView(rows->key()));
    if (!key.has_value()) continue;
    OWO_TRY(const CounterRecord record, ParseRow<CounterRecord>(ToView(rows->value())));
    OWO_TRY(Counter counter, FromRecord(*key, record));
    const TenantId of = *keys::ParseTenant(ToView(rows->key()));
    if (!group.empty() && (of != tenant || !group.back().key.SameGroup(*key))) check();
    tenant = of;
    group.push_back(std::move(counter));
  }
  check();
  return FromRocks(rows->status());
}

}  // namespace owo::storage
