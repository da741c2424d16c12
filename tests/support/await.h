// Waits for the answer of a call that takes a callback.
//
//   absl::StatusOr<int> answer = Await<int>([&](auto done) { service.Ask(question,
//   std::move(done)); });
#ifndef OWO_TESTS_SUPPORT_AWAIT_H_
#define OWO_TESTS_SUPPORT_AWAIT_H_

#include <future>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"

namespace owo {

// Calls start(done), where `done` takes an absl::StatusOr<Answer> once, on any thread. Returns the
// answer.
template <typename Answer, typename Start>
absl::StatusOr<Answer> Await(Start start) {
  std::promise<absl::StatusOr<Answer>> promise;
  std::future<absl::StatusOr<Answer>> answer = promise.get_future();
  start(absl::AnyInvocable<void(absl::StatusOr<Answer>)>(
      [promise = std::move(promise)](absl::StatusOr<Answer> value) mutable {
        promise.set_value(std::move(value));
      }));
  return answer.get();
}

}  // namespace owo

#endif  // OWO_TESTS_SUPPORT_AWAIT_H_
