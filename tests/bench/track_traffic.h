// Traffic of usage events, each of quantity 1.
//
//   BatchTraffic batches({.counters = Counters({.customers = 1000, .features = 10})});
//   RunClosedLoop(server, batches, {.in_flight = 8, .duration = absl::Seconds(5)});
//   batches.recorded();   // what the server must have counted

#ifndef OWO_TESTS_BENCH_TRACK_TRAFFIC_H_
#define OWO_TESTS_BENCH_TRACK_TRAFFIC_H_

#include <atomic>
#include <cstdint>
#include <vector>

#include "owo/billing/v1/metering.pb.h"
#include "tests/bench/counters.h"
#include "tests/bench/event_ids.h"
#include "tests/bench/event_template.h"
#include "tests/bench/traffic.h"

namespace owo::bench {

// Calls TrackBatch. Continues where it was when another loop uses it.
class BatchTraffic : public Traffic {
 public:
  static constexpr uint64_t kBatch = 1000;

  struct Options {
    std::vector<CounterName> counters;
    EventIds::Version ids = EventIds::Version::kTimeOrdered;
    bool repeats = false;  // prepares for RepeatSome(): every tenth counter gets no events
    bool dropped = false;  // the server records nothing
  };
  explicit BatchTraffic(const Options& options);

  // Ends the traffic after this many more events, rounded up to whole batches.
  void SendOnly(uint64_t events) { end_ = batches_ + (events + kBatch - 1) / kBatch; }
  void SendEndlessly() { end_ = UINT64_MAX; }

  // From now on 20 % of the events are repeats: half of them of events sent before this call, a
  // quarter of the previous batch with these counters, a quarter of the same batch.
  // REQUIRES: Options::repeats, and each counter had events.
  void RepeatSome();

  bool Next(Call& call) override;
  // Throws unless each event was recorded or was a duplicate.
  void Answered(const Call& call, grpc::ByteBuffer& answer) override;
  uint64_t units_per_call() const override { return kBatch; }

  uint64_t sent() const { return batches_ * kBatch; }
  // Returns how many of the sent events are distinct.
  uint64_t distinct() const;
  // Returns how many events the server reported as recorded.
  uint64_t recorded() const { return recorded_; }

 private:
  uint64_t IdAt(uint64_t batch, uint64_t index) const;

  const EventIds ids_;
  const bool dropped_;
  std::vector<EventTemplate> templates_;  // used in turns
  uint64_t batches_ = 0;
  uint64_t end_ = UINT64_MAX;
  uint64_t old_batches_ = 0;  // batches that are repeated; 0: none
  uint64_t recorded_ = 0;
  billing::v1::TrackBatchResponse answer_;
};

// Calls Track.
class SingleTraffic : public Traffic {
 public:
  explicit SingleTraffic(const std::vector<CounterName>& counters);

  // Ends the traffic after this many more events.
  void SendOnly(uint64_t events) { end_ = sent_ + events; }

  bool Next(Call& call) override;
  void Answered(const Call& call, grpc::ByteBuffer& answer) override;

  uint64_t recorded() const { return recorded_; }

 private:
  const EventIds ids_;
  std::vector<EventTemplate> templates_;  // used in turns
  uint64_t sent_ = 0;
  uint64_t end_ = UINT64_MAX;
  std::atomic<uint64_t> recorded_ = 0;
};

}  // namespace owo::bench

#endif  // OWO_TESTS_BENCH_TRACK_TRAFFIC_H_
