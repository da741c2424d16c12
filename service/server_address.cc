#include "service/server_address.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace owo::service {
namespace {

constexpr std::string_view kSocket = "unix:";

// Returns whether only this machine can reach `host`. A name that merely starts with "127." is not
// an address.
bool IsLoopback(const std::string& host) {
  in_addr v4{};
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) return ntohl(v4.s_addr) >> 24 == 127;
  return host == "localhost" || host == "[::1]";
}

bool IsHost(const std::string& host) {
  if (host.starts_with('[')) {
    in6_addr v6{};
    return host.ends_with(']') &&
           inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), &v6) == 1;
  }
  return !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '.';
  });
}

// Returns whether connecting to the socket succeeds: a file that a killed server left refuses.
bool IsConnectable(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return false;
  path.copy(address.sun_path, path.size());
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  const bool connected = connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  close(fd);
  return connected;
}

bool ParsePort(const std::string& text, int& port) {
  const bool digits = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isdigit(static_cast<unsigned char>(c));
  });
  return digits && absl::SimpleAtoi(text, &port) && port <= 65535;
}

}  // namespace

std::string ListenAddress::WithPort(int actual) const {
  return socket ? host : absl::StrCat(host, ":", actual);
}

std::string ListenAddress::SocketPath() const { return host.substr(kSocket.size()); }

absl::StatusOr<ListenAddress> ParseListenAddress(std::string_view text) {
  if (text.starts_with(kSocket) && text.size() > kSocket.size()) {
    return ListenAddress{.host = std::string(text), .socket = true, .loopback = true};
  }
  const size_t colon = text.rfind(':');
  ListenAddress address;
  if (colon != std::string_view::npos) address.host = std::string(text.substr(0, colon));
  const bool right = colon != std::string_view::npos && IsHost(address.host) &&
                     ParsePort(std::string(text.substr(colon + 1)), address.port);
  if (!right) {
    return absl::InvalidArgumentError(
        absl::StrCat("--listen: got \"", std::string(text),
                     "\", want HOST:PORT such as 127.0.0.1:50051, [::1]:50051, or unix:PATH"));
  }
  address.loopback = IsLoopback(address.host);
  return address;
}

bool IsTaken(const ListenAddress& address) {
  if (address.socket) return IsConnectable(address.SocketPath());
  if (address.port == 0) return false;
  std::string host = address.host;
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  const addrinfo hints{.ai_flags = AI_PASSIVE | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM};
  addrinfo* list = nullptr;
  if (getaddrinfo(host.c_str(), std::to_string(address.port).c_str(), &hints, &list) != 0) {
    return false;
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> addresses(list, freeaddrinfo);
  for (const addrinfo* each = addresses.get(); each != nullptr; each = each->ai_next) {
    const int fd = socket(each->ai_family, each->ai_socktype | SOCK_CLOEXEC, each->ai_protocol);
    if (fd < 0) continue;
    const int yes = 1;  // ignores connections in TIME_WAIT
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    const bool taken = bind(fd, each->ai_addr, each->ai_addrlen) != 0 && errno == EADDRINUSE;
    close(fd);
    if (taken) return true;
  }
  return false;
}

}  // namespace owo::service
