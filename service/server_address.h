// The address that the server listens on, and whether other machines can reach it.
//
//   absl::StatusOr<ListenAddress> address = ParseListenAddress("127.0.0.1:50051");
//   address->loopback       // true
//   address->WithPort(4711) // "127.0.0.1:4711"

#ifndef OWO_SERVICE_SERVER_ADDRESS_H_
#define OWO_SERVICE_SERVER_ADDRESS_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace owo::service {

struct ListenAddress {
  std::string host;  // "127.0.0.1", "[::1]", "localhost"; "unix:PATH" for a socket
  int port = 0;      // 0: any free port; unused for a socket
  bool socket = false;
  // Reachable from this machine only: 127.0.0.0/8, ::1, localhost, a Unix socket.
  bool loopback = false;

  std::string WithPort(int actual) const;
  // "unix:PATH" and "unix://PATH" are the same. REQUIRES: socket.
  std::string SocketPath() const;
};

// Parses HOST:PORT, [IPV6]:PORT or unix:PATH. INVALID_ARGUMENT describes the error.
absl::StatusOr<ListenAddress> ParseListenAddress(std::string_view text);

}  // namespace owo::service

#endif  // OWO_SERVICE_SERVER_ADDRESS_H_
