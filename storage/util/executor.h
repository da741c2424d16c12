// A bounded pool of threads, for what must not be done where it is found to be needed.
//
//   if (!executor.Post([=] { … })) …   // full: answer OVERLOADED

#ifndef OWO_STORAGE_UTIL_EXECUTOR_H_
#define OWO_STORAGE_UTIL_EXECUTOR_H_

#include <deque>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/synchronization/mutex.h"
#include "storage/util/thread.h"

namespace owo {

// Thread-safe.
class Executor {
 public:
  using Task = absl::AnyInvocable<void()>;

  // `name`: of each thread, to which its number is added.
  Executor(std::string_view name, size_t threads, size_t queue_max);
  // Finishes every task that was taken.
  ~Executor();

  // False, and the task untouched, when queue_max tasks wait already.
  [[nodiscard]] bool Post(Task&& task);
  // For the continuation of work that was taken already: always taken.
  void Continue(Task task);

 private:
  void Run();
  bool Work() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return stopping_ || !queue_.empty(); }

  const size_t queue_max_;
  absl::Mutex mutex_;
  std::deque<Task> queue_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::unique_ptr<Thread>> threads_;
};

}  // namespace owo

#endif  // OWO_STORAGE_UTIL_EXECUTOR_H_
