#include "tests/end_to_end/raw_http2.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace owo {
namespace {

enum FrameType : uint8_t {
  kData = 0,
  kHeaders = 1,
  kReset = 3,
  kSettings = 4,
  kPing = 6,
  kWindowUpdate = 8
};
constexpr uint8_t kEndStream = 1;  // of data
constexpr uint8_t kAck = 1;        // of settings and pings
constexpr uint8_t kEndHeaders = 4;
constexpr size_t kFrameHeaderBytes = 9;
constexpr int64_t kFrameBytesMax = 16384;
constexpr uint64_t kInitialWindowSize = 4;  // of settings
constexpr uint32_t kPortMax = 65535;

std::string BigEndian(uint64_t value, int bytes) {
  std::string text;
  for (int i = bytes - 1; i >= 0; --i) text += static_cast<char>(value >> (8 * i));
  return text;
}

uint64_t Number(std::string_view bytes) {
  uint64_t number = 0;
  for (const char byte : bytes) number = number << 8 | static_cast<uint8_t>(byte);
  return number;
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
  const timeval timeout{.tv_sec = 60};  // a test that would hang fails instead
  setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
  setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
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
  for (int i = 0; i < calls; ++i, next_stream_ += 2) {
    stream_window_ = initial_window_;
    reset_ = false;
    if (!socket_.Send(Frame(kHeaders, kEndHeaders, next_stream_, headers))) return false;
    if (!SendMessage(message)) return false;
  }
  return true;
}

bool RawConnection::SendMessage(std::string_view message) {
  while (!message.empty() && !reset_) {
    const int64_t allowed = std::min({window_, stream_window_, kFrameBytesMax});
    if (allowed <= 0) {
      if (!ReadFrame()) return false;
      continue;
    }
    const std::string_view part = message.substr(0, static_cast<size_t>(allowed));
    message.remove_prefix(part.size());
    window_ -= static_cast<int64_t>(part.size());
    stream_window_ -= static_cast<int64_t>(part.size());
    const uint8_t flags = message.empty() ? kEndStream : 0;
    if (!socket_.Send(Frame(kData, flags, next_stream_, part))) return false;
  }
  return true;
}

bool RawConnection::ReadFrame() {
  const std::string header = socket_.Read(kFrameHeaderBytes);
  if (header.size() < kFrameHeaderBytes) return false;
  const std::string_view view(header);
  const size_t size = Number(view.substr(0, 3));
  const std::string payload = socket_.Read(size);
  if (payload.size() < size) return false;
  const bool ack = static_cast<uint8_t>(header[4]) == kAck;
  const uint64_t stream = Number(view.substr(5));
  switch (static_cast<uint8_t>(header[3])) {
    case kHeaders:
      ++answered_;
      break;
    case kReset:
      ++answered_;
      if (stream == next_stream_) reset_ = true;
      break;
    case kSettings:
      if (!ack) ReadSettings(payload);
      break;
    case kPing:
      if (!ack) socket_.Send(Frame(kPing, kAck, 0, payload));
      break;
    case kWindowUpdate:
      if (stream == 0) window_ += static_cast<int64_t>(Number(payload));
      if (stream == next_stream_) stream_window_ += static_cast<int64_t>(Number(payload));
      break;
    default:
      break;
  }
  return true;
}

void RawConnection::ReadSettings(std::string_view settings) {
  constexpr size_t kSettingBytes = 6;
  for (; settings.size() >= kSettingBytes; settings.remove_prefix(kSettingBytes)) {
    if (Number(settings.substr(0, 2)) != kInitialWindowSize) continue;
    const auto size = static_cast<int64_t>(Number(settings.substr(2, 4)));
    stream_window_ += size - initial_window_;
    initial_window_ = size;
  }
  socket_.Send(Frame(kSettings, kAck, 0, ""));
}

int RawConnection::AwaitAnswers(int calls) {
  while (answered_ < calls && ReadFrame()) {
  }
  return answered_;
}

}  // namespace owo
