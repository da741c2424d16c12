// A named thread that its owner joins.
//
//   Thread writer("committer", [this] { Run(); });   // joined by the destructor

#ifndef OWO_STORAGE_UTIL_THREAD_H_
#define OWO_STORAGE_UTIL_THREAD_H_

#include <functional>
#include <string>
#include <thread>

namespace owo {

class Thread {
 public:
  // `name`: truncated to 15 characters; shown by ps -L and debuggers.
  Thread(std::string name, std::function<void()> body);
  ~Thread();
  Thread(const Thread&) = delete;
  Thread& operator=(const Thread&) = delete;

 private:
  std::thread thread_;
};

}  // namespace owo

#endif  // OWO_STORAGE_UTIL_THREAD_H_
