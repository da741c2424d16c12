// Where the service's metrics go. Instruments are looked up once, when the server is assembled, and
// kept: what counts at run time only adds to an instrument.
//
//   Counter& calls = metrics.GetCounter({.name = "owo_calls_total", .help = "Calls."},
//                                       {{"method", "Track"}});
//   …
//   calls.Add(1);
//
// Names and labels follow Prometheus: base units in the name, `_total` for counters, one family for
// all instruments of a name, which then have the same label keys. Label values come from sets that
// the code fixes, never from callers, so that the number of instruments is bounded.

#ifndef OWO_SERVICE_TELEMETRY_METRICS_SINK_H_
#define OWO_SERVICE_TELEMETRY_METRICS_SINK_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace owo::telemetry {

// Instruments are thread-safe, do not block, and live as long as their sink.

class Counter {
 public:
  virtual ~Counter() = default;
  virtual void Add(int64_t n) = 0;  // n ≥ 0
};

class Gauge {
 public:
  virtual ~Gauge() = default;
  virtual void Add(int64_t n) = 0;  // may be negative
};

class Histogram {
 public:
  virtual ~Histogram() = default;
  virtual void Observe(int64_t value) = 0;
};

using Labels = std::vector<std::pair<std::string, std::string>>;

struct MetricInfo {
  std::string name;  // "owo_calls_total"
  std::string help;  // one sentence
};

struct HistogramInfo {
  std::string name;  // "owo_call_duration_seconds"
  std::string help;
  // Upper bounds of the buckets, inclusive, ascending, in the unit of Observe().
  std::vector<int64_t> bounds;
  // How many units of Observe() are one unit of `name`: 1,000,000 if microseconds are observed.
  int64_t units = 1;
};

// Thread-safe. The same name and labels give the same instrument.
class MetricsSink {
 public:
  virtual ~MetricsSink() = default;
  virtual Counter& GetCounter(const MetricInfo& info, const Labels& labels) = 0;
  virtual Gauge& GetGauge(const MetricInfo& info, const Labels& labels) = 0;
  virtual Histogram& GetHistogram(const HistogramInfo& info, const Labels& labels) = 0;
};

// A sink that keeps nothing.
MetricsSink& NoMetrics();

}  // namespace owo::telemetry

#endif  // OWO_SERVICE_TELEMETRY_METRICS_SINK_H_
