// Check(): aborts the process if a precondition or an invariant of rating does not hold.
//
//   Check(!quantity.IsNegative(), "Cost: billable must not be negative");
//
// Also enabled in release builds: a number out of its bounds here would become a wrong amount. Only
// for errors of the program. What a caller sends is refused with a status before it gets here.
#ifndef OWO_SERVICE_RATING_CHECK_H_
#define OWO_SERVICE_RATING_CHECK_H_

namespace owo::rating {

// Writes `what` to stderr and aborts. Thread-safe.
[[noreturn]] void CheckFailed(const char* what);

// Aborts with `what` unless `holds`. In a constant expression, a check that fails is a compile
// error. `what` names the function and its precondition.
constexpr void Check(bool holds, const char* what) {
  if (!holds) [[unlikely]] {
    CheckFailed(what);
  }
}

}  // namespace owo::rating

#endif  // OWO_SERVICE_RATING_CHECK_H_
