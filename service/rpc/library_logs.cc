#include "service/rpc/library_logs.h"

#include <google/protobuf/stubs/common.h>
#include <grpc/support/log.h>
#include <grpcpp/version_info.h>

#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/strings/match.h"
#include "absl/synchronization/mutex.h"

// Newer releases of both libraries log through Abseil.
#define OWO_PROTOBUF_LOGS (GOOGLE_PROTOBUF_VERSION < 4022000)
#define OWO_GRPC_LOGS (GRPC_CPP_VERSION_MAJOR == 1 && GRPC_CPP_VERSION_MINOR < 65)

#if OWO_PROTOBUF_LOGS
#include <google/protobuf/stubs/logging.h>
#endif

namespace owo::rpc {
namespace {

using telemetry::Severity;

// The libraries call a function of the process without an argument, which finds the receiver here.
struct Receiver {
  absl::Mutex mutex;  // held while a line is written, so that the log is not destroyed meanwhile
  BoundedLog* log ABSL_GUARDED_BY(mutex) = nullptr;
};

Receiver& TheReceiver() {
  static auto* const receiver = new Receiver();
  return *receiver;
}

void Receive(Severity severity, std::string_view library, std::string_view text) {
  Receiver& receiver = TheReceiver();
  const absl::MutexLock lock(&receiver.mutex);
  if (receiver.log == nullptr) return;
  receiver.log->Write(severity, "message of a library", {{"library", library}, {"text", text}});
}

#if OWO_PROTOBUF_LOGS
void ShowProtobuf(google::protobuf::LogLevel level, const char* /*file*/, int /*line*/,
                  const std::string& text) {
  const bool of_request = absl::StrContains(text, "when parsing");
  if (of_request && level != google::protobuf::LOGLEVEL_FATAL) return;
  const bool is_error = level >= google::protobuf::LOGLEVEL_ERROR;
  const bool is_info = level == google::protobuf::LOGLEVEL_INFO;
  Receive(is_error ? Severity::kError : (is_info ? Severity::kInfo : Severity::kWarning),
          "protobuf", text);
}
#endif

#if OWO_GRPC_LOGS
void ShowGrpc(gpr_log_func_args* entry) {
  const bool is_error = entry->severity == GPR_LOG_SEVERITY_ERROR;
  Receive(is_error ? Severity::kError : Severity::kInfo, "grpc", entry->message);
}
#endif

}  // namespace

LibraryLogs::LibraryLogs(telemetry::LogSink& sink) : log_(sink) {
  Receiver& receiver = TheReceiver();
  {
    const absl::MutexLock lock(&receiver.mutex);
    receiver.log = &log_;
  }
#if OWO_PROTOBUF_LOGS
  google::protobuf::SetLogHandler(ShowProtobuf);
#endif
#if OWO_GRPC_LOGS
  gpr_set_log_function(ShowGrpc);
#endif
}

LibraryLogs::~LibraryLogs() {
  Receiver& receiver = TheReceiver();
  const absl::MutexLock lock(&receiver.mutex);
  if (receiver.log == &log_) receiver.log = nullptr;
}

}  // namespace owo::rpc
