#include "service/rpc/bounded_log.h"

#include <algorithm>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "storage/util/printable.h"

namespace owo::rpc {

void BoundedLog::Write(std::string_view source, std::string_view text) {
  const std::optional<std::string> line = Line(source, text, absl::Now());
  if (line.has_value()) std::cerr << *line;
}

std::optional<std::string> BoundedLog::Line(std::string_view source, std::string_view text,
                                            absl::Time now) {
  const absl::MutexLock lock(&mutex_);
  const absl::Time reserved = std::max(reserved_until_, now) + kPause;
  if (reserved > now + kBurst * kPause) {
    ++left_out_;
    return std::nullopt;
  }
  reserved_until_ = reserved;
  std::string line = absl::StrCat("owo-billing-server: ", std::string(source), ": ",
                                  storage::Printable(text, kTextMax));
  if (left_out_ > 0) absl::StrAppend(&line, " (", left_out_, " more lines are not shown)");
  left_out_ = 0;
  return line + "\n";
}

}  // namespace owo::rpc
