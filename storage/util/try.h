// Returns the error from the enclosing function, or continues with the value.
//
//   OWO_TRY(const std::string row, Read(key));
//   OWO_RETURN_IF_ERROR(Write(key, row));

#ifndef OWO_STORAGE_UTIL_TRY_H_
#define OWO_STORAGE_UTIL_TRY_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define OWO_TRY_JOIN_(a, b) a##b
#define OWO_TRY_NAME_(a, b) OWO_TRY_JOIN_(a, b)
#define OWO_TRY_IMPL_(result, declaration, expression) \
  auto result = (expression);                          \
  if (!result.ok()) return std::move(result).status(); \
  declaration = *std::move(result)

#define OWO_TRY(declaration, ...) \
  OWO_TRY_IMPL_(OWO_TRY_NAME_(owo_try_, __LINE__), declaration, (__VA_ARGS__))

#define OWO_RETURN_IF_ERROR(...) \
  if (absl::Status owo_status = (__VA_ARGS__); !owo_status.ok()) return owo_status

#endif  // OWO_STORAGE_UTIL_TRY_H_
