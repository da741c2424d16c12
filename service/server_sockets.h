// The sockets of this process that are bound to the server's address. They are needed because gRPC
// can stop listening only by shutting the server down, which cancels calls that arrive at that
// moment.
//
//   StopAccepting(address, port);          // new connections are refused from now on
//   while (HasConnections(address, port)) …

#ifndef OWO_SERVICE_SERVER_SOCKETS_H_
#define OWO_SERVICE_SERVER_SOCKETS_H_

#include <string>

#include "absl/status/status.h"
#include "service/server_address.h"

namespace owo::service {

// Sets who may connect to the socket file of `address`: its owner, and the members of `group` (a
// name or a number) if that is not empty. INVALID_ARGUMENT if there is no such group,
// FAILED_PRECONDITION if this process may not give the file to it. REQUIRES: address.socket, and
// the file exists.
absl::Status RestrictSocket(const ListenAddress& address, const std::string& group);

// Closes the listening sockets. `port` is the port that `address` was bound to.
void StopAccepting(const ListenAddress& address, int port);
// Returns whether clients are connected, as far as can be determined.
bool HasConnections(const ListenAddress& address, int port);

}  // namespace owo::service

#endif  // OWO_SERVICE_SERVER_SOCKETS_H_
