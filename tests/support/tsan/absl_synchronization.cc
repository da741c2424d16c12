// Tells ThreadSanitizer how absl::Mutex, CondVar and Notification synchronize threads. The packaged
// Abseil is not instrumented, so accesses under a mutex would look like races. The linker redirects
// our calls to these functions (see CMakeLists.txt in this directory).
//
// OWO_MUTEX and OWO_COND_VAR are the beginnings of the mangled names of those classes; OWO_NOTIFY
// and OWO_WAIT_FOR are the whole names of the functions of Notification.

#include <sanitizer/tsan_interface.h>

#include "absl/time/time.h"

#define OWO_JOIN_(a, b, c) a##b##c
#define OWO_JOIN(a, b, c) OWO_JOIN_(a, b, c)
#define OWO_REAL(method) OWO_JOIN(__real_, OWO_MUTEX, method)
#define OWO_WRAP(method) OWO_JOIN(__wrap_, OWO_MUTEX, method)

#define OWO_REAL_COND_VAR(method) OWO_JOIN(__real_, OWO_COND_VAR, method)
#define OWO_WRAP_COND_VAR(method) OWO_JOIN(__wrap_, OWO_COND_VAR, method)

#define OWO_LOCK 4LockEv
#define OWO_UNLOCK 6UnlockEv
#define OWO_READER_LOCK 10ReaderLockEv
#define OWO_READER_UNLOCK 12ReaderUnlockEv
#define OWO_AWAIT 5AwaitERKNS0_9ConditionE
#define OWO_AWAIT_WITH_TIMEOUT 16AwaitWithTimeoutERKNS0_9ConditionENS0_8DurationE
#define OWO_LOCK_WHEN 8LockWhenERKNS0_9ConditionE
#define OWO_WAIT 4WaitEPNS0_5MutexE
#define OWO_WAIT_WITH_DEADLINE 16WaitWithDeadlineEPNS0_5MutexENS0_4TimeE

#define OWO_REAL_OF(name) OWO_JOIN(__real_, name, )
#define OWO_WRAP_OF(name) OWO_JOIN(__wrap_, name, )

extern "C" {

void AnnotateIgnoreReadsBegin(const char* file, int line);
void AnnotateIgnoreReadsEnd(const char* file, int line);

void OWO_REAL(OWO_LOCK)(void* mutex);
void OWO_REAL(OWO_UNLOCK)(void* mutex);
void OWO_REAL(OWO_READER_LOCK)(void* mutex);
void OWO_REAL(OWO_READER_UNLOCK)(void* mutex);
void OWO_REAL(OWO_AWAIT)(void* mutex, const void* condition);
bool OWO_REAL(OWO_AWAIT_WITH_TIMEOUT)(void* mutex, const void* condition, absl::Duration timeout);
void OWO_REAL(OWO_LOCK_WHEN)(void* mutex, const void* condition);
void OWO_REAL_COND_VAR(OWO_WAIT)(void* cond_var, void* mutex);
bool OWO_REAL_COND_VAR(OWO_WAIT_WITH_DEADLINE)(void* cond_var, void* mutex, absl::Time deadline);
void OWO_REAL_OF(OWO_NOTIFY)(void* notification);
void OWO_REAL_OF(OWO_WAIT_FOR)(const void* notification);

void OWO_WRAP(OWO_LOCK)(void* mutex) {
  OWO_REAL(OWO_LOCK)(mutex);
  __tsan_acquire(mutex);
}

// Abseil evaluates the conditions of waiting threads inside these calls, with the mutex held.
void OWO_WRAP(OWO_UNLOCK)(void* mutex) {
  __tsan_release(mutex);
  AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
  OWO_REAL(OWO_UNLOCK)(mutex);
  AnnotateIgnoreReadsEnd(__FILE__, __LINE__);
}

void OWO_WRAP(OWO_READER_LOCK)(void* mutex) {
  OWO_REAL(OWO_READER_LOCK)(mutex);
  __tsan_acquire(mutex);
}

void OWO_WRAP(OWO_READER_UNLOCK)(void* mutex) {
  __tsan_release(mutex);
  AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
  OWO_REAL(OWO_READER_UNLOCK)(mutex);
  AnnotateIgnoreReadsEnd(__FILE__, __LINE__);
}

void OWO_WRAP(OWO_AWAIT)(void* mutex, const void* condition) {
  __tsan_release(mutex);
  AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
  OWO_REAL(OWO_AWAIT)(mutex, condition);
  AnnotateIgnoreReadsEnd(__FILE__, __LINE__);
  __tsan_acquire(mutex);
}

bool OWO_WRAP(OWO_AWAIT_WITH_TIMEOUT)(void* mutex, const void* condition, absl::Duration timeout) {
  __tsan_release(mutex);
  AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
  const bool met = OWO_REAL(OWO_AWAIT_WITH_TIMEOUT)(mutex, condition, timeout);
  AnnotateIgnoreReadsEnd(__FILE__, __LINE__);
  __tsan_acquire(mutex);
  return met;
}

void OWO_WRAP(OWO_LOCK_WHEN)(void* mutex, const void* condition) {
  AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
  OWO_REAL(OWO_LOCK_WHEN)(mutex, condition);
  AnnotateIgnoreReadsEnd(__FILE__, __LINE__);
  __tsan_acquire(mutex);
}

// Both unlock the mutex and lock it again.
void OWO_WRAP_COND_VAR(OWO_WAIT)(void* cond_var, void* mutex) {
  __tsan_release(mutex);
  AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
  OWO_REAL_COND_VAR(OWO_WAIT)(cond_var, mutex);
  AnnotateIgnoreReadsEnd(__FILE__, __LINE__);
  __tsan_acquire(mutex);
}

bool OWO_WRAP_COND_VAR(OWO_WAIT_WITH_DEADLINE)(void* cond_var, void* mutex, absl::Time deadline) {
  __tsan_release(mutex);
  AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
  const bool expired = OWO_REAL_COND_VAR(OWO_WAIT_WITH_DEADLINE)(cond_var, mutex, deadline);
  AnnotateIgnoreReadsEnd(__FILE__, __LINE__);
  __tsan_acquire(mutex);
  return expired;
}

void OWO_WRAP_OF(OWO_NOTIFY)(void* notification) {
  __tsan_release(notification);
  OWO_REAL_OF(OWO_NOTIFY)(notification);
}

void OWO_WRAP_OF(OWO_WAIT_FOR)(const void* notification) {
  OWO_REAL_OF(OWO_WAIT_FOR)(notification);
  __tsan_acquire(const_cast<void*>(notification));
}

}  // extern "C"
