#include "storage/rocksdb/verify/verify_ids.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"
#include "storage/rocksdb/commit/journal_applier.h"
#include "storage/rocksdb/commit/replay.h"
#include "storage/rocksdb/format/journal.h"
#include "storage/rocksdb/format/keys.h"
#include "storage/rocksdb/retention/event_digest.h"
#include "storage/rocksdb/verify/verify_text.h"
#include "storage/util/try.h"

namespace owo::storage {
namespace {

constexpr char kKind[] = "event ids";

// The most ids that are compared one by one, both sides together.
constexpr uint64_t kLookedAtMax = 2'000'000;
constexpr uint64_t kRowsBetweenStops = 1 << 16;

struct StoredId {
  TenantId tenant{};
  EventId id;
};

std::optional<StoredId> ParseId(std::string_view key) {
  const std::optional<TenantId> tenant = keys::ParseTenant(key);
  if (!tenant.has_value() || key.size() != keys::Id(*tenant, EventId()).size()) return std::nullopt;
  return StoredId{*tenant, EventId::FromBytes(key.data() + keys::Tenant(*tenant).size(), false)};
}

using EachStored = std::function<void(const StoredId&, const IdRow&)>;

// Calls `unreadable` with keys of rows that do not parse.
absl::Status ForEachStored(const Database& database, const EachStored& each,
                           const std::function<void(std::string_view)>& unreadable,
                           const std::function<bool()>& stopped) {
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  const auto it = database.Iterate(ColumnFamily::kIds, options);
  uint64_t rows = 0;
  for (it->SeekToFirst(); it->Valid(); it->Next()) {
    if (++rows % kRowsBetweenStops == 0 && stopped && stopped()) return absl::CancelledError();
    const std::optional<StoredId> id = ParseId(ToView(it->key()));
    const absl::StatusOr<IdRow> row = UnpackIdRow(ToView(it->value()));
    if (id.has_value() && row.ok()) {
      each(*id, *row);
    } else {
      unreadable(ToView(it->key()));
    }
  }
  return FromRocks(it->status());
}

std::string Text(const IdRow& row) {
  return absl::StrCat("in record ", static_cast<uint64_t>(row.sequence), ", fingerprint ",
                      absl::Hex(row.fingerprint, absl::kZeroPad16),
                      row.over ? ", beyond the allowance" : "");
}

std::string Text(const std::vector<IdRow>& rows) {
  std::string text;
  for (const IdRow& row : rows) absl::StrAppend(&text, text.empty() ? "" : " and ", Text(row));
  return text.empty() ? "absent" : text;
}

// The rows of one id on each side; for ids in buckets that differ, by key.
struct Sides {
  std::vector<IdRow> journal;
  std::vector<IdRow> stored;
};
using LookedAt = std::map<std::string, Sides>;

absl::Status Collect(const Database& database, uint64_t first_sequence,
                     const std::vector<bool>& wanted, LookedAt& ids) {
  const auto each = [&](uint64_t sequence, const JournalRecord& record) -> absl::Status {
    for (const JournalChange& change : record.changes()) {
      const TenantId tenant{change.tenant()};
      OWO_RETURN_IF_ERROR(
          ReadEvents(change.events(), record.committed_us(), [&](const CountedEvent& event) {
            if (!wanted[IdSums::BucketOf(tenant, event.id)]) return absl::OkStatus();
            ids[keys::Id(tenant, event.id)].journal.push_back(IdRowOf(event, sequence));
            return absl::OkStatus();
          }));
    }
    return absl::OkStatus();
  };
  OWO_RETURN_IF_ERROR(ForEachRecord(database, first_sequence, each).status());
  return ForEachStored(
      database,
      [&](const StoredId& id, const IdRow& row) {
        if (row.sequence < first_sequence || !wanted[IdSums::BucketOf(id.tenant, id.id)]) return;
        ids[keys::Id(id.tenant, id.id)].stored.push_back(row);
      },
      [](std::string_view) {}, nullptr);
}

}  // namespace

size_t IdSums::BucketOf(TenantId tenant, const EventId& id) {
  return absl::HashOf(tenant, id) % kBuckets;
}

void IdSums::Add(TenantId tenant, const EventId& id, const IdRow& row) {
  const uint64_t sequence = row.sequence;
  const uint64_t over = row.over;
  if (sequence < first_sequence_) {
    ++archived_rows_;
    archived_sum_ += IdSum(tenant, id, row);
    return;
  }
  Bucket& bucket = buckets_[BucketOf(tenant, id)];
  ++bucket.rows;
  bucket.sum += absl::HashOf(tenant, id, row.fingerprint, sequence, over);
  bucket.other_sum += absl::HashOf(over, sequence, row.fingerprint, id, tenant);
  ++rows_;
}

absl::Status SumStoredIds(const Database& database, const std::function<bool()>& stopped,
                          IdSums& sums) {
  return ForEachStored(
      database, [&sums](const StoredId& id, const IdRow& row) { sums.Add(id.tenant, id.id, row); },
      [&sums](std::string_view key) {
        sums.unreadable.push_back(absl::StrCat(HexText(key), ": its row does not parse"));
      },
      stopped);
}

absl::Status CompareIds(const Database& database, const IdSums& journal, const IdSums& stored,
                        const ArchiveStateRecord& archive, VerifyReport& report) {
  report.Compared(kKind, stored.rows() + stored.archived_rows() + stored.unreadable.size());
  if (stored.archived_rows() != archive.events()) {
    report.Differs(kKind, absl::StrCat("of archived events: stored ", stored.archived_rows(),
                                       "; the journal had ", archive.events()));
  } else if (stored.archived_sum() != archive.ids_sum()) {
    report.Differs(kKind, "of archived events: as many are stored as the journal had, but others");
  }
  for (const std::string& what : stored.unreadable) report.Differs(kKind, what);
  std::vector<bool> wanted(IdSums::kBuckets);
  uint64_t looked_at = 0;
  uint64_t passed_over = 0;
  for (size_t i = 0; i < IdSums::kBuckets; ++i) {
    const IdSums::Bucket& in_journal = journal.buckets()[i];
    const IdSums::Bucket& in_index = stored.buckets()[i];
    if (in_journal == in_index) continue;
    const auto [fewer, more] = std::minmax(in_journal.rows, in_index.rows);
    wanted[i] = looked_at == 0 || looked_at + fewer + more <= kLookedAtMax;
    if (wanted[i]) looked_at += fewer + more;
    if (!wanted[i]) passed_over += std::max<uint64_t>(more - fewer, 1);
  }
  if (looked_at == 0) return absl::OkStatus();
  LookedAt ids;
  OWO_RETURN_IF_ERROR(Collect(database, stored.first_sequence(), wanted, ids));
  for (const auto& [key, sides] : ids) {
    if (sides.journal == sides.stored) continue;
    report.Differs(kKind, absl::StrCat(IdText(key), ": stored ", Text(sides.stored),
                                       "; the journal gives ", Text(sides.journal)));
  }
  report.DifferMore(kKind, passed_over);
  return absl::OkStatus();
}

}  // namespace owo::storage
