#include "service/rpc/bounded_log.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace owo::rpc {

void BoundedLog::Write(telemetry::Severity severity, std::string_view message,
                       std::vector<telemetry::LogField> fields) {
  WriteAt(absl::Now(), severity, message, std::move(fields));
}

void BoundedLog::WriteAt(absl::Time now, telemetry::Severity severity, std::string_view message,
                         std::vector<telemetry::LogField> fields) {
  std::string left_out;
  {
    const absl::MutexLock lock(&mutex_);
    const absl::Time reserved = std::max(reserved_until_, now) + kPause;
    if (reserved > now + kBurst * kPause) {
      ++left_out_;
      return;
    }
    reserved_until_ = reserved;
    if (left_out_ > 0) left_out = absl::StrCat(left_out_);
    left_out_ = 0;
  }
  fields.push_back({"left_out", left_out});
  sink_.Write(severity, message, fields);
}

}  // namespace owo::rpc
