#include "tests/end_to_end/late_call.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace owo {
namespace {

// The part of HTTP/2 (RFC 9113) that one call needs.
enum FrameType : uint8_t { kData = 0, kHeaders = 1, kReset = 3, kSettings = 4, kGoAway = 7 };
constexpr char kEndStream = 1;
constexpr char kEndHeaders = 4;
constexpr size_t kFrameHeader = 9;

std::string BigEndian(uint32_t value, int bytes) {
  std::string text;
  for (int i = bytes - 1; i >= 0; --i) text += static_cast<char>(value >> (8 * i));
  return text;
}

std::string Frame(FrameType type, char flags, uint32_t stream, const std::string& payload) {
  return BigEndian(static_cast<uint32_t>(payload.size()), 3) + static_cast<char>(type) + flags +
         BigEndian(stream, 4) + payload;
}

// HPACK: a literal without indexing. REQUIRES: both are shorter than 127 bytes.
std::string Header(const std::string& name, const std::string& value) {
  return BigEndian(0, 1) + static_cast<char>(name.size()) + name + static_cast<char>(value.size()) +
         value;
}

std::string Opening(const std::string& method, const std::string& request) {
  const std::string headers = Header(":method", "POST") + Header(":scheme", "http") +
                              Header(":path", "/" + method) + Header(":authority", "localhost") +
                              Header("content-type", "application/grpc") +
                              Header("te", "trailers") + Header("grpc-timeout", "0n");
  const std::string message =
      BigEndian(0, 1) + BigEndian(static_cast<uint32_t>(request.size()), 4) + request;
  return "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + Frame(kSettings, 0, 0, "") +
         Frame(kHeaders, kEndHeaders, 1, headers) + Frame(kData, kEndStream, 1, message);
}

class Socket {
 public:
  explicit Socket(const std::string& endpoint) : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    uint32_t port = 0;
    sockaddr_in address{.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    const timeval timeout{.tv_sec = 60};
    Check(fd_ >= 0 && absl::SimpleAtoi(endpoint.substr(endpoint.rfind(':') + 1), &port));
    address.sin_port = htons(static_cast<uint16_t>(port));
    Check(setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout) == 0);
    Check(connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  }
  ~Socket() { close(fd_); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  void Send(std::string bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      Check(sent > 0);
      bytes.erase(0, static_cast<size_t>(sent));
    }
  }
  std::string Receive(size_t size) {
    std::string bytes(size, '\0');
    if (size > 0) Check(recv(fd_, bytes.data(), size, MSG_WAITALL) == static_cast<ssize_t>(size));
    return bytes;
  }

 private:
  static void Check(bool good) {
    if (!good) throw std::system_error(errno, std::generic_category(), "socket");
  }

  const int fd_;
};

}  // namespace

void LateCall(const std::string& endpoint, const std::string& method, const std::string& request) {
  Socket socket(endpoint);
  socket.Send(Opening(method, request));
  for (;;) {
    const std::string header = socket.Receive(kFrameHeader);
    const auto byte = [&header](size_t at) { return static_cast<unsigned char>(header[at]); };
    socket.Receive(byte(0) << 16 | byte(1) << 8 | byte(2));
    const bool of_call = byte(8) == 1;
    if (byte(3) == kGoAway) throw std::runtime_error("the server does not take the call");
    if (of_call && (byte(3) == kReset || (byte(4) & kEndStream) != 0)) return;
  }
}

}  // namespace owo
