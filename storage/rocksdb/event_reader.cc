#include "storage/rocksdb/event_reader.h"

#include <algorithm>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "storage/convert.h"
#include "storage/rocksdb/journal.h"
#include "storage/rocksdb/keys.h"
#include "storage/try.h"

namespace owo::storage {
namespace {

// Without ordinal and invoice.
StoredEvent Stored(const CountedEvent& event, Micros committed) {
  return {.id = event.id,
          .id_text = event.id.is_uuid() ? event.id.UuidText() : std::string(event.id_text),
          .properties = std::string(event.properties),
          .quantity = event.quantity,
          .time = event.time,
          .committed = committed};
}

absl::Status NotThere() {
  return absl::DataLossError("the journal does not have an event where its counter says");
}

}  // namespace

absl::StatusOr<uint64_t> EventReader::Counted(TenantId tenant, const CounterKey& key) const {
  std::optional<uint64_t> counted;
  published_.Find({tenant, key.customer}, [&](const PublishedAccount& account) {
    if (const Counter* const counter = account.Find(key)) counted = counter->events;
  });
  if (counted.has_value()) return *counted;
  OWO_TRY(const auto row, database_.Get(Space::kUsage, keys::Counter(tenant, key)));
  if (!row.has_value()) return 0;
  OWO_TRY(const CounterRecord record, ParseRow<CounterRecord>(*row));
  return record.events();
}

absl::StatusOr<std::vector<StoredEvent>> EventReader::List(TenantId tenant, const CounterKey& key,
                                                           OrdinalRange range, size_t most) const {
  OWO_TRY(const uint64_t counted, Counted(tenant, key));
  range.end = std::min(range.end, counted);
  if (range.first >= range.end || most == 0) return std::vector<StoredEvent>();
  range.end = range.first + std::min<uint64_t>(range.end - range.first, most);

  OWO_TRY(std::vector<EventLocation> locations, Locate(tenant, key, range));
  if (locations.size() < range.end - range.first) {
    OWO_RETURN_IF_ERROR(CheckKept(tenant, key, range.first + locations.size()));
    OWO_RETURN_IF_ERROR(write_behind_({tenant, key.customer}));
    OWO_TRY(locations, Locate(tenant, key, range));
    if (locations.size() < range.end - range.first) {
      OWO_RETURN_IF_ERROR(CheckKept(tenant, key, range.first + locations.size()));
      return absl::DataLossError("a counter's last chunk of events is missing");
    }
  }
  std::vector<StoredEvent> events;
  events.reserve(locations.size());
  for (auto first = locations.begin(); first != locations.end();) {
    const auto end = std::find_if(first, locations.end(), [&](const EventLocation& location) {
      return location.sequence != first->sequence;
    });
    const uint64_t ordinal = range.first + events.size();
    OWO_RETURN_IF_ERROR(ReadRecord(tenant, key, {first, end}, ordinal, events));
    first = end;
  }
  for (size_t i = 0; i < events.size(); ++i) events[i].ordinal = range.first + i;
  OWO_RETURN_IF_ERROR(NameInvoices(tenant, key, events));
  return events;
}

absl::StatusOr<std::vector<EventLocation>> EventReader::Locate(TenantId tenant,
                                                               const CounterKey& key,
                                                               OrdinalRange range) const {
  const std::string lower = keys::EventChunk(tenant, key, range.first + 1);
  const std::string upper = keys::EndOf(keys::EventChunks(tenant, key));
  const rocksdb::Slice upper_bound = ToSlice(upper);
  rocksdb::ReadOptions options;
  options.iterate_upper_bound = &upper_bound;
  const auto it = database_.Iterate(Space::kUsageEvents, options);
  std::vector<EventLocation> locations;
  uint64_t next = range.first;
  for (it->Seek(ToSlice(lower)); it->Valid() && next < range.end; it->Next()) {
    const uint64_t end = keys::TrailingNumber(ToView(it->key()));
    OWO_TRY(const uint64_t size, ChunkSize(ToView(it->value())));
    if (size > end || end - size > next) {
      OWO_RETURN_IF_ERROR(CheckKept(tenant, key, next));
      return absl::DataLossError("a counter's chunk of events is missing");
    }
    OWO_TRY(const auto read, ReadChunk(ToView(it->value()), next - (end - size), range.end - next));
    locations.insert(locations.end(), read.begin(), read.end());
    next += read.size();
  }
  OWO_RETURN_IF_ERROR(FromRocks(it->status()));
  return locations;
}

absl::Status EventReader::ReadRecord(TenantId tenant, const CounterKey& key,
                                     std::span<const EventLocation> wanted, uint64_t ordinal,
                                     std::vector<StoredEvent>& events) const {
  OWO_TRY(const auto row, database_.Get(Space::kJournal, keys::Journal(wanted.front().sequence)));
  if (!row.has_value()) {
    OWO_RETURN_IF_ERROR(CheckKept(tenant, key, ordinal));
    return NotThere();
  }
  OWO_TRY(const JournalRecord record, ParseRow<JournalRecord>(*row));
  uint64_t index = 0;
  for (const JournalChange& change : record.changes()) {
    if (wanted.empty()) break;
    if (change.change_case() != JournalChange::kEvents) continue;
    const bool is_tenants = TenantId{change.tenant()} == tenant;
    OWO_RETURN_IF_ERROR(ReadEvents(
        change.events(), record.committed_us(), [&](const CountedEvent& event) -> absl::Status {
          const bool is_wanted = !wanted.empty() && wanted.front().index == index;
          ++index;
          if (!is_wanted) return absl::OkStatus();
          if (!is_tenants || event.counter != key) return NotThere();
          events.push_back(Stored(event, record.committed_us()));
          wanted = wanted.subspan(1);
          return absl::OkStatus();
        }));
  }
  return wanted.empty() ? absl::OkStatus() : NotThere();
}

// A seal is written before the records that hold the events go.
absl::Status EventReader::CheckKept(TenantId tenant, const CounterKey& key,
                                    uint64_t ordinal) const {
  OWO_TRY(const auto row, database_.Get(Space::kUsage, keys::Seal(tenant, key)));
  if (!row.has_value()) return absl::OkStatus();
  OWO_TRY(const SealRecord seal, ParseRow<SealRecord>(*row));
  if (ordinal >= seal.counter().events()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("event ", ordinal, " of its counter is not kept any more"));
}

absl::Status EventReader::NameInvoices(TenantId tenant, const CounterKey& key,
                                       std::vector<StoredEvent>& events) const {
  const std::string lower = keys::Covered(tenant, key, events.front().ordinal + 1);
  const std::string upper = keys::EndOf(keys::CoveredOf(tenant, key));
  const rocksdb::Slice upper_bound = ToSlice(upper);
  rocksdb::ReadOptions options;
  options.iterate_upper_bound = &upper_bound;
  const auto range = database_.Iterate(Space::kInvoices, options);
  range->Seek(ToSlice(lower));
  for (StoredEvent& event : events) {
    // Ranges are disjoint: the first that ends behind the event is the only one that may hold it.
    while (range->Valid() && keys::TrailingNumber(ToView(range->key())) <= event.ordinal) {
      range->Next();
    }
    if (!range->Valid()) break;
    const auto covered = keys::ParseCovered(ToView(range->value()));
    if (!covered.has_value()) return absl::DataLossError("a range of coverage does not parse");
    if (covered->first <= event.ordinal) event.invoice = covered->invoice;
  }
  return FromRocks(range->status());
}

}  // namespace owo::storage
