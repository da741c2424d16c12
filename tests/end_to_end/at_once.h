// Runs many callers concurrently.
//
//   AtOnce(64, [&](int caller) { results[caller] = owo.billing.invoice({.customer = "acme"}); });

#ifndef OWO_TESTS_END_TO_END_AT_ONCE_H_
#define OWO_TESTS_END_TO_END_AT_ONCE_H_

#include <latch>
#include <thread>
#include <vector>

namespace owo {

// Runs body(0) … body(callers - 1), each on its own thread. None starts before all threads run.
template <typename Body>
void AtOnce(int callers, const Body& body) {
  std::latch all_are_there(callers);
  std::vector<std::jthread> threads;
  for (int caller = 0; caller < callers; ++caller) {
    threads.emplace_back([&all_are_there, &body, caller] {
      all_are_there.arrive_and_wait();
      body(caller);
    });
  }
}

}  // namespace owo

#endif  // OWO_TESTS_END_TO_END_AT_ONCE_H_
