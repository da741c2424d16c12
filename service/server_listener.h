// Accepts connections and hands them to gRPC. gRPC 1.51 has no bound on connections, cannot stop to
// listen without shutting down, and stops to accept for good once it is out of descriptors.
//
//   OWO_TRY(const auto listener, Listener::Bind(address));      // the port is ours; not open yet
//   OWO_RETURN_IF_ERROR(listener->Start(
//       builder.experimental().AddExternalConnectionAcceptor(…), {.connections_max = 1000}, …));
//   listener->StopAccepting();                                  // further ones are refused
//   while (listener->Connections() > 0) …

#ifndef OWO_SERVICE_SERVER_LISTENER_H_
#define OWO_SERVICE_SERVER_LISTENER_H_

#include <grpcpp/server_builder.h>
#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "service/rpc/bounded_log.h"
#include "service/server_address.h"
#include "service/telemetry/log_sink.h"
#include "service/telemetry/metrics_sink.h"
#include "storage/util/thread.h"

namespace owo::service {

// The connections that were handed to gRPC, which closes them. A connection is recognized by its
// descriptor and by the cookie that the kernel gives to each socket, so that a descriptor that was
// closed and used again is not taken for it. Thread-safe.
class OpenConnections {
 public:
  void Add(int descriptor);
  // Resets the connections of a peer, so that gRPC closes them. `peer`: as gRPC names it,
  // "ipv4:127.0.0.1:41234" or "ipv6:%5B::1%5D:41234". Peers on Unix sockets have no name and are
  // not disconnected. Returns the number of connections that were reset.
  int Disconnect(std::string_view peer);
  // Forgets closed connections, and returns the number of the others. Takes one system call for
  // each.
  size_t Count();

 private:
  struct Connection {
    int descriptor = -1;
    uint64_t cookie = 0;
  };

  absl::Mutex mutex_;
  std::vector<Connection> connections_ ABSL_GUARDED_BY(mutex_);
};

// Has a thread of its own once it is started. Thread-safe.
class Listener {
 public:
  using Acceptor = grpc::experimental::ExternalConnectionAcceptor;

  // Binds the address, so that nobody else can, without accepting yet. The addresses 0.0.0.0 and
  // [::] both mean all addresses of the machine, of IPv4 and IPv6. The file of a Unix socket that
  // no process listens on is replaced. ALREADY_EXISTS if another process listens on the address, or
  // it is not this machine's.
  static absl::StatusOr<std::unique_ptr<Listener>> Bind(const ListenAddress& address);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  // The port that is bound; 0 for a Unix socket.
  int port() const { return port_; }

  // Accepts from now on. At most `connections_max` connections are open at a time; further ones are
  // closed as soon as they are accepted. Out of descriptors, connections wait until there are some.
  // `log` and `metrics` must outlive the listener. Fails as Bind() does.
  // REQUIRES: the server of `acceptor` was started. Called at most once.
  absl::Status Start(std::unique_ptr<Acceptor> acceptor, int connections_max,
                     telemetry::LogSink& log, telemetry::MetricsSink& metrics);
  // Closes the listening sockets: new connections are refused from now on. Must be called before
  // the server of the acceptor shuts down.
  void StopAccepting();
  // Closes the connections of a peer that does not read what it is sent.
  void Disconnect(std::string_view peer);
  // The number of open connections.
  size_t Connections() { return connections_.Count(); }

 private:
  struct Metrics {
    explicit Metrics(telemetry::MetricsSink& sink);

    telemetry::Gauge& open;
    telemetry::Counter& accepted;
    telemetry::Counter& over_limit;
    telemetry::Counter& no_descriptor;
    telemetry::Counter& disconnected;
  };

  Listener() = default;
  absl::Status BindSocket(const std::string& path);
  absl::Status BindHost(const ListenAddress& address);
  void Run();
  // Accepts what waits on a listening socket. Returns false if accepting must pause.
  bool AcceptFrom(int listening);
  bool HasRoom();
  void HandOver(int descriptor);
  void ShowOpen(size_t open);

  std::vector<int> listening_;
  int port_ = 0;
  std::string socket_path_;
  std::pair<dev_t, ino_t> socket_file_;
  int wake_ = -1;  // an eventfd
  // Of a Unix socket: a file that is locked for as long as the path of the socket is ours.
  int lock_ = -1;

  // Set by Start().
  std::unique_ptr<Acceptor> acceptor_;
  size_t connections_max_ = 0;
  std::optional<rpc::BoundedLog> log_;
  std::optional<Metrics> metrics_;

  OpenConnections connections_;
  // Of the accepting thread.
  size_t open_ = 0;  // may include closed ones
  size_t shown_open_ = 0;
  absl::Time counted_ = absl::InfinitePast();

  std::optional<Thread> thread_;  // last: uses all of the above
};

// Sets who may connect to the socket file of `address`: its owner, and the members of `group` (a
// name or a number) if that is not empty. INVALID_ARGUMENT if there is no such group,
// FAILED_PRECONDITION if this process may not give the file to it. REQUIRES: address.socket, and
// the file exists.
absl::Status RestrictSocket(const ListenAddress& address, const std::string& group);

// Raises the limit of open files of this process as far as `connections` connections need it.
// Returns how many connections the limit permits: `connections`, or fewer if the limit must not be
// raised so far.
int PermittedConnections(int connections);

}  // namespace owo::service

#endif  // OWO_SERVICE_SERVER_LISTENER_H_
