// Packing of events in the journal, and the builder of a commit's records.
//
// A run of counted events is one `bytes` field of a JournalChange. Each event is encoded as:
//
//   flags     1   bit 0 id is a UUID; 1 counted beyond the allowance; 2 opens its counter;
//                 3 closes it; 4 has properties; 5 other segments follow its counter's
//   id        16, and when it is not a UUID: length varint, text
//   counter   customer varint, feature varint, interval 1, ordinal zigzag varint, segment varint
//   quantity  zigzag varint of units of 10^-places; places 1   (5000 takes 3 bytes, not 9)
//   time      zigzag varint: microseconds from the record's commit
//   terms     if it opens its counter: plan, version, subscription varints;
//             period start, end zigzag varints
//   more      if segments follow: how many, varint; if it has properties: length varint, bytes

#ifndef OWO_STORAGE_ROCKSDB_FORMAT_JOURNAL_H_
#define OWO_STORAGE_ROCKSDB_FORMAT_JOURNAL_H_

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "storage/event_id.h"
#include "storage/records.pb.h"
#include "storage/rocksdb/format/event_chunk.h"
#include "storage/types.h"
#include "storage/util/varint.h"

namespace owo::storage {

// One counted event, with everything needed to count it again in a replay.
struct CountedEvent {
  EventId id;
  std::string_view id_text;  // empty for a UUID
  std::string_view properties;
  CounterKey counter;
  Quantity quantity;
  Micros time = 0;
  std::optional<CounterTerms> opens;
  uint32_t later_segments = 0;  // of its group; the event may change them
  bool over = false;
  bool closes = false;
};

void AppendEvent(std::string& out, const CountedEvent& event, Micros committed);

// Calls `each` for every event of a run, in order. DATA_LOSS if `run` does not parse.
absl::Status ReadEvents(std::string_view run, Micros committed,
                        const std::function<absl::Status(const CountedEvent&)>& each);

// A record is closed once its changes reach this size, so that reading one event stays cheap.
inline constexpr size_t kRecordBytesMax = 64 << 10;

// The cost of replaying a change other than `events`, in events that take as long to replay.
inline uint64_t ReplayCost(size_t change_bytes) { return 1 + change_bytes / 256; }

// The records of one commit, built change by change.
class JournalBuilder {
 public:
  // `sequence`: of the first record. `committed`: the commit's time.
  void Start(uint64_t sequence, Micros committed);
  // Returns the event's location in the journal.
  EventLocation Add(TenantId tenant, const CountedEvent& event);
  void Add(TenantId tenant, JournalChange change);

  bool empty() const { return closed_.empty() && record_.changes().empty(); }
  // The sum over all changes: 1 for each event, ReplayCost for any other change.
  uint64_t replay_cost() const { return replay_cost_; }
  // The sequence of the newest record; if there is none, of the last one of the commit before.
  uint64_t last_sequence() const { return record_.changes().empty() ? sequence_ - 1 : sequence_; }
  // The serialized records, in order of their sequences.
  const std::vector<std::string>& Finish();

 private:
  JournalChange& NewChange(TenantId tenant);
  void Close();

  std::vector<std::string> closed_;
  JournalRecord record_;
  uint64_t sequence_ = 0;    // of record_
  size_t record_bytes_ = 0;  // of its changes
  uint64_t record_events_ = 0;
  std::string* run_ = nullptr;  // of the last change, if that is events of run_tenant_
  TenantId run_tenant_{};
  uint64_t replay_cost_ = 0;
};

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_FORMAT_JOURNAL_H_
