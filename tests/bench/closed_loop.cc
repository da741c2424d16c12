#include <algorithm>
#include <stdexcept>
#include <vector>

#include "tests/bench/calls_in_flight.h"
#include "tests/bench/loop.h"
#include "tests/bench/meter.h"

namespace owo::bench {
namespace {

// Enough connections that one of them does not limit many concurrent calls.
int ConnectionsFor(int in_flight) { return std::clamp(in_flight / 4, 1, 4); }

class ClosedLoop {
 public:
  ClosedLoop(const Target& target, Traffic& traffic, const LoopOptions& options)
      : traffic_(traffic),
        options_(options),
        meter_(target.pid(), traffic.units_per_call()),
        slots_(options.in_flight),
        calls_(target, ConnectionsFor(options.in_flight)) {}

  Sample Run() {
    warm_ = Clock::now() + absl::ToChronoNanoseconds(options_.warm_up);
    if (options_.warm_up == absl::ZeroDuration()) Begin();
    for (CallsInFlight::Slot& slot : slots_) Send(slot);
    while (in_flight_ > 0) {
      CallsInFlight::Slot& slot = *calls_.Next();
      --in_flight_;
      Take(slot, Clock::now());
      Send(slot);
    }
    if (failure_.ok()) {
      if (phase_ == Phase::kMeasuring) End();
    } else if (!options_.outlives_server) {
      throw std::runtime_error("a call failed: " + failure_.error_message());
    }
    return std::move(sample_);
  }

 private:
  using Clock = CallsInFlight::Clock;
  enum class Phase { kWarmUp, kMeasuring, kEnded };

  void Begin() {
    phase_ = Phase::kMeasuring;
    meter_.Begin();
    if (options_.duration < absl::InfiniteDuration()) {
      end_ = Clock::now() + absl::ToChronoNanoseconds(options_.duration);
    }
  }

  void End() {
    phase_ = Phase::kEnded;
    sample_ = meter_.End();
  }

  void Send(CallsInFlight::Slot& slot) {
    const bool stopped = options_.stop != nullptr && *options_.stop;
    if (phase_ == Phase::kEnded || !failure_.ok() || stopped) return;
    if (!traffic_.Next(slot.call)) return;
    slot.began = Clock::now();
    calls_.Start(slot);
    ++in_flight_;
  }

  void Take(CallsInFlight::Slot& slot, Clock::time_point now) {
    if (!slot.status.ok()) {
      failure_ = slot.status;
      return;
    }
    if (phase_ == Phase::kMeasuring) {
      meter_.Count(now - slot.began);
      if (now >= end_) End();
    } else if (phase_ == Phase::kWarmUp && now >= warm_) {
      Begin();
    }
    traffic_.Answered(slot.call, slot.answer);
  }

  Traffic& traffic_;
  const LoopOptions options_;
  Meter meter_;
  Phase phase_ = Phase::kWarmUp;
  Clock::time_point warm_;
  Clock::time_point end_ = Clock::time_point::max();
  Sample sample_;
  grpc::Status failure_;
  int in_flight_ = 0;
  std::vector<CallsInFlight::Slot> slots_;
  CallsInFlight calls_;  // its destructor waits for the calls that use the slots
};

}  // namespace

Sample RunClosedLoop(const Target& target, Traffic& traffic, const LoopOptions& options) {
  return ClosedLoop(target, traffic, options).Run();
}

}  // namespace owo::bench
