// The metrics of one RPC: how many calls ended with each code, how long they took, and how many are
// in flight.
//
//   CallMetrics metrics(sink, "Metering", "Track");
//   metrics.Start();
//   metrics.Finish(grpc::StatusCode::OK, duration);
//   metrics.Leave();

#ifndef OWO_SERVICE_RPC_CALL_METRICS_H_
#define OWO_SERVICE_RPC_CALL_METRICS_H_

#include <grpcpp/support/status_code_enum.h>

#include <array>
#include <string>

#include "absl/time/time.h"
#include "service/telemetry/metrics_sink.h"

namespace owo::rpc {

// Thread-safe. Copyable. REQUIRES: the sink outlives it.
class CallMetrics {
 public:
  CallMetrics() : CallMetrics(telemetry::NoMetrics(), "", "") {}
  CallMetrics(telemetry::MetricsSink& sink, const std::string& service, const std::string& method);

  // A call was admitted.
  void Start() const { in_flight_->Add(1); }
  // A call was answered. `duration`: since it was admitted.
  void Finish(grpc::StatusCode code, absl::Duration duration) const {
    Refuse(code);
    duration_->Observe(absl::ToInt64Microseconds(duration));
  }
  // A call was answered without having been admitted.
  void Refuse(grpc::StatusCode code) const { calls_[IndexOf(code)]->Add(1); }
  // The last byte of the answer of an admitted call was sent.
  void Leave() const { in_flight_->Add(-1); }

 private:
  static constexpr size_t kCodes = 17;  // OK to UNAUTHENTICATED

  static size_t IndexOf(grpc::StatusCode code) {
    const auto index = static_cast<size_t>(code);
    return index < kCodes ? index : static_cast<size_t>(grpc::StatusCode::UNKNOWN);
  }

  std::array<telemetry::Counter*, kCodes> calls_{};
  telemetry::Histogram* duration_ = nullptr;
  telemetry::Gauge* in_flight_ = nullptr;
};

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_CALL_METRICS_H_
