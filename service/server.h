// Server: the complete service as one object.
//
//   absl::StatusOr<std::unique_ptr<Server>> server =
//       Server::Start({.listen = "127.0.0.1:0", .store = "./var"});
//   (*server)->address();                      // "127.0.0.1:41234"
//   (*server)->Shutdown(absl::Seconds(25));    // finishes accepted calls

#ifndef OWO_SERVICE_SERVER_H_
#define OWO_SERVICE_SERVER_H_

#include <grpcpp/server.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "service/access/access_upkeep.h"
#include "service/access/key_ring.h"
#include "service/access/operator_key.h"
#include "service/ledger/ledger_parts.h"
#include "service/rpc/admin/admin_service.h"
#include "service/rpc/authenticator.h"
#include "service/rpc/billing/billing_service.h"
#include "service/rpc/bounded_log.h"
#include "service/rpc/calls_in_flight.h"
#include "service/rpc/catalog/catalog_service.h"
#include "service/rpc/customers/customers_service.h"
#include "service/rpc/health.h"
#include "service/rpc/library_logs.h"
#include "service/rpc/metering/metering_service.h"
#include "service/rpc/rate_limits.h"
#include "service/rpc/reflection.h"
#include "service/server_address.h"
#include "service/server_limits.h"
#include "service/server_listener.h"
#include "service/server_memory.h"
#include "service/telemetry/log_sink.h"
#include "service/telemetry/metrics_sink.h"
#include "service/tls/server_tls.h"
#include "storage/backup.h"
#include "storage/open/open_store.h"
#include "storage/store.h"

namespace owo::service {

struct ServerOptions {
  std::string listen = "127.0.0.1:50051";  // syntax: ParseListenAddress(); port 0: any free port
  std::string store = "./var";             // syntax: storage::ParseStoreUrl()
  // Permits listening on addresses that other machines can reach without TLS.
  bool allow_insecure_listen = false;
  // Permits the same without the HTTP/2 front of deploy/front between the network and gRPC.
  bool allow_listen_without_front = false;
  // Name or number of the group that may connect to a Unix socket. Empty: only the server's user.
  std::string socket_group;
  // Whether every call needs a key. Absent: on addresses that other machines can reach, and on a
  // Unix socket that socket_group opens to others.
  std::optional<bool> require_keys;
  // The file with the operator's key, which is read again when it changes; "": none.
  std::string operator_key_file;
  // The operator's key itself, instead of a file; "": none.
  std::string operator_key;
  // Answers reflection without a key, also if keys are required.
  bool allow_anonymous_reflection = false;
  access::UpkeepOptions upkeep;
  tls::TlsOptions tls;  // without a certificate: connections are not encrypted
  ServerLimits limits;
  // False: answers do not wait for the disk, and a power loss loses acknowledged writes.
  bool sync = true;
  // Events of periods that ended longer ago than this, and have nothing unbilled, are deleted. 0:
  // never.
  absl::Duration retain_events;
  // Interval at which every table is read and checked. 0: never.
  absl::Duration scrub_every;
  // Backups while serving. The callbacks are the server's own.
  storage::BackupOptions backup;
  int memory_mib = 512;  // MiB; server_memory.h divides it
  ledger::Options ledger;
  ledger::Clock clock;  // of the tenant; empty: the system clock
  // Called once by Start(), when the store is open; may be empty.
  std::function<void(const storage::Recovery&)> on_recovery;
  // Called at most once, when a write failed, on a thread of the store; must not block. Reads
  // continue, but no write will be accepted any more, so the owner should shut the server down.
  std::function<void(const absl::Status&)> on_failure;
  // Where log lines go. Null: to stderr, as text.
  std::shared_ptr<telemetry::LogSink> log;
  // Where metrics go. Null: nowhere. Must outlive the server.
  telemetry::MetricsSink* metrics = nullptr;
};

// Thread-safe.
class Server {
 public:
  // Opens the store and starts serving. INVALID_ARGUMENT if an option is invalid, or if keys are
  // required and there is none, not even the operator's; ALREADY_EXISTS if the port is taken;
  // otherwise the error of opening the store.
  static absl::StatusOr<std::unique_ptr<Server>> Start(ServerOptions options);

  // Replaces the limits of a tenant on calls and events per second. Holds for the next call.
  void SetTenantRates(storage::TenantId tenant, const rpc::TenantRates& rates) {
    rates_.SetTenant(tenant, rates);
  }

  // Shuts down immediately unless Shutdown() was called, and closes the store.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  int port() const { return reach_.listener->port(); }
  std::string address() const { return address_.WithPort(port()); }

  // Health reports NOT_SERVING, new calls are answered UNAVAILABLE, and accepted calls finish. When
  // all of them have finished, or after `drain`, the connections are closed; calls that are still
  // open end with UNAVAILABLE. The destructor closes the store.
  void Shutdown(absl::Duration drain);

 private:
  // How callers reach the server.
  struct Reach {
    std::unique_ptr<tls::ServerTls> tls;  // null: connections are not encrypted
    // Destroyed first: its acceptor holds the credentials of tls.
    std::unique_ptr<Listener> listener;
  };
  static absl::StatusOr<Reach> PrepareReach(const ListenAddress& address,
                                            const ServerOptions& options);

  Server(ListenAddress address, Reach reach, const MemoryBudget& memory,
         std::unique_ptr<rpc::Health> health, std::unique_ptr<storage::Store> store,
         std::unique_ptr<access::OperatorKey> operator_key, ServerOptions options);
  absl::Status LoadKeys();
  absl::Status Serve();
  void CloseConnections();

  const ListenAddress address_;
  const size_t transport_bytes_;
  const bool require_keys_;
  const access::UpkeepOptions upkeep_options_;
  const ServerLimits limits_;

  // Members use those declared before them, and so are destroyed before those.
  const std::shared_ptr<telemetry::LogSink> log_;
  telemetry::MetricsSink& metrics_;
  const Reach reach_;
  const rpc::LibraryLogs library_logs_;
  rpc::BoundedLog failed_calls_;
  access::KeyRing key_ring_;
  const std::unique_ptr<access::OperatorKey> operator_key_;  // null: there is no operator
  const rpc::Authenticator authenticator_;
  const std::unique_ptr<rpc::Health> health_;  // apart, as the store uses it while it is opened
  const std::unique_ptr<storage::Store> store_;
  std::unique_ptr<access::AccessUpkeep> upkeep_;  // once the keys are loaded
  ledger::Directory directory_;
  Executor executor_;
  Executor readers_;
  ledger::IdSource ids_;
  ledger::LedgerParts ledger_;
  rpc::CallsInFlight in_flight_;
  rpc::RateLimits rates_;
  const rpc::CallParts call_parts_;
  rpc::Calls calls_;
  rpc::AdminService admin_;
  rpc::BillingService billing_;
  rpc::MeteringService metering_;
  rpc::CustomersService customers_;
  rpc::CatalogService catalog_;
  rpc::Reflection reflection_;
  std::unique_ptr<grpc::Server> grpc_;
};

}  // namespace owo::service

#endif  // OWO_SERVICE_SERVER_H_
