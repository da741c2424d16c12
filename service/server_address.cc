#include "service/server_address.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <algorithm>

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

std::string ListenAddress::SocketPath() const {
  const std::string path = host.substr(kSocket.size());
  return path.starts_with("//") ? path.substr(2) : path;
}

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
        absl::StrCat("got \"", std::string(text),
                     "\", want HOST:PORT such as 127.0.0.1:50051, [::1]:50051, or unix:PATH"));
  }
  address.loopback = IsLoopback(address.host);
  return address;
}

}  // namespace owo::service
