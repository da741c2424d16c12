#include <deque>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

#include "tests/bench/calls_in_flight.h"
#include "tests/bench/loop.h"
#include "tests/bench/meter.h"

namespace owo::bench {
namespace {

constexpr int kConnections = 4;

// One thread sends calls on schedule, another receives the answers.
class OpenLoop {
 public:
  OpenLoop(const Target& target, Traffic& traffic)
      : traffic_(traffic),
        meter_(target.pid(), traffic.units_per_call()),
        calls_(target, kConnections) {}

  Sample Run(int calls_per_second, absl::Duration duration) {
    meter_.Begin();
    std::thread receiver([this] { Receive(); });
    const Clock::time_point start = Clock::now();
    const auto calls = static_cast<int64_t>(absl::ToDoubleSeconds(duration) * calls_per_second);
    for (int64_t i = 0; i < calls; ++i) {
      const Clock::time_point due =
          start + std::chrono::nanoseconds(std::chrono::seconds(i)) / calls_per_second;
      std::this_thread::sleep_until(due);
      CallsInFlight::Slot& slot = FreeSlot();
      if (!traffic_.Next(slot.call)) break;
      slot.began = due;
      calls_.Start(slot);
    }
    calls_.Close();
    receiver.join();
    if (!failure_.empty()) throw std::runtime_error("a call failed: " + failure_);
    return meter_.End();
  }

 private:
  using Clock = CallsInFlight::Clock;

  // There are as many slots as calls in flight at once: no call waits for a slot.
  CallsInFlight::Slot& FreeSlot() {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (free_.empty()) return slots_.emplace_back();
    CallsInFlight::Slot* const slot = free_.back();
    free_.pop_back();
    return *slot;
  }

  void Receive() {
    while (CallsInFlight::Slot* const slot = calls_.Next()) {
      const Clock::time_point now = Clock::now();
      if (slot->status.ok()) {
        meter_.Count(now - slot->began);
        Take(*slot);
      } else {
        failure_ = slot->status.error_message();
      }
      const std::lock_guard<std::mutex> lock(mutex_);
      free_.push_back(slot);
    }
  }

  void Take(CallsInFlight::Slot& slot) {
    try {
      traffic_.Answered(slot.call, slot.answer);
    } catch (const std::exception& error) {
      failure_ = error.what();
    }
  }

  Traffic& traffic_;
  Meter meter_;          // counts on the receiving thread while it runs
  std::string failure_;  // written by the receiving thread

  std::mutex mutex_;
  std::deque<CallsInFlight::Slot> slots_;   // guarded by mutex_; a slot in use is not
  std::vector<CallsInFlight::Slot*> free_;  // guarded by mutex_

  CallsInFlight calls_;  // its destructor waits for the calls that use the slots
};

}  // namespace

Sample RunOpenLoop(const Target& target, Traffic& traffic, int calls_per_second,
                   absl::Duration duration) {
  return OpenLoop(target, traffic).Run(calls_per_second, duration);
}

}  // namespace owo::bench
