#include "storage/rocksdb/format/journal.h"

#include <utility>

#include "storage/util/try.h"

namespace owo::storage {
namespace {

enum Flag : uint8_t {
  kUuid = 1,
  kOver = 2,
  kOpens = 4,
  kCloses = 8,
  kProperties = 16,
  kLaterSegments = 32,
  kAll = 63,
};

constexpr uint8_t kPlacesMax = 12;

// Drops trailing decimal zeros: most quantities are whole numbers.
void AppendQuantity(std::string& out, Quantity quantity) {
  absl::int128 units = quantity.units;
  uint8_t places = kPlacesMax;
  constexpr int64_t kWhole = 1'000'000'000'000;
  if (units % kWhole == 0) {
    units /= kWhole;
    places = 0;
  }
  while (places > 0 && units % 10 == 0) {
    units /= 10;
    --places;
  }
  AppendSigned128(out, units);
  out.push_back(static_cast<char>(places));
}

Quantity ReadQuantity(ByteReader& in) {
  const absl::int128 scalable = absl::Int128Max() / 10;
  absl::int128 units = in.Signed128();
  uint8_t places = in.Byte();
  if (places > kPlacesMax) in.Fail();
  for (; in.ok() && places < kPlacesMax; ++places) {
    if (units > scalable || units < -scalable) in.Fail();
    if (in.ok()) units *= 10;
  }
  return {units};
}

// Time differences wrap around instead of overflowing.
Micros Difference(Micros a, Micros b) {
  return static_cast<Micros>(static_cast<uint64_t>(a) - static_cast<uint64_t>(b));
}
Micros Sum(Micros a, Micros b) {
  return static_cast<Micros>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
}

uint8_t FlagsOf(const CountedEvent& e) {
  return static_cast<uint8_t>((e.id.is_uuid() ? kUuid : 0) | (e.over ? kOver : 0) |
                              (e.opens.has_value() ? kOpens : 0) | (e.closes ? kCloses : 0) |
                              (e.properties.empty() ? 0 : kProperties) |
                              (e.later_segments > 0 ? kLaterSegments : 0));
}

void AppendText(std::string& out, std::string_view text) {
  AppendVarint64(out, text.size());
  out.append(text);
}

void AppendTerms(std::string& out, const CounterTerms& terms) {
  AppendVarint64(out, static_cast<uint32_t>(terms.plan));
  AppendVarint64(out, terms.plan_version);
  AppendVarint64(out, terms.subscription);
  AppendVarint64(out, ZigZag(terms.period_start));
  AppendVarint64(out, ZigZag(terms.period_end));
}

CounterKey ReadCounterKey(ByteReader& in) {
  CounterKey key;
  key.customer = CustomerNo{in.Varint64()};
  key.feature = FeatureNo{in.Varint32()};
  key.period.interval = static_cast<IntervalCode>(in.Byte());
  key.period.ordinal = UnZigZag(in.Varint64());
  key.segment = in.Varint32();
  return key;
}

CounterTerms ReadTerms(ByteReader& in) {
  CounterTerms terms;
  terms.plan = PlanNo{in.Varint32()};
  terms.plan_version = in.Varint32();
  terms.subscription = in.Varint32();
  terms.period_start = UnZigZag(in.Varint64());
  terms.period_end = UnZigZag(in.Varint64());
  return terms;
}

CountedEvent ReadEvent(ByteReader& in, Micros committed) {
  CountedEvent e;
  const uint8_t flags = in.Byte();
  const std::string_view id = in.Take(16);
  if ((flags & ~kAll) != 0) in.Fail();  // written by a later format
  if (!in.ok()) return e;
  e.id = EventId::FromBytes(id.data(), (flags & kUuid) != 0);
  if ((flags & kUuid) == 0) e.id_text = in.Take(in.Varint64());
  e.counter = ReadCounterKey(in);
  e.quantity = ReadQuantity(in);
  e.time = Sum(committed, UnZigZag(in.Varint64()));
  if ((flags & kOpens) != 0) e.opens = ReadTerms(in);
  if ((flags & kLaterSegments) != 0) e.later_segments = in.Varint32();
  if ((flags & kProperties) != 0) e.properties = in.Take(in.Varint64());
  e.over = (flags & kOver) != 0;
  e.closes = (flags & kCloses) != 0;
  return e;
}

}  // namespace

void AppendEvent(std::string& out, const CountedEvent& e, Micros committed) {
  out.push_back(static_cast<char>(FlagsOf(e)));
  out.append(e.id.bytes());
  if (!e.id.is_uuid()) AppendText(out, e.id_text);
  AppendVarint64(out, static_cast<uint64_t>(e.counter.customer));
  AppendVarint64(out, static_cast<uint32_t>(e.counter.feature));
  out.push_back(static_cast<char>(e.counter.period.interval));
  AppendVarint64(out, ZigZag(e.counter.period.ordinal));
  AppendVarint64(out, e.counter.segment);
  AppendQuantity(out, e.quantity);
  AppendVarint64(out, ZigZag(Difference(e.time, committed)));
  if (e.opens.has_value()) AppendTerms(out, *e.opens);
  if (e.later_segments > 0) AppendVarint64(out, e.later_segments);
  if (!e.properties.empty()) AppendText(out, e.properties);
}

absl::Status ReadEvents(std::string_view run, Micros committed,
                        const std::function<absl::Status(const CountedEvent&)>& each) {
  ByteReader in(run);
  while (!in.AtEnd()) {
    const CountedEvent event = ReadEvent(in, committed);
    if (!in.ok()) return absl::DataLossError("journal: a run of events does not parse");
    OWO_RETURN_IF_ERROR(each(event));
  }
  return absl::OkStatus();
}

void JournalBuilder::Start(uint64_t sequence, Micros committed) {
  closed_.clear();
  record_.Clear();
  record_.set_committed_us(committed);
  sequence_ = sequence;
  record_bytes_ = 0;
  record_events_ = 0;
  run_ = nullptr;
  replay_cost_ = 0;
}

EventLocation JournalBuilder::Add(TenantId tenant, const CountedEvent& event) {
  if (record_bytes_ >= kRecordBytesMax) Close();
  if (run_ == nullptr || run_tenant_ != tenant) {
    run_ = NewChange(tenant).mutable_events();
    run_tenant_ = tenant;
  }
  const size_t before = run_->size();
  AppendEvent(*run_, event, record_.committed_us());
  record_bytes_ += run_->size() - before;
  ++replay_cost_;
  return {.sequence = sequence_, .index = record_events_++};
}

void JournalBuilder::Add(TenantId tenant, JournalChange change) {
  if (record_bytes_ >= kRecordBytesMax) Close();
  change.set_tenant(static_cast<uint32_t>(tenant));
  const size_t bytes = change.ByteSizeLong();
  NewChange(tenant) = std::move(change);
  record_bytes_ += bytes;
  replay_cost_ += ReplayCost(bytes);
}

JournalChange& JournalBuilder::NewChange(TenantId tenant) {
  run_ = nullptr;
  JournalChange& change = *record_.add_changes();
  change.set_tenant(static_cast<uint32_t>(tenant));
  return change;
}

void JournalBuilder::Close() {
  const Micros committed = record_.committed_us();
  closed_.push_back(record_.SerializeAsString());
  record_.Clear();
  record_.set_committed_us(committed);
  ++sequence_;
  record_bytes_ = 0;
  record_events_ = 0;
  run_ = nullptr;
}

const std::vector<std::string>& JournalBuilder::Finish() {
  if (!record_.changes().empty()) Close();
  return closed_;
}

}  // namespace owo::storage
