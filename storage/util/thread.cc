#include "storage/util/thread.h"

#include <pthread.h>

#include <algorithm>
#include <utility>

namespace owo {

Thread::Thread(std::string name, std::function<void()> body) : thread_(std::move(body)) {
  constexpr size_t kNameMax = 15;  // limit of Linux, in characters
  name.resize(std::min(name.size(), kNameMax));
  pthread_setname_np(thread_.native_handle(), name.c_str());
}

Thread::~Thread() { thread_.join(); }

}  // namespace owo
