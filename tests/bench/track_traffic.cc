#include "tests/bench/track_traffic.h"

#include <algorithm>
#include <span>
#include <stdexcept>

#include "absl/strings/str_cat.h"

namespace owo::bench {
namespace {

constexpr char kTrackBatch[] = "/owo.billing.v1.Metering/TrackBatch";
constexpr char kTrack[] = "/owo.billing.v1.Metering/Track";

// Positions of the repeats in a batch, once RepeatSome() was called.
constexpr uint64_t kRepeated = BatchTraffic::kBatch / 5;
bool RepeatsOld(uint64_t index) { return index % 10 == 4; }
bool RepeatsNew(uint64_t index) { return index % 10 == 9; }
bool RepeatsSameBatch(uint64_t index) { return index % 20 == 19; }

// Returns the counters of one batch, in turn. With `repeats`, each RepeatsNew() index has the
// counter of the index before it: a later batch repeats that event there, and a repeat must have
// the same content.
std::vector<CounterName> CountersOfBatch(const BatchTraffic::Options& options, size_t first) {
  std::vector<CounterName> counters;
  for (uint64_t i = 0; i < BatchTraffic::kBatch; ++i) {
    const uint64_t index = options.repeats && RepeatsNew(i) ? i - 1 : i;
    counters.push_back(options.counters[(first + index) % options.counters.size()]);
  }
  return counters;
}

}  // namespace

BatchTraffic::BatchTraffic(const Options& options)
    : ids_(FreshIds(options.ids)), dropped_(options.dropped) {
  for (size_t first = 0; first < options.counters.size(); first += kBatch) {
    templates_.push_back(EventTemplate::Batch(CountersOfBatch(options, first)));
  }
}

uint64_t BatchTraffic::distinct() const {
  return sent() - (old_batches_ == 0 ? 0 : batches_ - old_batches_) * kRepeated;
}

void BatchTraffic::RepeatSome() {
  if (batches_ < templates_.size()) throw std::logic_error("there is nothing to repeat yet");
  old_batches_ = batches_;
}

// Returns the number of the event's id.
uint64_t BatchTraffic::IdAt(uint64_t batch, uint64_t index) const {
  const uint64_t templates = templates_.size();
  if (old_batches_ == 0) return batch * kBatch + index;
  if (RepeatsOld(index)) {
    // Chooses an old batch that was made from the same template.
    const uint64_t turn = batch % templates;
    const uint64_t turns = (old_batches_ - turn - 1) / templates + 1;
    const uint64_t old = Mix(batch * kBatch + index) % turns * templates + turn;
    return old * kBatch + index;
  }
  if (RepeatsSameBatch(index)) return batch * kBatch + index - 1;
  if (RepeatsNew(index)) return (batch - templates) * kBatch + index - 1;
  return batch * kBatch + index;
}

bool BatchTraffic::Next(Call& call) {
  if (batches_ == end_) return false;
  const uint64_t batch = batches_++;
  call.method = kTrackBatch;
  call.number = batch;
  call.request = templates_[batch % templates_.size()].Fill(
      [&](size_t index, char* id) { ids_.Write(IdAt(batch, index), id); });
  return true;
}

void BatchTraffic::Answered(const Call&, grpc::ByteBuffer& answer) {
  if (dropped_) return;
  Parse(answer, answer_);
  recorded_ += answer_.recorded();
  if (answer_.recorded() + answer_.duplicates() != kBatch) {
    throw std::runtime_error(absl::StrCat("of a batch ", answer_.recorded(),
                                          " events were recorded and ", answer_.duplicates(),
                                          " duplicates, want ", kBatch, " together"));
  }
}

SingleTraffic::SingleTraffic(const std::vector<CounterName>& counters)
    : ids_(FreshIds(EventIds::Version::kTimeOrdered)) {
  for (const CounterName& counter : counters) {
    templates_.push_back(EventTemplate::Single(counter));
  }
}

bool SingleTraffic::Next(Call& call) {
  if (sent_ == end_) return false;
  call.method = kTrack;
  call.number = sent_++;
  call.request = templates_[call.number % templates_.size()].Fill(
      [&](size_t, char* id) { ids_.Write(call.number, id); });
  return true;
}

// Parses one answer in 64: parsing each would cost more than sending the call. Cases read the usage
// back.
void SingleTraffic::Answered(const Call& call, grpc::ByteBuffer& answer) {
  constexpr uint64_t kLookInto = 64;
  if (call.number % kLookInto == 0 && !As<billing::v1::TrackResponse>(answer).recorded()) {
    throw std::runtime_error("an event was not recorded");
  }
  ++recorded_;
}

}  // namespace owo::bench
