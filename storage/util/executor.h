// A thread pool with a bounded queue, for work that must not run on the calling thread.
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

  // `name`: prefix of each thread's name, which is followed by its number.
  Executor(std::string_view name, size_t threads, size_t queue_max);
  // Runs every accepted task, then joins the threads.
  ~Executor();

  // False when queue_max tasks are waiting; `task` is then untouched.
  [[nodiscard]] bool Post(Task&& task);
  // Always accepted, even when the queue is full: for the continuation of accepted work.
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
