// Log lines as text on stderr, of printable ASCII only:
//
//   owo-billing-server: ERROR: internal error method=Track error="DATA_LOSS: a block of 12.sst"

#ifndef OWO_SERVICE_TELEMETRY_TEXT_LOG_H_
#define OWO_SERVICE_TELEMETRY_TEXT_LOG_H_

#include <cstddef>
#include <string>
#include <utility>

#include "service/telemetry/log_sink.h"

namespace owo::telemetry {

// Thread-safe: lines do not mix.
class TextLog final : public LogSink {
 public:
  // The most bytes of a message or a value, before they are escaped, and the most fields.
  static constexpr size_t kTextMax = 500;
  static constexpr size_t kFieldsMax = 16;

  // `program`: what each line begins with.
  explicit TextLog(std::string program) : program_(std::move(program)) {}

  void Write(Severity severity, std::string_view message,
             std::span<const LogField> fields) override;
  // The line that Write() writes, with its end.
  std::string Line(Severity severity, std::string_view message,
                   std::span<const LogField> fields) const;

 private:
  const std::string program_;
};

}  // namespace owo::telemetry

#endif  // OWO_SERVICE_TELEMETRY_TEXT_LOG_H_
