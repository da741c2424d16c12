#include "tests/end_to_end/raw_http2.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace owo {
namespace {

enum FrameType : uint8_t { kData = 0, kHeaders = 1, kReset = 3, kSettings = 4, kPing = 6 };
constexpr uint8_t kEndStream = 1;  // of data
constexpr uint8_t kAck = 1;        // of settings and pings
constexpr uint8_t kEndHeaders = 4;
constexpr size_t kFrameHeaderBytes = 9;
constexpr uint32_t kPortMax = 65535;

std::string BigEndian(uint64_t value, int bytes) {
  std::string text;
  for (int i = bytes - 1; i >= 0; --i) text += static_cast<char>(value >> (8 * i));
  return text;
}

std::string Frame(FrameType type, uint8_t flags, uint32_t stream, std::string_view payload) {
  std::string frame = BigEndian(payload.size(), 3);
  frame += static_cast<char>(type);
  frame += static_cast<char>(flags);
  return frame + BigEndian(stream, 4) + std::string(payload);
}

// A header that is neither indexed nor compressed.
std::string Header(std::string_view name, std::string_view value) {
  std::string text(1, '\0');
  for (const std::string_view part : {name, value}) {
    text += static_cast<char>(part.size());
    text += part;
  }
  return text;
}

}  // namespace

RawSocket::RawSocket(const std::string& endpoint) : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
  const uint32_t port = static_cast<uint32_t>(std::stoul(endpoint.substr(endpoint.find(':') + 1)));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port & kPortMax));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (socket_ < 0 || connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    throw std::system_error(errno, std::generic_category(), endpoint);
  }
}

RawSocket::~RawSocket() { close(socket_); }

bool RawSocket::Send(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t sent = send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

std::string RawSocket::Read(size_t bytes) const {
  std::string read(bytes, '\0');
  size_t size = 0;
  while (size < bytes) {
    const ssize_t got = recv(socket_, read.data() + size, bytes - size, 0);
    if (got <= 0) break;
    size += static_cast<size_t>(got);
  }
  read.resize(size);
  return read;
}

RawConnection::RawConnection(const std::string& endpoint) : socket_(endpoint) {
  const std::string no_window = BigEndian(4, 2) + BigEndian(0, 4);  // SETTINGS_INITIAL_WINDOW_SIZE
  socket_.Send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + Frame(kSettings, 0, 0, no_window));
}

bool RawConnection::OpenCalls(std::string_view path, std::string_view request, int calls) {
  const std::string headers = Header(":method", "POST") + Header(":scheme", "http") +
                              Header(":path", path) + Header(":authority", "localhost") +
                              Header("te", "trailers") + Header("content-type", "application/grpc");
  const std::string message =
      std::string(1, '\0') + BigEndian(request.size(), 4) + std::string(request);
  std::string bytes;
  for (int i = 0; i < calls; ++i, next_stream_ += 2) {
    bytes += Frame(kHeaders, kEndHeaders, next_stream_, headers);
    bytes += Frame(kData, kEndStream, next_stream_, message);
  }
  return socket_.Send(bytes);
}

int RawConnection::AwaitAnswers(int calls) {
  int answered = 0;
  while (answered < calls) {
    const std::string header = socket_.Read(kFrameHeaderBytes);
    if (header.size() < kFrameHeaderBytes) break;
    const auto byte = [&header](size_t i) { return static_cast<uint8_t>(header[i]); };
    const size_t size = size_t{byte(0)} << 16 | size_t{byte(1)} << 8 | byte(2);
    const std::string payload = socket_.Read(size);
    if (payload.size() < size) break;
    if (byte(3) == kHeaders || byte(3) == kReset) ++answered;
    if (byte(3) == kSettings && byte(4) != kAck) socket_.Send(Frame(kSettings, kAck, 0, ""));
    if (byte(3) == kPing && byte(4) != kAck) socket_.Send(Frame(kPing, kAck, 0, payload));
  }
  return answered;
}

}  // namespace owo
