#include "tests/end_to_end/raw_http2.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "tests/end_to_end/http2_frames.h"

namespace owo {
namespace {

constexpr uint32_t kPortMax = 65535;

sockaddr_in Loopback(const std::string& address, uint32_t port) {
  sockaddr_in loopback{};
  loopback.sin_family = AF_INET;
  loopback.sin_port = htons(static_cast<uint16_t>(port & kPortMax));
  inet_pton(AF_INET, address.c_str(), &loopback.sin_addr);
  return loopback;
}

// The beginning of a connection, with a window of 0 bytes for each stream.
std::string PrefaceWithoutWindow() {
  const std::string window = BigEndian(kInitialWindowSize, 2) + BigEndian(0, 4);
  return kHttp2Preface + Http2Frame(Http2Type::kSettings, 0, 0, window);
}

}  // namespace

bool IsDisconnectedIfUnread(const std::string& endpoint, std::string_view path, int calls) {
  const RawSocket socket(endpoint, {.receive_bytes = 4096});
  if (!socket.Send(PrefaceWithoutWindow())) return true;
  const std::string headers = CallHeaders(path);
  for (int i = 0; i < calls; ++i) {
    const uint32_t stream = 2 * static_cast<uint32_t>(i) + 1;
    const bool sent =
        socket.Send(Http2Frame(Http2Type::kHeaders, kEndHeaders, stream, headers) +
                    Http2Frame(Http2Type::kData, kEndStream, stream, GrpcMessage("")));
    if (!sent) return true;
  }
  const std::string sign_of_life = Http2Frame(Http2Type::kWindowUpdate, 0, 0, BigEndian(1, 4));
  for (int i = 0; i < 2000; ++i) {
    if (!socket.Send(sign_of_life)) return true;
    usleep(10'000);
  }
  return false;
}

RawSocket::RawSocket(const std::string& endpoint, const RawSocketOptions& options)
    : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  if (options.receive_bytes > 0) {
    const int bytes = options.receive_bytes;
    setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
  }
  const uint32_t port = static_cast<uint32_t>(std::stoul(endpoint.substr(endpoint.find(':') + 1)));
  const sockaddr_in source = Loopback(options.source, 0);
  const sockaddr_in address = Loopback("127.0.0.1", port);
  if (socket_ < 0 ||
      bind(socket_, reinterpret_cast<const sockaddr*>(&source), sizeof source) != 0 ||
      connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    const int error = errno;
    if (socket_ >= 0) close(socket_);
    throw std::system_error(error, std::generic_category(), endpoint);
  }
  timeval timeout{.tv_sec = options.timeout_ms / 1000};
  timeout.tv_usec = options.timeout_ms % 1000 * 1000;
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

void RawSocket::Discard() const {
  char ignored[65536];
  while (recv(socket_, ignored, sizeof ignored, MSG_DONTWAIT) > 0) {
  }
}

RawConnection::RawConnection(const std::string& endpoint) : socket_(endpoint) {
  socket_.Send(PrefaceWithoutWindow());
}

bool RawConnection::OpenCalls(std::string_view path, std::string_view request, int calls) {
  const std::string headers = CallHeaders(path);
  const std::string message = GrpcMessage(request);
  for (int i = 0; i < calls; ++i, next_stream_ += 2) {
    stream_window_ = initial_window_;
    reset_ = false;
    if (!socket_.Send(Http2Frame(Http2Type::kHeaders, kEndHeaders, next_stream_, headers)))
      return false;
    if (!SendMessage(message)) return false;
  }
  return true;
}

bool RawConnection::SendMessage(std::string_view message) {
  while (!message.empty() && !reset_) {
    const int64_t allowed =
        std::min({window_, stream_window_, static_cast<int64_t>(kFrameBytesMax)});
    if (allowed <= 0) {
      if (!ReadFrame()) return false;
      continue;
    }
    const std::string_view part = message.substr(0, static_cast<size_t>(allowed));
    message.remove_prefix(part.size());
    window_ -= static_cast<int64_t>(part.size());
    stream_window_ -= static_cast<int64_t>(part.size());
    const uint8_t flags = message.empty() ? kEndStream : 0;
    if (!socket_.Send(Http2Frame(Http2Type::kData, flags, next_stream_, part))) return false;
  }
  return true;
}

bool RawConnection::ReadFrame() {
  const std::string header = socket_.Read(kFrameHeaderBytes);
  if (header.size() < kFrameHeaderBytes) return false;
  const std::string_view view(header);
  const size_t size = FromBigEndian(view.substr(0, 3));
  const std::string payload = socket_.Read(size);
  if (payload.size() < size) return false;
  const bool ack = static_cast<uint8_t>(header[4]) == kAck;
  const uint64_t stream = FromBigEndian(view.substr(5));
  switch (static_cast<Http2Type>(header[3])) {
    case Http2Type::kHeaders:
      ++answered_;
      break;
    case Http2Type::kReset:
      ++answered_;
      if (stream == next_stream_) reset_ = true;
      break;
    case Http2Type::kSettings:
      if (!ack) ReadSettings(payload);
      break;
    case Http2Type::kPing:
      if (!ack) socket_.Send(Http2Frame(Http2Type::kPing, kAck, 0, payload));
      break;
    case Http2Type::kWindowUpdate:
      if (stream == 0) window_ += static_cast<int64_t>(FromBigEndian(payload));
      if (stream == next_stream_) stream_window_ += static_cast<int64_t>(FromBigEndian(payload));
      break;
    default:
      break;
  }
  return true;
}

void RawConnection::ReadSettings(std::string_view settings) {
  constexpr size_t kSettingBytes = 6;
  for (; settings.size() >= kSettingBytes; settings.remove_prefix(kSettingBytes)) {
    if (FromBigEndian(settings.substr(0, 2)) != kInitialWindowSize) continue;
    const auto size = static_cast<int64_t>(FromBigEndian(settings.substr(2, 4)));
    stream_window_ += size - initial_window_;
    initial_window_ = size;
  }
  socket_.Send(Http2Frame(Http2Type::kSettings, kAck, 0, ""));
}

int RawConnection::AwaitAnswers(int calls) {
  while (answered_ < calls && ReadFrame()) {
  }
  return answered_;
}

}  // namespace owo
