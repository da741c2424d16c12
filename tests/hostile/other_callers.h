// A caller who tracks usage all the time, while others attack: how long its calls take, and whether
// all of them succeed.
//
//   OtherCaller caller(endpoint);
//   const absl::Duration quiet = caller.P99(absl::Seconds(1));

#ifndef OWO_TESTS_HOSTILE_OTHER_CALLERS_H_
#define OWO_TESTS_HOSTILE_OTHER_CALLERS_H_

#include <string>

#include "absl/time/time.h"
#include "client/cpp/owostack.h"

namespace owo {

class OtherCaller {
 public:
  // Calls must succeed, without a retry.
  explicit OtherCaller(const std::string& endpoint);

  // Calls for a while. Returns the time that 99 % of the calls took at most.
  absl::Duration P99(absl::Duration window);

 private:
  Owostack owo_;
};

}  // namespace owo

#endif  // OWO_TESTS_HOSTILE_OTHER_CALLERS_H_
