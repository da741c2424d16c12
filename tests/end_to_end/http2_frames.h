// HTTP/2 frames as bytes, right or wrong.
//
//   socket.Send(kHttp2Preface + Http2Frame(Http2Type::kSettings, 0, 0, ""));
//   socket.Send(Http2Frame(Http2Type::kHeaders, kEndHeaders, 1, CallHeaders("/grpc.health.v1.…")));

#ifndef OWO_TESTS_END_TO_END_HTTP2_FRAMES_H_
#define OWO_TESTS_END_TO_END_HTTP2_FRAMES_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace owo {

enum class Http2Type : uint8_t {
  kData = 0,
  kHeaders = 1,
  kReset = 3,
  kSettings = 4,
  kPing = 6,
  kGoaway = 7,
  kWindowUpdate = 8,
  kContinuation = 9
};

inline constexpr uint8_t kEndStream = 1;  // of data and headers
inline constexpr uint8_t kAck = 1;        // of settings and pings
inline constexpr uint8_t kEndHeaders = 4;
inline constexpr size_t kFrameHeaderBytes = 9;
inline constexpr size_t kFrameBytesMax = 16384;
inline constexpr uint64_t kInitialWindowSize = 4;  // of settings
inline const std::string kHttp2Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

std::string BigEndian(uint64_t value, int bytes);
uint64_t FromBigEndian(std::string_view bytes);

std::string Http2Frame(Http2Type type, uint8_t flags, uint32_t stream, std::string_view payload);

// A header that is neither indexed nor compressed.
std::string Http2Header(std::string_view name, std::string_view value);
// The headers that begin a call of gRPC to a path such as "/owo.billing.v1.Metering/Track".
std::string CallHeaders(std::string_view path);
// A message as gRPC sends it.
std::string GrpcMessage(std::string_view bytes, bool compressed = false);

}  // namespace owo

#endif  // OWO_TESTS_END_TO_END_HTTP2_FRAMES_H_
