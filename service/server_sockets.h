// The sockets of this process that are bound to the server's address. gRPC has no way to stop
// listening without shutting the server down, which cancels calls that arrive at that moment.
//
//   StopAccepting(address, port);          // connections are refused from here on
//   while (HasConnections(address, port)) …

#ifndef OWO_SERVICE_SERVER_SOCKETS_H_
#define OWO_SERVICE_SERVER_SOCKETS_H_

#include "service/server_address.h"

namespace owo::service {

// `port`: the one that `address` was bound to.
void StopAccepting(const ListenAddress& address, int port);
// Whether clients are connected, as far as can be told.
bool HasConnections(const ListenAddress& address, int port);

}  // namespace owo::service

#endif  // OWO_SERVICE_SERVER_SOCKETS_H_
