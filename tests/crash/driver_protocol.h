// The protocol between store_driver and the tests that kill it.
#ifndef OWO_TESTS_CRASH_DRIVER_PROTOCOL_H_
#define OWO_TESTS_CRASH_DRIVER_PROTOCOL_H_

#include <string_view>

#include "tests/support/store.h"

namespace owo::storage {

// The first customer of an empty store.
inline Subject CrashSubject() {
  Subject subject;
  subject.customer = CustomerNo{1};
  return subject;
}

// "invoice-NUMBER" is InvoiceId(NUMBER); any other id is an event's.
inline constexpr std::string_view kInvoicePrefix = "invoice-";

}  // namespace owo::storage

#endif  // OWO_TESTS_CRASH_DRIVER_PROTOCOL_H_
