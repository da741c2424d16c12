// What calls in flight take: how many there are, and how many bytes of requests and answers. Reads
// and writes have a budget each, so that a flood of large reads does not keep usage from being
// tracked.
//
//   CallsInFlight in_flight({.read_bytes = 16 << 20, .write_bytes = 16 << 20});
//   CallsInFlight::Hold hold;
//   if (!in_flight.Admit(CallKind::kRead, request_bytes, hold)) …  // answer OVERLOADED, or that
//                                                                  // the server is stopping
//   hold.Resize(answer_bytes);                                     // when that is known

#ifndef OWO_SERVICE_RPC_CALLS_IN_FLIGHT_H_
#define OWO_SERVICE_RPC_CALLS_IN_FLIGHT_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace owo::rpc {

enum class CallKind : uint8_t { kRead, kWrite };

struct CallBudget {
  size_t read_bytes = 0;
  size_t write_bytes = 0;
};

// Thread-safe. Outlives the calls it counts.
class CallsInFlight {
 public:
  // A call's part. Released when destroyed: when the last byte of the answer was handed to the
  // transport, so that answers which wait for slow readers count.
  class Hold {
   public:
    Hold() = default;
    ~Hold() { Release(); }
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;

    // Changes how many bytes the call takes. False if that is more than before and the budget is
    // used up by others: then the hold stays as it was.
    [[nodiscard]] bool Resize(size_t bytes);
    // The same without a bound, for what cannot be refused any more.
    void ForceResize(size_t bytes);
    void Release();

   private:
    friend class CallsInFlight;

    CallsInFlight* owner_ = nullptr;
    CallKind kind_ = CallKind::kRead;
    size_t bytes_ = 0;
  };

  enum class Admission : uint8_t { kAdmitted, kOverBudget, kStopping };

  explicit CallsInFlight(const CallBudget& budget);

  // A call is admitted while the budget of its kind is not used up, whatever its own size: at most
  // one call goes beyond the bound, and none is too large ever to be admitted.
  Admission Admit(CallKind kind, size_t bytes, Hold& hold);

  // Admits no call from here on.
  void Stop();
  // Waits until no admitted call is left; false if some are left at `deadline`. REQUIRES: Stop().
  bool AwaitNone(absl::Time deadline);

  size_t bytes(CallKind kind) const { return Of(kind).used.load(std::memory_order_relaxed); }
  int64_t calls() const { return calls_; }

 private:
  struct alignas(64) Budget {
    size_t max = 0;
    std::atomic<size_t> used = 0;

    bool Take(size_t bytes);
  };

  Budget& Of(CallKind kind) { return budgets_[static_cast<size_t>(kind)]; }
  const Budget& Of(CallKind kind) const { return budgets_[static_cast<size_t>(kind)]; }
  void Leave();

  std::array<Budget, 2> budgets_;
  alignas(64) std::atomic<int64_t> calls_ = 0;
  std::atomic<bool> stopping_ = false;
  absl::Mutex mutex_;  // held while calls_ becomes 0 once the server is stopping
};

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_CALLS_IN_FLIGHT_H_
