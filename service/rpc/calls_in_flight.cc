#include "service/rpc/calls_in_flight.h"

namespace owo::rpc {

bool CallsInFlight::Budget::Take(size_t bytes) {
  if (used.fetch_add(bytes, std::memory_order_relaxed) < max) return true;
  used.fetch_sub(bytes, std::memory_order_relaxed);
  return false;
}

bool CallsInFlight::Hold::Resize(size_t bytes) {
  if (owner_ == nullptr) return true;
  Budget& budget = owner_->Of(kind_);
  if (bytes > bytes_) {
    if (!budget.Take(bytes - bytes_)) return false;
  } else {
    budget.used.fetch_sub(bytes_ - bytes, std::memory_order_relaxed);
  }
  bytes_ = bytes;
  return true;
}

void CallsInFlight::Hold::ForceResize(size_t bytes) {
  if (owner_ == nullptr) return;
  // The difference wraps around if the number shrinks; the sum is correct nevertheless.
  owner_->Of(kind_).used.fetch_add(bytes - bytes_, std::memory_order_relaxed);
  bytes_ = bytes;
}

void CallsInFlight::Hold::Release() {
  if (refused_by_ != nullptr) --refused_by_->refusals_;
  refused_by_ = nullptr;
  if (owner_ == nullptr) return;
  ForceResize(0);
  owner_->Leave();
  owner_ = nullptr;
}

CallsInFlight::CallsInFlight(const CallBudget& budget) : refusals_max_(budget.refusals_max) {
  Of(CallKind::kRead).max = budget.read_bytes;
  Of(CallKind::kWrite).max = budget.write_bytes;
}

CallsInFlight::Admission CallsInFlight::Admit(CallKind kind, size_t bytes, Hold& hold) {
  // Counts before reading the flag, so that AwaitNone() after Stop() cannot miss an admitted call.
  ++calls_;
  if (stopping_) {
    Leave();
    return Admission::kStopping;
  }
  if (!Of(kind).Take(bytes)) {
    Leave();
    return Refuse(hold) ? Admission::kOverBudget : Admission::kTooManyRefused;
  }
  hold.Release();
  hold.owner_ = this;
  hold.kind_ = kind;
  hold.bytes_ = bytes;
  return Admission::kAdmitted;
}

bool CallsInFlight::Refuse(Hold& hold) {
  hold.Release();
  hold.refused_by_ = this;
  return ++refusals_ <= refusals_max_;
}

void CallsInFlight::Leave() {
  if (!stopping_) {
    if (--calls_ > 0 || !stopping_) return;
    const absl::MutexLock lock(&mutex_);  // unlocking wakes AwaitNone()
    return;
  }
  const absl::MutexLock lock(&mutex_);
  --calls_;
}

void CallsInFlight::Stop() { stopping_ = true; }

bool CallsInFlight::AwaitNone(absl::Time deadline) {
  const absl::MutexLock lock(&mutex_);
  const auto none = [](std::atomic<int64_t>* calls) { return *calls == 0; };
  return mutex_.AwaitWithDeadline(absl::Condition(+none, &calls_), deadline);
}

}  // namespace owo::rpc
