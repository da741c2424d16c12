// Server: the whole service in one object.
//
//   absl::StatusOr<std::unique_ptr<Server>> server =
//       Server::Start({.listen = "127.0.0.1:0", .data_dir = "./var"});
//   (*server)->address();                      // "127.0.0.1:41234"
//   (*server)->Shutdown(absl::Seconds(25));    // finishes what was accepted, closes the store

#ifndef OWO_SERVICE_SERVER_H_
#define OWO_SERVICE_SERVER_H_

#include <grpcpp/server.h>

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "service/ledger/context.h"
#include "service/rpc/billing/billing_service.h"
#include "service/rpc/calls_in_flight.h"
#include "service/rpc/catalog/catalog_service.h"
#include "service/rpc/customers/customers_service.h"
#include "service/rpc/health_service.h"
#include "service/rpc/metering/metering_service.h"
#include "service/rpc/reflection.h"
#include "service/server_address.h"
#include "service/server_memory.h"
#include "storage/rocksdb/open.h"
#include "storage/store.h"

namespace owo::service {

struct ServerOptions {
  std::string listen = "127.0.0.1:50051";  // as ParseListenAddress; port 0: any free one
  std::string data_dir = "./var";
  // Listen also where others reach the server, who then need no credential.
  bool allow_insecure_listen = false;
  // False: answers do not wait for the disk; a power loss loses acknowledged writes.
  bool sync = true;
  // Of periods that ended longer ago, and have nothing unbilled, events are dropped. 0: never.
  absl::Duration retain_events;
  // So often every table is read and checked. 0: never.
  absl::Duration scrub_every;
  int memory_mib = 512;  // divided by server_memory.h
  ledger::Options ledger;
  ledger::Clock clock;  // empty: the machine's
  // Called once, on a thread of the store's that must not wait, when a write failed: reads go on,
  // no write will be accepted any more, and the owner should shut the server down.
  std::function<void(const absl::Status&)> on_failure;
  // Called at most once, as above, when no events will be dropped any more; all else goes on.
  std::function<void(const absl::Status&)> on_retention_failure;
  // Called when the disk is full and when writing goes on, in pairs and at most once a minute.
  std::function<void(const absl::Status&)> on_disk_full;
  std::function<void(const storage::Resumption&)> on_resume;
  // Called for each damaged table that is found, as above; all goes on.
  std::function<void(const absl::Status&)> on_damage;
};

// Thread-safe.
class Server {
 public:
  // Opens the store and serves. INVALID_ARGUMENT when an option is wrong, ALREADY_EXISTS when the
  // port is taken; else what opening the store gave.
  static absl::StatusOr<std::unique_ptr<Server>> Start(ServerOptions options);

  // Shuts down at once if that was not done.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  int port() const { return port_; }
  std::string address() const { return address_.WithPort(port_); }

  // Health says NOT_SERVING, calls that arrive are answered UNAVAILABLE, and calls that were
  // accepted before finish. When none of these is left, or after `drain`, the connections are
  // closed: what is open then ends with UNAVAILABLE. The store closes with the object.
  void Shutdown(absl::Duration drain);

 private:
  Server(ListenAddress address, const MemoryBudget& memory, std::unique_ptr<storage::Store> store,
         ServerOptions options);
  absl::Status Serve();
  void CloseConnections();

  const ListenAddress address_;
  const size_t transport_bytes_;
  int port_ = 0;

  // What comes later uses what comes before, and is gone before it: the last stops first.
  const std::unique_ptr<storage::Store> store_;
  ledger::Directory directory_;
  Executor executor_;
  Executor readers_;
  ledger::IdSource ids_;
  ledger::Context context_;
  rpc::CallsInFlight in_flight_;
  rpc::Calls calls_;
  rpc::BillingService billing_;
  rpc::MeteringService metering_;
  rpc::CustomersService customers_;
  rpc::CatalogService catalog_;
  rpc::HealthService health_;
  rpc::Reflection reflection_;
  std::unique_ptr<grpc::Server> grpc_;
};

}  // namespace owo::service

#endif  // OWO_SERVICE_SERVER_H_
