// Accounts for calls in flight: their number, and the bytes of their requests and answers. Reads
// and writes have separate budgets, so that a flood of large reads does not block tracking.
//
//   CallsInFlight in_flight({.read_bytes = 16 << 20, .write_bytes = 16 << 20});
//   CallsInFlight::Hold hold;
//   switch (in_flight.Admit(CallKind::kRead, request_bytes, hold)) { … }
//   if (!hold.Resize(answer_bytes)) …  // once the size of the answer is known

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
  // Refused calls whose refusal was not sent. A peer that causes more must be disconnected: it does
  // not read what it is sent, and each of them takes memory outside of the budgets.
  int64_t refusals_max = INT64_MAX;
};

// Thread-safe. Must outlive the calls that it counts.
class CallsInFlight {
 public:
  // The share of one call. Released when destroyed, which happens once the last byte of the answer
  // was passed to the transport, so that answers to slow readers still count.
  class Hold {
   public:
    Hold() = default;
    ~Hold() { Release(); }
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;

    // Changes the number of bytes. Returns false, and changes nothing, if the number grows and the
    // budget is exhausted.
    [[nodiscard]] bool Resize(size_t bytes);
    // The same without a limit, for answers that cannot be refused any more.
    void ForceResize(size_t bytes);
    void Release();

   private:
    friend class CallsInFlight;

    CallsInFlight* owner_ = nullptr;
    CallsInFlight* refused_by_ = nullptr;  // instead of owner_
    CallKind kind_ = CallKind::kRead;
    size_t bytes_ = 0;
  };

  // kTooManyRefused: as kOverBudget, and the peer must be disconnected.
  enum class Admission : uint8_t { kAdmitted, kOverBudget, kTooManyRefused, kStopping };

  explicit CallsInFlight(const CallBudget& budget);

  // Admits a call if the budget of its kind is not exhausted, whatever the size of the call: no
  // call is too large to be admitted, and at most one call at a time exceeds the budget. The hold
  // of a call that is refused counts as a refusal until it is released.
  Admission Admit(CallKind kind, size_t bytes, Hold& hold);

  // Counts a call that is refused for another reason as a refusal, until the hold is released.
  // Returns false if its peer must be disconnected.
  [[nodiscard]] bool Refuse(Hold& hold);

  // Refuses all calls from now on.
  void Stop();
  // Waits until all admitted calls have left. Returns false if some remain at `deadline`.
  // REQUIRES: Stop() was called.
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
  const int64_t refusals_max_;
  alignas(64) std::atomic<int64_t> calls_ = 0;
  std::atomic<int64_t> refusals_ = 0;
  std::atomic<bool> stopping_ = false;
  absl::Mutex mutex_;  // held when calls_ becomes 0 after Stop()
};

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_CALLS_IN_FLIGHT_H_
