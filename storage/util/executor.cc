#include "storage/util/executor.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace owo {

Executor::Executor(std::string_view name, size_t threads, size_t queue_max)
    : queue_max_(queue_max) {
  for (size_t i = 0; i < threads; ++i) {
    threads_.push_back(
        std::make_unique<Thread>(absl::StrCat(std::string(name), "-", i), [this] { Run(); }));
  }
}

Executor::~Executor() {
  {
    const absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  threads_.clear();
}

bool Executor::Post(Task&& task) {
  const absl::MutexLock lock(&mutex_);
  if (queue_.size() >= queue_max_) return false;
  queue_.push_back(std::move(task));
  return true;
}

void Executor::Continue(Task task) {
  const absl::MutexLock lock(&mutex_);
  queue_.push_back(std::move(task));
}

void Executor::Run() {
  for (;;) {
    Task task;
    {
      const absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(this, &Executor::Work));
      if (queue_.empty()) return;
      task = std::move(queue_.front());
      queue_.pop_front();
    }
    task();
  }
}

}  // namespace owo
