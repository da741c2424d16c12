// A metrics sink that keeps what it gets, by name and label values:
// "owo_calls_total/Metering/Track/OK".
#ifndef OWO_TESTS_SUPPORT_RECORDED_METRICS_H_
#define OWO_TESTS_SUPPORT_RECORDED_METRICS_H_

#include <atomic>
#include <map>
#include <mutex>
#include <string>

#include "service/telemetry/metrics_sink.h"

namespace owo::telemetry {

class RecordedMetrics final : public MetricsSink {
 public:
  Counter& GetCounter(const MetricInfo& info, const Labels& labels) override {
    return Get(info.name, labels);
  }
  Gauge& GetGauge(const MetricInfo& info, const Labels& labels) override {
    return Get(info.name, labels);
  }
  Histogram& GetHistogram(const HistogramInfo& info, const Labels& labels) override {
    return Get(info.name, labels);
  }

  // The value of a counter or gauge, the number of values of a histogram; 0 if there is none.
  int64_t value(const std::string& key) {
    const std::lock_guard lock(mutex_);
    const auto found = all_.find(key);
    return found == all_.end() ? 0 : found->second.value.load();
  }

 private:
  struct Instrument final : Counter, Gauge, Histogram {
    void Add(int64_t n) override { value += n; }
    void Observe(int64_t /*observed*/) override { ++value; }

    std::atomic<int64_t> value = 0;
  };

  Instrument& Get(std::string key, const Labels& labels) {
    for (const auto& label : labels) key += "/" + label.second;
    const std::lock_guard lock(mutex_);
    return all_[key];
  }

  std::mutex mutex_;
  std::map<std::string, Instrument> all_;
};

}  // namespace owo::telemetry

#endif  // OWO_TESTS_SUPPORT_RECORDED_METRICS_H_
