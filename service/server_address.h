// Where the server listens, and who could reach it there.
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
  int port = 0;      // 0: any free one. Not of a socket
  bool socket = false;
  // Only this machine reaches it: 127.0.0.0/8, ::1, localhost, a Unix socket.
  bool loopback = false;

  std::string WithPort(int actual) const;
};

// Takes HOST:PORT, [IPV6]:PORT and unix:PATH. INVALID_ARGUMENT says what is wrong.
absl::StatusOr<ListenAddress> ParseListenAddress(std::string_view text);

// Whether another process listens there now. False as well when that cannot be told.
bool IsTaken(const ListenAddress& address);

}  // namespace owo::service

#endif  // OWO_SERVICE_SERVER_ADDRESS_H_
