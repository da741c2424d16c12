#include "tests/end_to_end/http2_frames.h"

namespace owo {
namespace {

// The length of a string of HPACK, as an integer with a prefix of seven bits.
std::string HpackLength(size_t size) {
  constexpr size_t kPrefixMax = 127;
  if (size < kPrefixMax) return std::string(1, static_cast<char>(size));
  std::string text(1, static_cast<char>(kPrefixMax));
  size_t rest = size - kPrefixMax;
  for (; rest >= 128; rest /= 128) text += static_cast<char>(rest % 128 + 128);
  return text + static_cast<char>(rest);
}

}  // namespace

std::string BigEndian(uint64_t value, int bytes) {
  std::string text;
  for (int i = bytes - 1; i >= 0; --i) text += static_cast<char>(value >> (8 * i));
  return text;
}

uint64_t FromBigEndian(std::string_view bytes) {
  uint64_t number = 0;
  for (const char byte : bytes) number = number << 8 | static_cast<uint8_t>(byte);
  return number;
}

std::string Http2Frame(Http2Type type, uint8_t flags, uint32_t stream, std::string_view payload) {
  std::string frame = BigEndian(payload.size(), 3);
  frame += static_cast<char>(type);
  frame += static_cast<char>(flags);
  return frame + BigEndian(stream, 4) + std::string(payload);
}

std::string Http2Header(std::string_view name, std::string_view value) {
  std::string text(1, '\0');
  for (const std::string_view part : {name, value}) {
    text += HpackLength(part.size());
    text += part;
  }
  return text;
}

std::string CallHeaders(std::string_view path) {
  return Http2Header(":method", "POST") + Http2Header(":scheme", "http") +
         Http2Header(":path", path) + Http2Header(":authority", "localhost") +
         Http2Header("te", "trailers") + Http2Header("content-type", "application/grpc");
}

std::string GrpcMessage(std::string_view bytes, bool compressed) {
  return std::string(1, compressed ? '\1' : '\0') + BigEndian(bytes.size(), 4) + std::string(bytes);
}

}  // namespace owo
