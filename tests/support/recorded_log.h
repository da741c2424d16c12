// A log sink that keeps what it gets.
//
//   telemetry::RecordedLog log;
//   …
//   EXPECT_THAT(log.lines(), ElementsAre("ERROR: internal error method=Track"));
#ifndef OWO_TESTS_SUPPORT_RECORDED_LOG_H_
#define OWO_TESTS_SUPPORT_RECORDED_LOG_H_

#include <mutex>
#include <string>
#include <vector>

#include "service/telemetry/text_log.h"

namespace owo::telemetry {

class RecordedLog final : public LogSink {
 public:
  void Write(Severity severity, std::string_view message,
             std::span<const LogField> fields) override {
    std::string line = TextLog("owo").Line(severity, message, fields);
    line = line.substr(5, line.size() - 6);  // without "owo: " and the end of the line
    const std::lock_guard lock(mutex_);
    lines_.push_back(std::move(line));
  }

  std::vector<std::string> lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

}  // namespace owo::telemetry

#endif  // OWO_TESTS_SUPPORT_RECORDED_LOG_H_
