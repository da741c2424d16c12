#include "service/server.h"

#include <grpc/grpc.h>
#include <grpcpp/resource_quota.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>
#include <sys/resource.h>

#include <algorithm>
#include <latch>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "service/rpc/library_logs.h"
#include "service/server_sockets.h"
#include "storage/rocksdb/open.h"
#include "storage/util/try.h"

namespace owo::service {
namespace {

constexpr size_t kExecutorThreads = 4;
constexpr size_t kExecutorQueueMax = 1024;
constexpr size_t kReaderThreads = 4;
constexpr size_t kReaderQueueMax = 1024;
constexpr int kMessageBytesMax = 4 << 20;  // documented limit of the API
constexpr int kMetadataBytesMax = 8 << 10;
constexpr int kStreamsMax = 100;  // concurrent calls per connection
constexpr int kSecondsMs = 1000;
constexpr int kMinuteMs = 60 * kSecondsMs;
// How long calls on open connections are answered UNAVAILABLE before the connections are closed. It
// is long enough for gRPC to accept connections that were just established.
constexpr absl::Duration kGoawayGrace = absl::Milliseconds(200);
// Time for gRPC's threads to close the connections. Connections on which nothing was ever sent stay
// open.
constexpr absl::Duration kCloseGrace = absl::Milliseconds(100);
constexpr absl::Duration kRetentionPause = absl::Minutes(1);

// Lowers the priority of all threads of `executor`: when the processor is busy, they get about a
// tenth of the time of other threads. The tasks wait for each other, so that each thread runs
// exactly one.
void LowerPriority(Executor& executor, size_t threads) {
  constexpr int kNice = 10;
  const auto all_there = std::make_shared<std::latch>(static_cast<ptrdiff_t>(threads));
  for (size_t i = 0; i < threads; ++i) {
    executor.Continue([all_there] {
      all_there->arrive_and_wait();
      setpriority(PRIO_PROCESS, 0, kNice);  // on Linux 0 is the calling thread
    });
  }
}

std::vector<std::string> ServiceNames() {
  return {"owo.billing.v1.Billing", "owo.billing.v1.Metering", "owo.billing.v1.Customers",
          "owo.billing.v1.Catalog"};
}

absl::Status CheckReach(const ListenAddress& address, bool allow_insecure) {
  if (address.loopback || allow_insecure) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("--listen=", address.WithPort(address.port),
                   ": others could reach it, and there are neither credentials nor TLS. Listen on "
                   "127.0.0.1, or say --allow_insecure_listen if something else keeps them out"));
}

absl::Status NotOpened(const std::string& data_dir, const absl::Status& status) {
  const bool locked = storage::IsInUse(status);
  return absl::Status(status.code(),
                      absl::StrCat("cannot open the data directory ", data_dir,
                                   locked ? ": it is in use by another process (" : ": ",
                                   status.message(), locked ? ")" : ""));
}

absl::Status NotListening(const ListenAddress& address) {
  return absl::AlreadyExistsError(absl::StrCat(
      "cannot listen on ", address.WithPort(address.port),
      address.socket ? "" : ": the port is taken, or the address is not this machine's"));
}

void SetLimits(grpc::ServerBuilder& builder, size_t transport_bytes) {
  builder.SetMaxReceiveMessageSize(kMessageBytesMax);
  builder.SetResourceQuota(grpc::ResourceQuota("server").Resize(transport_bytes));
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMetadataBytesMax);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kStreamsMax);
  // Otherwise two servers could listen on one port, and would share its calls unnoticed.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  // Detects dead clients, and makes clients reconnect from time to time, so that load balancers can
  // move them.
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kMinuteMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20 * kSecondsMs);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             10 * kSecondsMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, 30 * kMinuteMs);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, 30 * kSecondsMs);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> Server::Start(ServerOptions options) {
  OWO_TRY(const ListenAddress address, ParseListenAddress(options.listen));
  OWO_RETURN_IF_ERROR(CheckReach(address, options.allow_insecure_listen));
  // Checked before the store is opened: for a second server both are in use, and the taken port is
  // the clearer error.
  if (IsTaken(address)) return NotListening(address);
  if (options.clock == nullptr) options.clock = ledger::SystemTime;
  const MemoryBudget memory = DivideMemory(options.memory_mib);
  auto store = storage::OpenRocksStore(
      {.data_dir = options.data_dir,
       .sync = options.sync,
       .unflushed_events_max = memory.unflushed_events_max,
       .cached_max = memory.cached_max,
       .memtable_bytes = memory.memtable_bytes,
       .cache_bytes = memory.cache_bytes,
       .id_filter_bytes = memory.id_filter_bytes,
       .retain = {.age = absl::ToInt64Microseconds(options.retain_events),
                  .pause = std::min(options.retain_events, kRetentionPause),
                  .on_failure = options.on_retention_failure},
       .scrub = {options.scrub_every, options.on_damage},
       .outage = {.on_disk_full = options.on_disk_full, .on_resume = options.on_resume},
       .on_failure = options.on_failure});
  if (!store.ok()) return NotOpened(options.data_dir, store.status());
  auto server =
      std::unique_ptr<Server>(new Server(address, memory, *std::move(store), std::move(options)));
  OWO_RETURN_IF_ERROR(server->Serve());
  return server;
}

Server::Server(ListenAddress address, const MemoryBudget& memory,
               std::unique_ptr<storage::Store> store, ServerOptions options)
    : address_(std::move(address)),
      transport_bytes_(memory.transport_bytes),
      store_(std::move(store)),
      directory_(*store_, memory.customers_bytes, memory.terms_bytes),
      executor_("ledger", kExecutorThreads, kExecutorQueueMax),
      readers_("reader", kReaderThreads, kReaderQueueMax),
      ids_(ledger::SystemTime),
      ledger_{.store = *store_,
              .directory = directory_,
              .executor = executor_,
              .ids = ids_,
              .options = std::move(options.ledger)},
      authenticator_(std::move(options.clock)),
      in_flight_({.read_bytes = memory.read_bytes,
                  .write_bytes = memory.write_bytes,
                  .refused_max = memory.refused_max}),
      call_parts_{in_flight_, authenticator_},
      calls_(executor_, readers_),
      billing_(ledger_, calls_, call_parts_),
      metering_(ledger_, calls_, call_parts_),
      customers_(ledger_, calls_, call_parts_),
      catalog_(ledger_, calls_, call_parts_),
      health_(ServiceNames(), [this] { return store_->Writable().ok(); }),
      reflection_(ServiceNames()) {
  LowerPriority(readers_, kReaderThreads);
}

absl::Status Server::Serve() {
  grpc::ServerBuilder builder;
  rpc::BoundLibraryLogs();
  SetLimits(builder, transport_bytes_);
  builder.AddListeningPort(address_.WithPort(address_.port), grpc::InsecureServerCredentials(),
                           &port_);
  builder.RegisterService(&billing_);
  builder.RegisterService(&metering_);
  builder.RegisterService(&customers_);
  builder.RegisterService(&catalog_);
  builder.RegisterService(&health_);
  reflection_.Register(builder);
  grpc_ = builder.BuildAndStart();
  if (grpc_ != nullptr && port_ != 0) return absl::OkStatus();
  return NotListening(address_);
}

void Server::Shutdown(absl::Duration drain) {
  if (grpc_ == nullptr) return;
  const absl::Time end = absl::Now() + drain;
  health_.Shutdown();
  reflection_.Shutdown();
  in_flight_.Stop();
  in_flight_.AwaitNone(end);
  StopAccepting(address_, port_);
  absl::SleepFor(std::min(end - absl::Now(), kGoawayGrace));
  CloseConnections();
  grpc_->Shutdown(absl::ToChronoTime(absl::Now()));
}

// gRPC cancels calls that arrive during its shutdown, and clients do not retry CANCELLED. So all
// connections are closed first: open calls end with UNAVAILABLE.
void Server::CloseConnections() {
  grpc_server_cancel_all_calls(grpc_->c_server());
  const absl::Time end = absl::Now() + kCloseGrace;
  while (HasConnections(address_, port_) && absl::Now() < end) {
    absl::SleepFor(absl::Milliseconds(1));
  }
}

Server::~Server() { Shutdown(absl::ZeroDuration()); }

}  // namespace owo::service
