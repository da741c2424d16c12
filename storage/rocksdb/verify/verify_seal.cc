#include "storage/rocksdb/verify/verify_seal.h"

#include <optional>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "storage/convert.h"
#include "storage/rocksdb/commit/replay.h"
#include "storage/rocksdb/engine/table_files.h"
#include "storage/rocksdb/format/keys.h"
#include "storage/rocksdb/verify/event_cursor.h"
#include "storage/rocksdb/verify/verify_text.h"
#include "storage/util/try.h"

namespace owo::storage {
namespace {

constexpr char kSealedEvents[] = "sealed events";
constexpr char kSeals[] = "seals";
constexpr size_t kBatchBytes = 4 << 20;

// Whether the fold of a whole journal has such a row too.
bool IsFolded(Space space, std::string_view key) {
  const std::string_view kind = KindOf(space, key);
  return !kind.empty() && kind != "rows of no kind";
}

// Holds the sealed events of one counter after the other against their records and seals.
class SealCheck {
 public:
  SealCheck(const Database& stored, const SealedFold& sealed, VerifyReport& report)
      : stored_(stored), sealed_(sealed), report_(report), events_(stored, kSealedEvents, report) {}

  absl::Status FindKept();
  absl::Status Check(TenantId tenant, const CounterKey& key, const CounterRecord& counter);
  absl::Status status() const { return events_.status(); }

 private:
  absl::StatusOr<std::optional<SealRecord>> ReadSeal(TenantId tenant, const CounterKey& key) const;
  absl::Status CheckSeal(TenantId tenant, const CounterKey& key, const CounterRecord& counter,
                         const SealRecord& seal);

  const Database& stored_;
  const SealedFold& sealed_;
  VerifyReport& report_;
  EventCursor events_;
  absl::flat_hash_set<uint64_t> kept_;  // sealed records that were not dropped
};

absl::Status SealCheck::FindKept() {
  const auto it = AllRows(stored_, Space::kJournal);
  for (; it->Valid(); it->Next()) {
    const uint64_t sequence = keys::TrailingNumber(ToView(it->key()));
    if (sequence >= sealed_.first_sequence()) break;
    OWO_TRY(const JournalRecord record, ParseRow<JournalRecord>(ToView(it->value())));
    OWO_RETURN_IF_ERROR(
        ForEachEvent(record, [](TenantId, const CountedEvent&) { return absl::OkStatus(); }));
    kept_.insert(sequence);
  }
  return FromRocks(it->status());
}

absl::StatusOr<std::optional<SealRecord>> SealCheck::ReadSeal(TenantId tenant,
                                                              const CounterKey& key) const {
  OWO_TRY(const auto row, stored_.Get(Space::kUsage, keys::Seal(tenant, key)));
  if (!row.has_value()) return std::optional<SealRecord>();
  OWO_TRY(SealRecord seal, ParseRow<SealRecord>(*row));
  return std::optional<SealRecord>(std::move(seal));
}

absl::Status SealCheck::CheckSeal(TenantId tenant, const CounterKey& key,
                                  const CounterRecord& counter, const SealRecord& seal) {
  report_.Compared(kSeals);
  const uint64_t events = seal.counter().events();
  if (events > counter.events()) {
    report_.Differs(kSeals, absl::StrCat(CounterText(tenant, key), ": is over ", events,
                                         " events; the journal has sealed ", counter.events()));
    return absl::OkStatus();
  }
  // Of an older seal, the sums are gone: later events of the counter have been added to them.
  if (events < counter.events()) return absl::OkStatus();
  OWO_TRY(const auto expected, sealed_.Seal(tenant, key));
  const bool same_sums = expected.has_value() && expected->digest() == seal.digest() &&
                         counter.total() == seal.counter().total();
  if (!same_sums) {
    report_.Differs(kSeals, absl::StrCat(CounterText(tenant, key),
                                         ": its total or digest is not that of its events"));
  }
  return absl::OkStatus();
}

absl::Status SealCheck::Check(TenantId tenant, const CounterKey& key,
                              const CounterRecord& counter) {
  OWO_TRY(const auto seal, ReadSeal(tenant, key));
  if (seal.has_value()) OWO_RETURN_IF_ERROR(CheckSeal(tenant, key, counter, *seal));
  const uint64_t explained = seal.has_value() ? seal->counter().events() : 0;
  report_.Compared(kSealedEvents, counter.events());
  const auto missing = [&](uint64_t ordinal, std::string_view why) {
    if (ordinal < explained) return;
    report_.Differs(kSealedEvents, absl::StrCat(CounterText(tenant, key), ", event ", ordinal, ": ",
                                                std::string(why), ", and no seal explains that"));
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
    if (sequence >= sealed_.first_sequence()) {
      report_.Differs(kSealedEvents, absl::StrCat(CounterText(tenant, key), ", event ", ordinal,
                                                  ": is sealed, and stored in record ", sequence));
    } else if (!kept_.contains(sequence)) {
      missing(ordinal, absl::StrCat("its journal record ", sequence, " is missing"));
    }
  }
  if (next < counter.events()) missing(counter.events() - 1, "is in no chunk");
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<SealedFold>> OpenSealedFold(const Database& stored,
                                                           const std::string& data_dir,
                                                           rocksdb::Env* env) {
  OWO_TRY(const auto row, stored.Get(Space::kMeta, keys::kSealed));
  if (!row.has_value()) return std::unique_ptr<SealedFold>();
  OWO_TRY(const SealedRecord dropped, ParseRow<SealedRecord>(*row));
  const std::string to = absl::StrCat("records before ", dropped.first_sequence(), " are sealed");
  OWO_TRY(const bool exists, SealedFold::Exists(data_dir, env));
  if (!exists) {
    return absl::DataLossError(absl::StrCat(to, ", and the sealed fold is missing"));
  }
  OWO_TRY(auto sealed, SealedFold::Open(data_dir, env));
  if (sealed->first_sequence() < dropped.first_sequence()) {
    return absl::DataLossError(
        absl::StrCat(to, ", and the sealed fold lacks record ", sealed->first_sequence()));
  }
  OWO_RETURN_IF_ERROR(CheckAllTables(sealed->database(), [](size_t /*bytes*/) { return true; }));
  return sealed;
}

absl::Status CopyFold(const SealedFold& sealed, Database& scratch) {
  rocksdb::WriteBatch batch;
  for (const Space space :
       {Space::kMeta, Space::kCatalog, Space::kCustomers, Space::kUsage, Space::kInvoices}) {
    const auto it = AllRows(sealed.database(), space);
    for (; it->Valid(); it->Next()) {
      if (!IsFolded(space, ToView(it->key()))) continue;
      batch.Put(scratch.handle(space), it->key(), it->value());
      if (batch.GetDataSize() < kBatchBytes) continue;
      OWO_RETURN_IF_ERROR(scratch.Write(batch));
      batch.Clear();
    }
    OWO_RETURN_IF_ERROR(FromRocks(it->status()));
  }
  return scratch.Write(batch);
}

absl::Status CompareSeals(const Database& stored, const SealedFold& sealed, VerifyReport& report) {
  SealCheck check(stored, sealed, report);
  OWO_RETURN_IF_ERROR(check.FindKept());
  const auto rows = AllRows(sealed.database(), Space::kUsage);
  uint64_t events = 0;
  for (; rows->Valid(); rows->Next()) {
    const std::optional<CounterKey> key = keys::ParseCounter(ToView(rows->key()));
    if (!key.has_value()) continue;
    OWO_TRY(const CounterRecord counter, ParseRow<CounterRecord>(ToView(rows->value())));
    events += counter.events();
    OWO_RETURN_IF_ERROR(check.Check(*keys::ParseTenant(ToView(rows->key())), *key, counter));
  }
  OWO_RETURN_IF_ERROR(FromRocks(rows->status()));
  if (events != sealed.sealed().events()) {
    report.Differs(kSealedEvents, absl::StrCat("the counters of the sealed fold have ", events,
                                               ", its ", "records had ", sealed.sealed().events()));
  }
  return check.status();
}

}  // namespace owo::storage
