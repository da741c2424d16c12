#include "storage/rocksdb/read/event_reader.h"

#include <algorithm>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "storage/convert.h"
#include "storage/rocksdb/format/journal.h"
#include "storage/rocksdb/format/keys.h"
#include "storage/util/try.h"

namespace owo::storage {
namespace {

// If few events match, the steps in which events are read grow up to this many.
constexpr size_t kStepEventsMax = 2000;
// Ranges of coverage that are skipped one by one, before the iterator seeks.
constexpr int kRangesWalkedMax = 8;

// The event without its invoice.
StoredEvent Stored(const CountedEvent& event, uint64_t ordinal, Micros committed) {
  return {.ordinal = ordinal,
          .id = event.id,
          .id_text = event.id.is_uuid() ? event.id.UuidText() : std::string(event.id_text),
          .properties = std::string(event.properties),
          .quantity = event.quantity,
          .time = event.time,
          .committed = committed};
}

// Whether a chunk with these times may have an event that matches the query.
bool MayHold(const std::optional<TimeBounds>& times, const EventQuery& query) {
  if (!times.has_value()) return true;
  return times->greatest >= query.start.value_or(times->greatest) &&
         (!query.end.has_value() || times->least < *query.end);
}

absl::Status NotThere() {
  return absl::DataLossError("the journal does not have an event where its counter says");
}

}  // namespace

absl::StatusOr<uint64_t> EventReader::Counted(TenantId tenant, const CounterKey& key) const {
  std::optional<uint64_t> counted;
  snapshots_.Find({tenant, key.customer}, [&](const AccountSnapshot& account) {
    if (const Counter* const counter = account.Find(key)) counted = counter->events;
  });
  if (counted.has_value()) return *counted;
  OWO_TRY(const auto row, database_.Get(ColumnFamily::kUsage, keys::Counter(tenant, key)));
  if (!row.has_value()) return 0;
  OWO_TRY(const CounterRecord record, ParseRow<CounterRecord>(*row));
  return record.events();
}

absl::StatusOr<EventList> EventReader::List(TenantId tenant, const CounterKey& key,
                                            const EventQuery& query) const {
  OWO_TRY(const uint64_t counted, Counted(tenant, key));
  EventQuery rest = query;
  rest.range.end = std::min(query.range.end, counted);
  EventList list{.next = query.range.first};
  const bool is_empty =
      query.start.has_value() && query.end.has_value() && *query.start >= *query.end;
  if (is_empty) list.next = std::max(list.next, rest.range.end);
  while (list.next < rest.range.end && list.events.size() < query.limit &&
         list.work < query.work_max) {
    rest.range.first = list.next;
    rest.work_max = query.work_max - list.work;
    size_t wanted = query.limit - list.events.size();
    // The more events did not match, the larger the next step.
    if (query.filters()) wanted = std::max(wanted, std::min(list.work, kStepEventsMax));
    const absl::Status status = Step(tenant, key, rest, wanted, list);
    if (absl::IsFailedPrecondition(status) && !list.events.empty()) break;
    OWO_RETURN_IF_ERROR(status);
  }
  OWO_RETURN_IF_ERROR(NameInvoices(tenant, key, list.events));
  return list;
}

absl::Status EventReader::Step(TenantId tenant, const CounterKey& key, const EventQuery& query,
                               size_t limit, EventList& list) const {
  OWO_TRY(const Located located, LocateWritten(tenant, key, query, limit));
  list.work += located.passed;
  for (auto first = located.events.begin(); first != located.events.end();) {
    const auto end = std::find_if(first, located.events.end(), [&](const Located::Event& event) {
      return event.location.sequence != first->location.sequence;
    });
    OWO_RETURN_IF_ERROR(ReadRecord(tenant, key, query, {first, end}, list));
    if (list.events.size() >= query.limit) return absl::OkStatus();
    first = end;
  }
  list.next = located.next;
  return absl::OkStatus();
}

absl::StatusOr<EventReader::Located> EventReader::LocateWritten(TenantId tenant,
                                                                const CounterKey& key,
                                                                const EventQuery& query,
                                                                size_t limit) const {
  OWO_TRY(Located located, Locate(tenant, key, query, limit));
  if (located.complete) return located;
  OWO_RETURN_IF_ERROR(CheckKept(tenant, key, located.next));
  OWO_RETURN_IF_ERROR(flush_account_({tenant, key.customer}));
  OWO_TRY(located, Locate(tenant, key, query, limit));
  if (located.complete) return located;
  OWO_RETURN_IF_ERROR(CheckKept(tenant, key, located.next));
  return absl::DataLossError("a counter's last chunk of events is missing");
}

absl::StatusOr<EventReader::Located> EventReader::Locate(TenantId tenant, const CounterKey& key,
                                                         const EventQuery& query,
                                                         size_t limit) const {
  const std::string lower = keys::EventChunk(tenant, key, query.range.first + 1);
  const std::string upper = keys::EndOf(keys::EventChunks(tenant, key));
  const rocksdb::Slice upper_bound = ToSlice(upper);
  rocksdb::ReadOptions options;
  options.iterate_upper_bound = &upper_bound;
  const auto it = database_.Iterate(ColumnFamily::kUsageEvents, options);
  Located located{.next = query.range.first};
  const auto is_complete = [&] {
    return located.next >= query.range.end || located.events.size() >= limit ||
           located.passed + located.events.size() >= query.work_max;
  };
  for (it->Seek(ToSlice(lower)); it->Valid() && !is_complete(); it->Next()) {
    const uint64_t end = keys::TrailingNumber(ToView(it->key()));
    OWO_TRY(const ChunkHeader header, ParseChunkHeader(ToView(it->value())));
    if (header.size > end || end - header.size > located.next) {
      OWO_RETURN_IF_ERROR(CheckKept(tenant, key, located.next));
      return absl::DataLossError("a counter's chunk of events is missing");
    }
    if (!MayHold(header.times, query)) {
      ++located.passed;
      located.next = std::min(end, query.range.end);
      continue;
    }
    const uint64_t wanted = std::min<uint64_t>(
        {limit - located.events.size(), query.work_max - located.passed - located.events.size(),
         query.range.end - located.next});
    OWO_TRY(const auto read,
            ReadChunk(ToView(it->value()), located.next - (end - header.size), wanted));
    for (const EventLocation& location : read) {
      located.events.push_back({.ordinal = located.next++, .location = location});
    }
  }
  OWO_RETURN_IF_ERROR(FromRocks(it->status()));
  located.complete = is_complete();
  return located;
}

absl::Status EventReader::ReadRecord(TenantId tenant, const CounterKey& key,
                                     const EventQuery& query,
                                     std::span<const Located::Event> wanted,
                                     EventList& list) const {
  const uint64_t sequence = wanted.front().location.sequence;
  OWO_TRY(const auto row, database_.Get(ColumnFamily::kJournal, keys::Journal(sequence)));
  if (!row.has_value()) {
    OWO_RETURN_IF_ERROR(CheckKept(tenant, key, wanted.front().ordinal));
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
          const bool is_wanted = !wanted.empty() && wanted.front().location.index == index;
          ++index;
          if (!is_wanted) return absl::OkStatus();
          if (!is_tenants || event.counter != key) return NotThere();
          const uint64_t ordinal = wanted.front().ordinal;
          if (query.Matches(event.time)) {
            list.events.push_back(Stored(event, ordinal, record.committed_us()));
          }
          ++list.work;
          list.next = ordinal + 1;
          const bool is_full = list.events.size() >= query.limit;
          wanted = is_full ? std::span<const Located::Event>() : wanted.subspan(1);
          return absl::OkStatus();
        }));
  }
  return wanted.empty() ? absl::OkStatus() : NotThere();
}

// An archived counter is written before the records with its events are deleted.
absl::Status EventReader::CheckKept(TenantId tenant, const CounterKey& key,
                                    uint64_t ordinal) const {
  OWO_TRY(const auto row, database_.Get(ColumnFamily::kUsage, keys::ArchivedCounter(tenant, key)));
  if (!row.has_value()) return absl::OkStatus();
  OWO_TRY(const ArchivedCounterRecord archived, ParseRow<ArchivedCounterRecord>(*row));
  if (ordinal >= archived.counter().events()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("event ", ordinal, " of its counter is not kept any more"));
}

absl::Status EventReader::NameInvoices(TenantId tenant, const CounterKey& key,
                                       std::vector<StoredEvent>& events) const {
  if (events.empty()) return absl::OkStatus();
  const std::string upper = keys::EndOf(keys::CoveredOf(tenant, key));
  const rocksdb::Slice upper_bound = ToSlice(upper);
  rocksdb::ReadOptions options;
  options.iterate_upper_bound = &upper_bound;
  const auto range = database_.Iterate(ColumnFamily::kInvoices, options);
  const auto seek = [&](uint64_t ordinal) {
    range->Seek(ToSlice(keys::Covered(tenant, key, ordinal + 1)));
  };
  seek(events.front().ordinal);
  for (StoredEvent& event : events) {
    // Ranges are disjoint: only the first one that ends after the event may contain it.
    for (int walked = 0;
         range->Valid() && keys::TrailingNumber(ToView(range->key())) <= event.ordinal; ++walked) {
      if (walked < kRangesWalkedMax) {
        range->Next();
      } else {
        seek(event.ordinal);
      }
    }
    if (!range->Valid()) break;
    const auto covered = keys::ParseCovered(ToView(range->value()));
    if (!covered.has_value()) return absl::DataLossError("a range of coverage does not parse");
    if (covered->first <= event.ordinal) event.invoice = covered->invoice;
  }
  return FromRocks(range->status());
}

}  // namespace owo::storage
