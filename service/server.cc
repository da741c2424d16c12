#include "service/server.h"

#include <grpc/compression.h>
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
#include "service/server_backup.h"
#include "service/telemetry/text_log.h"
#include "storage/open/open_store.h"
#include "storage/util/try.h"

namespace owo::service {
namespace {

using telemetry::Severity;

constexpr char kProgram[] = "owo-billing-server";

constexpr size_t kExecutorThreads = 4;
constexpr size_t kReaderThreads = 4;
// How long calls on open connections are answered UNAVAILABLE before the connections are closed. It
// is long enough for gRPC to accept connections that were just established.
constexpr absl::Duration kGoawayGrace = absl::Milliseconds(200);
// Time for gRPC's threads to close the connections. Connections on which nothing was ever sent stay
// open.
constexpr absl::Duration kCloseGrace = absl::Milliseconds(100);
constexpr absl::Duration kRetentionPause = absl::Minutes(1);
// Clients that ping more often than this are disconnected.
constexpr absl::Duration kPingPause = absl::Seconds(10);

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

// A callback of the store that logs the status which it gets.
std::function<void(const absl::Status&)> Logging(const std::shared_ptr<telemetry::LogSink>& log,
                                                 Severity severity, std::string_view message) {
  return [log, severity, message](const absl::Status& status) {
    const std::string text = status.ToString(absl::StatusToStringMode::kWithNoExtraData);
    const telemetry::LogField error{"error", text};
    log->Write(severity, message, {&error, 1});
  };
}

void LogResumption(telemetry::LogSink& log, const storage::Resumption& resumption) {
  const std::string unreported =
      resumption.unreported == 0 ? "" : absl::StrCat(resumption.unreported);
  log.Info("there is room on the disk again, and writing goes on",
           {{"outage_seconds", absl::StrCat(absl::ToInt64Seconds(resumption.outage))},
            {"replayed_records", absl::StrCat(resumption.records)},
            {"unreported_outages", unreported}});
}

// A callback of the store that measures commits; empty if nothing is to be measured.
std::function<void(const storage::CommitReport&)> Measuring(telemetry::MetricsSink& metrics) {
  if (&metrics == &telemetry::NoMetrics()) return nullptr;
  telemetry::Histogram& events =
      metrics.GetHistogram({.name = "owo_commit_events",
                            .help = "Events in one commit, counted or not.",
                            .bounds = {0, 1, 4, 16, 64, 256, 1024, 4096, 16'384, 65'536}},
                           {});
  telemetry::Histogram& bytes = metrics.GetHistogram(
      {.name = "owo_commit_bytes",
       .help = "Bytes of the rows of one commit.",
       .bounds = {256, 1024, 4096, 16'384, 65'536, 262'144, 1'048'576, 4'194'304}},
      {});
  telemetry::Histogram& duration = metrics.GetHistogram(
      {.name = "owo_commit_write_seconds",
       .help = "Time of the write of one commit, with its fsync.",
       .bounds = {50, 100, 250, 500, 1000, 2500, 5000, 10'000, 25'000, 100'000, 1'000'000},
       .units = 1'000'000},
      {});
  return [&events, &bytes, &duration](const storage::CommitReport& report) {
    events.Observe(static_cast<int64_t>(report.events));
    bytes.Observe(static_cast<int64_t>(report.bytes));
    duration.Observe(absl::ToInt64Microseconds(report.duration));
  };
}

std::vector<std::string> ServiceNames() {
  return {"owo.billing.v1.Billing", "owo.billing.v1.Metering", "owo.billing.v1.Customers",
          "owo.billing.v1.Catalog", "owo.billing.v1.Admin"};
}

// Checks that every protection which a network needs is there, or is waived by its own flag.
absl::Status CheckReach(const ListenAddress& address, const ServerOptions& options) {
  if (address.loopback) return absl::OkStatus();
  const std::string listen = absl::StrCat("--listen=", address.WithPort(address.port));
  if (!options.tls.enabled() && !options.allow_insecure_listen) {
    return absl::InvalidArgumentError(absl::StrCat(
        listen,
        ": others could reach it, and connections would not be encrypted. Give --tls_cert and "
        "--tls_key, listen on 127.0.0.1, or say --allow_insecure_listen if something else keeps "
        "strangers from listening in"));
  }
  if (!options.allow_listen_without_front) {
    return absl::InvalidArgumentError(absl::StrCat(
        listen,
        ": this gRPC does not withstand hostile peers. Listen on unix:PATH with the HTTP/2 front "
        "of deploy/front before it, or say --allow_listen_without_front if every peer is trusted"));
  }
  return absl::OkStatus();
}

// Null if the options name no operator's key.
absl::StatusOr<std::unique_ptr<access::OperatorKey>> OperatorKeyOf(const ServerOptions& options) {
  if (!options.operator_key_file.empty() && !options.operator_key.empty()) {
    return absl::InvalidArgumentError(
        "the operator's key is given twice: as a file and as OWO_OPERATOR_KEY");
  }
  if (!options.operator_key_file.empty()) {
    return access::OperatorKey::FromFile(options.operator_key_file);
  }
  if (!options.operator_key.empty()) return access::OperatorKey::FromText(options.operator_key);
  return nullptr;
}

// Reflection's guard; empty if it answers everybody.
std::function<absl::Status(std::string_view)> GuardOf(const rpc::Authenticator& authenticator,
                                                      bool open) {
  if (open) return nullptr;
  return [&authenticator](std::string_view text) { return authenticator.Admit(text); };
}

absl::Status CheckTlsOptions(const tls::TlsFiles& files) {
  if (files.cert.empty() != files.key.empty()) {
    return absl::InvalidArgumentError("--tls_cert and --tls_key: want both or neither");
  }
  if (!files.client_ca.empty() && files.cert.empty()) {
    return absl::InvalidArgumentError("--tls_client_ca: want --tls_cert and --tls_key with it");
  }
  return absl::OkStatus();
}

absl::Status NotOpened(const std::string& store, const absl::Status& status) {
  const bool locked = storage::IsInUse(status);
  return absl::Status(status.code(),
                      absl::StrCat("cannot open the store ", store,
                                   locked ? ": it is in use by another process (" : ": ",
                                   status.message(), locked ? ")" : ""));
}

absl::Status NotListening(const ListenAddress& address, const absl::Status& status) {
  return absl::Status(
      status.code(),
      absl::StrCat("cannot listen on ", address.WithPort(address.port), ": ", status.message()));
}

// Refuses compressed messages with UNIMPLEMENTED. gRPC 1.51 inflates a message before it compares
// its size with the bound, so a message of 1 MB can take more than 1 GB.
void RefuseCompression(grpc::ServerBuilder& builder) {
  for (int i = 0; i < GRPC_COMPRESS_ALGORITHMS_COUNT; ++i) {
    const auto algorithm = static_cast<grpc_compression_algorithm>(i);
    builder.SetCompressionAlgorithmSupportStatus(algorithm, algorithm == GRPC_COMPRESS_NONE);
  }
}

int Milliseconds(absl::Duration duration) {
  return static_cast<int>(absl::ToInt64Milliseconds(duration));
}

void SetLimits(grpc::ServerBuilder& builder, const ServerLimits& limits, size_t transport_bytes) {
  RefuseCompression(builder);
  builder.SetMaxReceiveMessageSize(limits.message_bytes_max);
  builder.SetResourceQuota(grpc::ResourceQuota("server").Resize(transport_bytes));
  const std::pair<const char*, int> arguments[] = {
      {GRPC_ARG_MAX_METADATA_SIZE, limits.metadata_bytes_max},
      {GRPC_ARG_MAX_CONCURRENT_STREAMS, limits.streams_max},
      {GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, Milliseconds(limits.handshake_timeout)},
      // Detects dead clients, and makes clients reconnect from time to time, so that load balancers
      // can move them.
      {GRPC_ARG_KEEPALIVE_TIME_MS, Milliseconds(limits.keepalive_time)},
      {GRPC_ARG_KEEPALIVE_TIMEOUT_MS, Milliseconds(limits.keepalive_timeout)},
      {GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, Milliseconds(kPingPause)},
      {GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1},
      {GRPC_ARG_MAX_CONNECTION_AGE_MS, Milliseconds(limits.connection_age_max)},
      {GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, Milliseconds(limits.connection_age_grace)},
  };
  for (const auto& [name, value] : arguments) builder.AddChannelArgument(name, value);
}

// The number of connections that the limit of open files permits. Logs if that is fewer than
// `limits` says.
int ConnectionsMax(const ServerLimits& limits, telemetry::LogSink& log) {
  const int permitted = PermittedConnections(limits.connections_max);
  if (permitted < limits.connections_max) {
    log.Warning("the limit of open files permits fewer connections than --connections_max",
                {{"connections_max", absl::StrCat(limits.connections_max)},
                 {"permitted", absl::StrCat(permitted)}});
  }
  return permitted;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> Server::Start(ServerOptions options) {
  OWO_TRY(const ListenAddress address, ParseListenAddress(options.listen));
  OWO_RETURN_IF_ERROR(CheckTlsOptions(options.tls.files));
  OWO_RETURN_IF_ERROR(CheckReach(address, options));
  if (!options.socket_group.empty() && !address.socket) {
    return absl::InvalidArgumentError("--socket_group: --listen is not unix:PATH");
  }
  OWO_TRY(auto operator_key, OperatorKeyOf(options));
  if (!options.require_keys.has_value()) {
    // Behind a front, others reach a Unix socket, too.
    options.require_keys = !address.loopback || !options.socket_group.empty();
  }
  if (options.clock == nullptr) options.clock = ledger::SystemTime;
  if (options.log == nullptr) options.log = std::make_shared<telemetry::TextLog>(kProgram);
  if (options.metrics == nullptr) options.metrics = &telemetry::NoMetrics();
  if (!options.upkeep.on_failure) {
    options.upkeep.on_failure = Logging(options.log, Severity::kError,
                                        "API keys, or the operator's key, could not be read again; "
                                        "those that were read before go on");
  }
  // Before the store is opened, which divides the open files, too.
  options.limits.connections_max = ConnectionsMax(options.limits, *options.log);
  // The address is taken before the store is opened: for a second server both are in use, and the
  // taken port is the clearer error.
  OWO_TRY(Reach reach, PrepareReach(address, options));
  const MemoryBudget memory = DivideMemory(options.memory_mib);
  auto health = std::make_unique<rpc::Health>();
  auto store = storage::OpenStore(
      options.store,
      {.sync = options.sync,
       .queue_max = static_cast<size_t>(options.limits.commit_queue_max),
       .queue_events_max = static_cast<size_t>(options.limits.commit_queue_events_max),
       .unflushed_events_max = memory.unflushed_events_max,
       .cached_max = memory.cached_max,
       .memtable_bytes = memory.memtable_bytes,
       .cache_bytes = memory.cache_bytes,
       .id_filter_bytes = memory.id_filter_bytes,
       .retain = {.age = absl::ToInt64Microseconds(options.retain_events),
                  .pause = std::min(options.retain_events, kRetentionPause),
                  .on_failure = Logging(options.log, Severity::kError,
                                        "no old events are dropped any more until the server is "
                                        "started again")},
       .scrub = {options.scrub_every,
                 Logging(options.log, Severity::kError,
                         "a table is damaged or cannot be read, and calls that need it fail")},
       .outage = {.on_writable = [&to = *health](bool is) { to.SetWritable(is); },
                  .on_disk_full = Logging(options.log, Severity::kError,
                                          "the disk is full, so writes are refused until there is "
                                          "room"),
                  .on_resume = [log = options.log](
                                   const auto& resumption) { LogResumption(*log, resumption); }},
       .backup = Observed(options.backup, options.log, *options.metrics),
       .on_recovery = options.on_recovery,
       .on_failure = options.on_failure,
       .on_commit = Measuring(*options.metrics)});
  if (!store.ok()) return NotOpened(options.store, store.status());
  auto server = std::unique_ptr<Server>(new Server(address, std::move(reach), memory,
                                                   std::move(health), *std::move(store),
                                                   std::move(operator_key), std::move(options)));
  OWO_RETURN_IF_ERROR(server->LoadKeys());
  OWO_RETURN_IF_ERROR(server->Serve());
  return server;
}

absl::StatusOr<Server::Reach> Server::PrepareReach(const ListenAddress& address,
                                                   const ServerOptions& options) {
  Reach reach;
  auto listener = Listener::Bind(address);
  if (!listener.ok()) return NotListening(address, listener.status());
  reach.listener = *std::move(listener);
  if (address.socket) OWO_RETURN_IF_ERROR(RestrictSocket(address, options.socket_group));
  if (!options.tls.enabled()) return reach;
  OWO_TRY(reach.tls, tls::ServerTls::Open(options.tls, *options.log, *options.metrics));
  return reach;
}

Server::Server(ListenAddress address, Reach reach, const MemoryBudget& memory,
               std::unique_ptr<rpc::Health> health, std::unique_ptr<storage::Store> store,
               std::unique_ptr<access::OperatorKey> operator_key, ServerOptions options)
    : address_(std::move(address)),
      transport_bytes_(memory.transport_bytes),
      require_keys_(*options.require_keys),
      upkeep_options_(std::move(options.upkeep)),
      limits_(options.limits),
      log_(std::move(options.log)),
      metrics_(*options.metrics),
      reach_(std::move(reach)),
      library_logs_(*log_),
      failed_calls_(*log_),
      operator_key_(std::move(operator_key)),
      authenticator_(
          {.ring = key_ring_, .operator_key = operator_key_.get(), .require_keys = require_keys_},
          std::move(options.clock)),
      health_(std::move(health)),
      store_(std::move(store)),
      directory_(*store_, memory.customers_bytes, memory.terms_bytes),
      executor_("ledger", kExecutorThreads, static_cast<size_t>(limits_.write_queue_max)),
      readers_("reader", kReaderThreads, static_cast<size_t>(limits_.read_queue_max)),
      ids_(ledger::SystemTime),
      ledger_{.store = *store_,
              .directory = directory_,
              .executor = executor_,
              .ids = ids_,
              .options = std::move(options.ledger)},
      in_flight_({.read_bytes = memory.read_bytes,
                  .write_bytes = memory.write_bytes,
                  .refusals_max = memory.refusals_max}),
      rates_({.calls_per_second = limits_.calls_per_second,
              .events_per_second = limits_.events_per_second}),
      call_parts_{in_flight_,
                  authenticator_,
                  failed_calls_,
                  metrics_,
                  &rates_,
                  [this](std::string_view peer) { reach_.listener->Disconnect(peer); },
                  limits_.deadline_max},
      calls_(executor_, readers_),
      admin_(ledger_, key_ring_, calls_, call_parts_),
      billing_(ledger_, calls_, call_parts_),
      metering_(ledger_, calls_, call_parts_),
      customers_(ledger_, calls_, call_parts_),
      catalog_(ledger_, calls_, call_parts_),
      reflection_(ServiceNames(),
                  {.guard = GuardOf(authenticator_, options.allow_anonymous_reflection)}) {
  LowerPriority(readers_, kReaderThreads);
}

absl::Status Server::LoadKeys() {
  OWO_RETURN_IF_ERROR(key_ring_.Load(*store_));
  if (require_keys_ && operator_key_ == nullptr && key_ring_.keys() == 0) {
    return absl::InvalidArgumentError(
        "every call needs a key, and there is none: set --operator_key_file or OWO_OPERATOR_KEY to "
        "make the first ones, or say --require_keys=false if everybody who reaches the server may "
        "do everything");
  }
  upkeep_ = std::make_unique<access::AccessUpkeep>(*store_, key_ring_, operator_key_.get(),
                                                   upkeep_options_);
  return absl::OkStatus();
}

absl::Status Server::Serve() {
  grpc::ServerBuilder builder;
  SetLimits(builder, limits_, transport_bytes_);
  auto acceptor = builder.experimental().AddExternalConnectionAcceptor(
      grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD,
      reach_.tls == nullptr ? grpc::InsecureServerCredentials() : reach_.tls->credentials());
  builder.RegisterService(&admin_);
  builder.RegisterService(&billing_);
  builder.RegisterService(&metering_);
  builder.RegisterService(&customers_);
  builder.RegisterService(&catalog_);
  builder.RegisterService(&reflection_);
  rpc::Health::Enable();
  grpc_ = builder.BuildAndStart();
  if (grpc_ == nullptr) return absl::InternalError("gRPC cannot be started");
  health_->Attach(*grpc_, ServiceNames());
  const absl::Status started =
      reach_.listener->Start(std::move(acceptor), limits_.connections_max, *log_, metrics_);
  return started.ok() ? started : NotListening(address_, started);
}

void Server::Shutdown(absl::Duration drain) {
  if (grpc_ == nullptr) return;
  const absl::Time end = absl::Now() + drain;
  health_->Shutdown();
  in_flight_.Stop();
  in_flight_.AwaitNone(end);
  reach_.listener->StopAccepting();
  absl::SleepFor(std::min(end - absl::Now(), kGoawayGrace));
  CloseConnections();
  grpc_->Shutdown(absl::ToChronoTime(absl::Now()));
}

// gRPC cancels calls that arrive during its shutdown, and clients do not retry CANCELLED. So all
// connections are closed first: open calls end with UNAVAILABLE.
void Server::CloseConnections() {
  grpc_server_cancel_all_calls(grpc_->c_server());
  const absl::Time end = absl::Now() + kCloseGrace;
  while (reach_.listener->Connections() > 0 && absl::Now() < end) {
    absl::SleepFor(absl::Milliseconds(1));
  }
}

Server::~Server() {
  Shutdown(absl::ZeroDuration());
  health_->Detach();
}

}  // namespace owo::service
