#include "storage/thread.h"

#include <pthread.h>

#include <utility>

namespace owo {

Thread::Thread(std::string name, std::function<void()> body) : thread_(std::move(body)) {
  pthread_setname_np(thread_.native_handle(), name.c_str());
}

Thread::~Thread() { thread_.join(); }

}  // namespace owo
