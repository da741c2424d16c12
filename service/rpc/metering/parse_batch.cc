// Parses a TrackBatchRequest directly from its bytes. Building a message of a thousand events would
// take longer than all other work on them before the checks.

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "service/ledger/errors.h"
#include "service/rpc/fields.h"
#include "service/rpc/message_bytes.h"
#include "service/rpc/metering/parse_event.h"
#include "service/rpc/metering/parse_metering.h"
#include "storage/util/wire.h"

namespace owo::rpc {
namespace {

constexpr size_t kBatchMax = 1000;
// The most fields of an event, those of nested messages included. A valid one has fewer than 100.
constexpr size_t kEventFieldsMax = 1000;
// Bytes of memory per byte of the request: its own, the texts of the events, and the journal's.
constexpr size_t kCopies = 3;
// Bytes of memory per event, without its texts: the event as it was parsed, resolved and sent to
// the store, with the vectors' spare room, and its result, which may be an error.
constexpr size_t kEventBytes = 1024;

bool IsAscii(std::string_view bytes) {
  constexpr uint64_t kHighBits = 0x8080808080808080;
  uint64_t bits = 0;
  while (bytes.size() >= sizeof bits) {
    uint64_t word = 0;
    std::memcpy(&word, bytes.data(), sizeof word);
    bits |= word;
    bytes.remove_prefix(sizeof word);
  }
  for (const char byte : bytes) bits |= static_cast<unsigned char>(byte);
  return (bits & kHighBits) == 0;
}

// The most common form of an event: an id, a customer, a feature and a quantity, in ASCII, and
// nothing else. Has the accessors of pb::UsageEvent that ParseEvent() uses.
class PlainEvent {
 public:
  // Returns nullopt for any other event. The result refers to `bytes`.
  static std::optional<PlainEvent> Parse(std::string_view bytes) {
    if (!IsAscii(bytes)) return std::nullopt;
    PlainEvent event;
    storage::WireFields fields(bytes);
    for (size_t count = 0; fields.Next(); ++count) {
      if (count == kEventFieldsMax) return std::nullopt;
      switch (fields.number()) {
        case pb::UsageEvent::kCustomerFieldNumber:
          event.customer_ = fields.Bytes();
          break;
        case pb::UsageEvent::kFeatureFieldNumber:
          event.feature_ = fields.Bytes();
          break;
        case pb::UsageEvent::kQuantityFieldNumber:
          event.quantity_ = fields.Bytes();
          break;
        case pb::UsageEvent::kEventIdFieldNumber:
          event.event_id_ = fields.Bytes();
          break;
        default:
          return std::nullopt;
      }
    }
    if (!fields.ok()) return std::nullopt;
    return event;
  }

  std::string_view customer() const { return customer_; }
  std::string_view feature() const { return feature_; }
  std::string_view quantity() const { return quantity_; }
  std::string_view event_id() const { return event_id_; }
  static bool has_event_time() { return false; }
  static google::protobuf::Timestamp event_time() { return {}; }
  static const Fields::TextMap& properties() {
    static const auto* const none = new Fields::TextMap();
    return *none;
  }
  static pb::Enforcement enforcement() { return pb::ENFORCEMENT_UNSPECIFIED; }

 private:
  std::string_view customer_;
  std::string_view feature_;
  std::string_view quantity_;
  std::string_view event_id_;
};

absl::Status NotAMessage(std::string_view request) {
  return MalformedBytes(request, *pb::TrackBatchRequest::descriptor());
}

// An event takes memory in addition to what was counted for the batch, so its fields are bounded.
absl::Status TooManyFieldsAt(size_t index) {
  return ledger::RefuseFields({{absl::StrCat("events[", index, "]"),
                                absl::StrCat("has more than ", kEventFieldsMax, " fields")}});
}

// Adds the event to the valid or the malformed events of the batch. Returns false if its bytes are
// not a UsageEvent.
bool Add(std::string_view bytes, EventBatch& batch) {
  absl::StatusOr<ledger::UsageEvent> event;
  if (const auto plain = PlainEvent::Parse(bytes)) {
    event = ParseEvent(*plain);
  } else if (HasMoreFields(bytes, *pb::UsageEvent::descriptor(), kEventFieldsMax)) {
    event = TooManyFieldsAt(batch.size);
  } else {
    pb::UsageEvent message;
    if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return false;
    event = ParseEvent(message);
  }
  if (event.ok()) {
    batch.events.push_back(*std::move(event));
  } else {
    batch.malformed.emplace_back(batch.size, event.status());
  }
  ++batch.size;
  return true;
}

}  // namespace

size_t CountEvents(std::string_view request) {
  size_t events = 0;
  storage::WireFields fields(request);
  while (events < kBatchMax && fields.Next()) {
    if (fields.number() == pb::TrackBatchRequest::kEventsFieldNumber) ++events;
  }
  return events;
}

size_t BatchMemory(std::string_view request) {
  return request.size() * kCopies + CountEvents(request) * kEventBytes;
}

absl::StatusOr<EventBatch> ParseBatch(std::string_view request) {
  EventBatch batch;
  size_t events = 0;  // counts all events; only the first kBatchMax are parsed
  storage::WireFields fields(request);
  while (fields.Next()) {
    if (fields.number() != pb::TrackBatchRequest::kEventsFieldNumber) continue;
    const std::string_view event = fields.Bytes();
    if (++events > kBatchMax || !fields.ok()) continue;
    if (events == 1) {
      batch.events.reserve(
          std::min(kBatchMax, request.size() / std::max<size_t>(event.size(), 16)));
    }
    if (!Add(event, batch)) return NotAMessage(request);
  }
  if (!fields.ok()) return NotAMessage(request);
  if (events < 1 || events > kBatchMax) {
    Violations violations;
    Fields(violations).Wrong("events", absl::StrCat("got ", events, " events, want 1–1,000"));
    return violations.ToStatus();
  }
  return batch;
}

}  // namespace owo::rpc
