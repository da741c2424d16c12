#include "storage/rocksdb/verify/verify_archive.h"

#include <optional>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "storage/convert.h"
#include "storage/rocksdb/commit/replay.h"
#include "storage/rocksdb/engine/table_files.h"
#include "storage/rocksdb/format/keys.h"
#include "storage/rocksdb/verify/event_iterator.h"
#include "storage/rocksdb/verify/verify_text.h"
#include "storage/util/try.h"

namespace owo::storage {
namespace {

constexpr char kArchivedEvents[] = "archived events";
constexpr char kArchivedCounters[] = "archived counters";
constexpr size_t kBatchBytes = 4 << 20;

// Whether a replay of the whole journal would write this kind of row too.
bool IsArchived(ColumnFamily family, std::string_view key) {
  const std::string_view kind = KindOf(family, key);
  return !kind.empty() && kind != "rows of no kind";
}

// Compares the archived events, counter by counter, with their records and archived counters.
class ArchivedCounterCheck {
 public:
  ArchivedCounterCheck(const Database& stored, const ArchiveDb& archive, VerifyReport& report)
      : stored_(stored),
        archive_(archive),
        report_(report),
        events_(stored, kArchivedEvents, report) {}

  absl::Status FindKept();
  absl::Status Check(TenantId tenant, const CounterKey& key, const CounterRecord& counter);
  absl::Status status() const { return events_.status(); }

 private:
  absl::StatusOr<std::optional<ArchivedCounterRecord>> ReadArchivedCounter(
      TenantId tenant, const CounterKey& key) const;
  absl::Status CheckArchivedCounter(TenantId tenant, const CounterKey& key,
                                    const CounterRecord& counter,
                                    const ArchivedCounterRecord& archived);

  const Database& stored_;
  const ArchiveDb& archive_;
  VerifyReport& report_;
  EventIterator events_;
  absl::flat_hash_set<uint64_t> kept_;  // archived records that were not deleted
};

absl::Status ArchivedCounterCheck::FindKept() {
  const auto it = AllRows(stored_, ColumnFamily::kJournal);
  for (; it->Valid(); it->Next()) {
    const uint64_t sequence = keys::TrailingNumber(ToView(it->key()));
    if (sequence >= archive_.first_sequence()) break;
    OWO_TRY(const JournalRecord record, ParseRow<JournalRecord>(ToView(it->value())));
    OWO_RETURN_IF_ERROR(
        ForEachEvent(record, [](TenantId, const CountedEvent&) { return absl::OkStatus(); }));
    kept_.insert(sequence);
  }
  return FromRocks(it->status());
}

absl::StatusOr<std::optional<ArchivedCounterRecord>> ArchivedCounterCheck::ReadArchivedCounter(
    TenantId tenant, const CounterKey& key) const {
  OWO_TRY(const auto row, stored_.Get(ColumnFamily::kUsage, keys::ArchivedCounter(tenant, key)));
  if (!row.has_value()) return std::optional<ArchivedCounterRecord>();
  OWO_TRY(ArchivedCounterRecord archived, ParseRow<ArchivedCounterRecord>(*row));
  return std::optional<ArchivedCounterRecord>(std::move(archived));
}

absl::Status ArchivedCounterCheck::CheckArchivedCounter(TenantId tenant, const CounterKey& key,
                                                        const CounterRecord& counter,
                                                        const ArchivedCounterRecord& archived) {
  report_.Compared(kArchivedCounters);
  const uint64_t events = archived.counter().events();
  if (events > counter.events()) {
    report_.Differs(kArchivedCounters,
                    absl::StrCat(CounterText(tenant, key), ": is over ", events,
                                 " events; the journal has archived ", counter.events()));
    return absl::OkStatus();
  }
  // An older archived counter cannot be checked: the archive's sums include later events.
  if (events < counter.events()) return absl::OkStatus();
  OWO_TRY(const auto expected, archive_.FindCounter(tenant, key));
  const bool same_sums = expected.has_value() && expected->digest() == archived.digest() &&
                         counter.total() == archived.counter().total();
  if (!same_sums) {
    report_.Differs(
        kArchivedCounters,
        absl::StrCat(CounterText(tenant, key), ": its total or digest is not that of its events"));
  }
  return absl::OkStatus();
}

absl::Status ArchivedCounterCheck::Check(TenantId tenant, const CounterKey& key,
                                         const CounterRecord& counter) {
  OWO_TRY(const auto archived, ReadArchivedCounter(tenant, key));
  if (archived.has_value()) {
    OWO_RETURN_IF_ERROR(CheckArchivedCounter(tenant, key, counter, *archived));
  }
  const uint64_t explained = archived.has_value() ? archived->counter().events() : 0;
  report_.Compared(kArchivedEvents, counter.events());
  const auto missing = [&](uint64_t ordinal, std::string_view why) {
    if (ordinal < explained) return;
    report_.Differs(kArchivedEvents,
                    absl::StrCat(CounterText(tenant, key), ", event ", ordinal, ": ",
                                 std::string(why), ", and no archived counter explains that"));
  };
  const std::string chunks = keys::EventChunks(tenant, key);
  while (events_.valid() && events_.counter() < chunks) events_.Next();
  uint64_t next = 0;
  for (; events_.valid() && events_.counter() == chunks; events_.Next()) {
    const uint64_t ordinal = events_.ordinal();
    if (ordinal >= counter.events()) break;
    if (ordinal > next) missing(ordinal - 1, "is in no chunk");
    next = ordinal + 1;
    const uint64_t sequence = events_.location().sequence;
    if (sequence >= archive_.first_sequence()) {
      report_.Differs(kArchivedEvents,
                      absl::StrCat(CounterText(tenant, key), ", event ", ordinal,
                                   ": is archived, and stored in record ", sequence));
    } else if (!kept_.contains(sequence)) {
      missing(ordinal, absl::StrCat("its journal record ", sequence, " is missing"));
    }
  }
  if (next < counter.events()) missing(counter.events() - 1, "is in no chunk");
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<ArchiveDb>> OpenArchive(const Database& stored,
                                                       const std::string& data_dir,
                                                       rocksdb::Env* env) {
  OWO_TRY(const auto row, stored.Get(ColumnFamily::kMeta, keys::kArchiveState));
  if (!row.has_value()) return std::unique_ptr<ArchiveDb>();
  OWO_TRY(const ArchiveStateRecord dropped, ParseRow<ArchiveStateRecord>(*row));
  const std::string to = absl::StrCat("records before ", dropped.first_sequence(), " are archived");
  OWO_TRY(const bool exists, ArchiveDb::Exists(data_dir, env));
  if (!exists) {
    return absl::DataLossError(absl::StrCat(to, ", and the archive is missing"));
  }
  OWO_TRY(auto archive, ArchiveDb::Open(data_dir, env));
  if (archive->first_sequence() < dropped.first_sequence()) {
    return absl::DataLossError(
        absl::StrCat(to, ", and the archive lacks record ", archive->first_sequence()));
  }
  OWO_RETURN_IF_ERROR(CheckAllTables(archive->database(), [](size_t /*bytes*/) { return true; }));
  return archive;
}

absl::Status CopyArchive(const ArchiveDb& archive, Database& scratch) {
  rocksdb::WriteBatch batch;
  for (const ColumnFamily family :
       {ColumnFamily::kMeta, ColumnFamily::kCatalog, ColumnFamily::kCustomers, ColumnFamily::kUsage,
        ColumnFamily::kInvoices}) {
    const auto it = AllRows(archive.database(), family);
    for (; it->Valid(); it->Next()) {
      if (!IsArchived(family, ToView(it->key()))) continue;
      batch.Put(scratch.handle(family), it->key(), it->value());
      if (batch.GetDataSize() < kBatchBytes) continue;
      OWO_RETURN_IF_ERROR(scratch.Write(batch));
      batch.Clear();
    }
    OWO_RETURN_IF_ERROR(FromRocks(it->status()));
  }
  return scratch.Write(batch);
}

absl::Status CompareArchivedCounters(const Database& stored, const ArchiveDb& archive,
                                     VerifyReport& report) {
  ArchivedCounterCheck check(stored, archive, report);
  OWO_RETURN_IF_ERROR(check.FindKept());
  const auto rows = AllRows(archive.database(), ColumnFamily::kUsage);
  uint64_t events = 0;
  for (; rows->Valid(); rows->Next()) {
    const std::optional<CounterKey> key = keys::ParseCounter(ToView(rows->key()));
    if (!key.has_value()) continue;
    OWO_TRY(const CounterRecord counter, ParseRow<CounterRecord>(ToView(rows->value())));
    events += counter.events();
    OWO_RETURN_IF_ERROR(check.Check(*keys::ParseTenant(ToView(rows->key())), *key, counter));
  }
  OWO_RETURN_IF_ERROR(FromRocks(rows->status()));
  if (events != archive.state().events()) {
    report.Differs(kArchivedEvents,
                   absl::StrCat("the counters of the archive have ", events, ", its ",
                                "records had ", archive.state().events()));
  }
  return check.status();
}

}  // namespace owo::storage
