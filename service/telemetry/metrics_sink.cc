#include "service/telemetry/metrics_sink.h"

namespace owo::telemetry {
namespace {

class NoCounter final : public Counter {
  void Add(int64_t /*n*/) override {}
};
class NoGauge final : public Gauge {
  void Add(int64_t /*n*/) override {}
};
class NoHistogram final : public Histogram {
  void Observe(int64_t /*value*/) override {}
};

class NoMetricsSink final : public MetricsSink {
  Counter& GetCounter(const MetricInfo& /*info*/, const Labels& /*labels*/) override {
    return counter_;
  }
  Gauge& GetGauge(const MetricInfo& /*info*/, const Labels& /*labels*/) override { return gauge_; }
  Histogram& GetHistogram(const HistogramInfo& /*info*/, const Labels& /*labels*/) override {
    return histogram_;
  }

  NoCounter counter_;
  NoGauge gauge_;
  NoHistogram histogram_;
};

}  // namespace

MetricsSink& NoMetrics() {
  static auto* const sink = new NoMetricsSink();
  return *sink;
}

}  // namespace owo::telemetry
