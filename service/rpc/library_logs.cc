#include "service/rpc/library_logs.h"

#include <google/protobuf/stubs/common.h>
#include <grpc/support/log.h>
#include <grpcpp/version_info.h>

#include <string>
#include <string_view>

#include "absl/strings/match.h"
#include "service/rpc/bounded_log.h"

// Newer releases of both libraries log through Abseil.
#define OWO_PROTOBUF_LOGS (GOOGLE_PROTOBUF_VERSION < 4022000)
#define OWO_GRPC_LOGS (GRPC_CPP_VERSION_MAJOR == 1 && GRPC_CPP_VERSION_MINOR < 65)

#if OWO_PROTOBUF_LOGS
#include <google/protobuf/stubs/logging.h>
#endif

namespace owo::rpc {
namespace {

void Show(std::string_view source, std::string_view text) {
  static auto* const log = new BoundedLog();
  log->Write(source, text);
}

#if OWO_PROTOBUF_LOGS
void ShowProtobuf(google::protobuf::LogLevel level, const char* /*file*/, int /*line*/,
                  const std::string& text) {
  const bool of_request = absl::StrContains(text, "when parsing");
  if (of_request && level != google::protobuf::LOGLEVEL_FATAL) return;
  Show("protobuf", text);
}
#endif

#if OWO_GRPC_LOGS
void ShowGrpc(gpr_log_func_args* entry) { Show("grpc", entry->message); }
#endif

}  // namespace

void BoundLibraryLogs() {
#if OWO_PROTOBUF_LOGS
  google::protobuf::SetLogHandler(ShowProtobuf);
#endif
#if OWO_GRPC_LOGS
  gpr_set_log_function(ShowGrpc);
#endif
}

}  // namespace owo::rpc
