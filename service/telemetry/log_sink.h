// Where the service's log lines go. A sink is made by the program that assembles the server, and
// passed to what logs: there is no global one.
//
//   log.Error("a write failed; the server ends", {{"error", status.ToString()}});

#ifndef OWO_SERVICE_TELEMETRY_LOG_SINK_H_
#define OWO_SERVICE_TELEMETRY_LOG_SINK_H_

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>

namespace owo::telemetry {

// kInfo: as intended. kWarning: an operator should look. kError: the service, or a call, failed.
enum class Severity : uint8_t { kInfo, kWarning, kError };

// "INFO", "WARNING", "ERROR".
constexpr std::string_view NameOf(Severity severity) {
  if (severity == Severity::kInfo) return "INFO";
  return severity == Severity::kWarning ? "WARNING" : "ERROR";
}

struct LogField {
  std::string_view key;    // a constant of the code: "method"
  std::string_view value;  // anything, also what a caller sent; "": the field is left out
};

// Implementations are thread-safe. They escape and bound what they write: texts may come from
// callers or from damaged files, of any length.
class LogSink {
 public:
  virtual ~LogSink() = default;

  // Writes one line. `message`: a constant of the code, which says what happened; what differs from
  // line to line is in the fields.
  virtual void Write(Severity severity, std::string_view message,
                     std::span<const LogField> fields) = 0;

  using Fields = std::initializer_list<LogField>;
  void Info(std::string_view message, Fields fields = {}) {
    Write(Severity::kInfo, message, {fields.begin(), fields.size()});
  }
  void Warning(std::string_view message, Fields fields = {}) {
    Write(Severity::kWarning, message, {fields.begin(), fields.size()});
  }
  void Error(std::string_view message, Fields fields = {}) {
    Write(Severity::kError, message, {fields.begin(), fields.size()});
  }
};

}  // namespace owo::telemetry

#endif  // OWO_SERVICE_TELEMETRY_LOG_SINK_H_
