#include "service/server_listener.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <grp.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "storage/util/try.h"

namespace owo::service {
namespace {

constexpr int kBacklog = 1024;
// Connections accepted before the other sockets get their turn.
constexpr int kTurn = 64;
// Bytes that the kernel keeps of a connection in addition to those that the peer can receive. By
// default it is some megabytes, which no memory budget counts.
constexpr int kUnsentBytesMax = 256 << 10;
// How long accepting pauses after the system refused a descriptor or memory.
constexpr absl::Duration kPause = absl::Milliseconds(100);
// How often open connections are counted for the metrics.
constexpr absl::Duration kCountEvery = absl::Seconds(1);
// At the limit, closed connections are looked for at most this often.
constexpr absl::Duration kCountAtLimitEvery = absl::Milliseconds(10);
// Descriptors that a store, logs and threads use: 512 open tables, files of the journal, and what
// is opened for a moment.
constexpr rlim_t kOtherDescriptors = 768;

absl::Status Taken() { return absl::AlreadyExistsError("another process listens on it"); }

absl::Status NotBound() {
  return errno == EADDRINUSE ? Taken() : absl::AlreadyExistsError(std::strerror(errno));
}

void Set(int descriptor, int level, int option, int value) {
  setsockopt(descriptor, level, option, &value, sizeof value);
}

// Returns the descriptor of a socket that is bound to the address; -1, with errno, on failure.
int BoundSocket(const sockaddr* address, socklen_t size) {
  const int family = address->sa_family;
  const int descriptor = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return -1;
  if (family != AF_UNIX) {
    // A restart must not wait for old connections in TIME_WAIT. Accepted sockets inherit the rest.
    Set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1);
    Set(descriptor, IPPROTO_TCP, TCP_NODELAY, 1);
  }
  if (family == AF_INET6) Set(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, 0);
  if (bind(descriptor, address, size) == 0) return descriptor;
  const int error = errno;
  close(descriptor);
  errno = error;
  return -1;
}

int PortOf(int descriptor) {
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  if (getsockname(descriptor, reinterpret_cast<sockaddr*>(&bound), &size) != 0) return 0;
  // The same offset in sockaddr_in6.
  return ntohs(reinterpret_cast<sockaddr_in&>(bound).sin_port);
}

std::string HostOf(const ListenAddress& address) {
  if (address.host == "0.0.0.0") return "::";  // also takes IPv4
  if (!address.host.starts_with('[')) return address.host;
  return address.host.substr(1, address.host.size() - 2);
}

// Sets the address of a Unix socket. Returns false if the path is too long.
bool SetPath(const std::string& path, sockaddr_un& address) {
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return false;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return true;
}

// Returns whether a process accepts connections on a Unix socket, or may do so.
bool Answers(const sockaddr_un& address) {
  const int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const bool answers =
      connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ||
      errno != ECONNREFUSED;
  close(descriptor);
  return answers;
}

uint64_t CookieOf(int descriptor) {
  uint64_t cookie = 0;
  socklen_t size = sizeof cookie;
  const bool is_socket = getsockopt(descriptor, SOL_SOCKET, SO_COOKIE, &cookie, &size) == 0;
  return is_socket ? cookie : 0;
}

// The peer of a connection as gRPC names it, without the brackets of an IPv6 address; "" if it has
// no name.
std::string PeerOf(int descriptor) {
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  if (getpeername(descriptor, reinterpret_cast<sockaddr*>(&peer), &size) != 0) return "";
  char text[INET6_ADDRSTRLEN] = "";
  if (peer.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(peer);
    inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text);
    return absl::StrCat("ipv4:", text, ":", ntohs(v4.sin_port));
  }
  if (peer.ss_family != AF_INET6) return "";
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(peer);
  if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) {
    inet_ntop(AF_INET, &v6.sin6_addr.s6_addr[12], text, sizeof text);
    return absl::StrCat("ipv4:", text, ":", ntohs(v6.sin6_port));
  }
  inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text);
  return absl::StrCat("ipv6:", text, ":", ntohs(v6.sin6_port));
}

// Resets a TCP connection, and drops what the kernel keeps of it. shutdown() would not do: it waits
// until the peer has read everything. gRPC then closes the descriptor.
void Reset(int descriptor) {
  const sockaddr none{.sa_family = AF_UNSPEC};
  connect(descriptor, &none, sizeof none);
}

telemetry::Counter& RefusedCounter(telemetry::MetricsSink& sink, const char* reason) {
  return sink.GetCounter(
      {.name = "owo_connections_refused_total",
       .help = "Connections that were closed at once for the limit on connections, and times that "
               "none could be accepted for want of descriptors."},
      {{"reason", reason}});
}

std::optional<gid_t> GroupId(const std::string& group) {
  gid_t id = 0;
  if (absl::SimpleAtoi(group, &id)) return id;
  std::vector<char> buffer(1 << 16);
  struct group entry {};
  struct group* found = nullptr;
  getgrnam_r(group.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (found == nullptr) return std::nullopt;
  return found->gr_gid;
}

}  // namespace

absl::Status RestrictSocket(const ListenAddress& address, const std::string& group) {
  const std::string path = address.SocketPath();
  // The file was created with a mode that lets only its owner connect (MakeNewFilesPrivate()), so
  // it is never open to anyone else.
  mode_t mode = 0600;
  if (!group.empty()) {
    const std::optional<gid_t> id = GroupId(group);
    if (!id.has_value()) {
      return absl::InvalidArgumentError(
          absl::StrCat("--socket_group: there is no group \"", group, "\""));
    }
    if (chown(path.c_str(), static_cast<uid_t>(-1), *id) != 0) {
      return absl::FailedPreconditionError(absl::StrCat("--socket_group: cannot give ", path,
                                                        " to the group \"", group,
                                                        "\": ", std::strerror(errno)));
    }
    mode = 0660;
  }
  if (chmod(path.c_str(), mode) != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot restrict who connects to ", path, ": ", std::strerror(errno)));
  }
  return absl::OkStatus();
}

void OpenConnections::Add(int descriptor) {
  const uint64_t cookie = CookieOf(descriptor);
  const absl::MutexLock lock(&mutex_);
  connections_.push_back({descriptor, cookie});
}

int OpenConnections::Disconnect(std::string_view peer) {
  if (!peer.starts_with("ipv")) return 0;
  const std::string name = absl::StrReplaceAll(absl::string_view(peer.data(), peer.size()),
                                               {{"%5B", ""}, {"%5D", ""}, {"[", ""}, {"]", ""}});
  const absl::MutexLock lock(&mutex_);
  int disconnected = 0;
  for (const Connection& connection : connections_) {
    if (CookieOf(connection.descriptor) != connection.cookie) continue;
    if (PeerOf(connection.descriptor) != name) continue;
    Reset(connection.descriptor);
    ++disconnected;
  }
  return disconnected;
}

size_t OpenConnections::Count() {
  const absl::MutexLock lock(&mutex_);
  std::erase_if(connections_, [](const Connection& connection) {
    return CookieOf(connection.descriptor) != connection.cookie;
  });
  return connections_.size();
}

Listener::Metrics::Metrics(telemetry::MetricsSink& sink)
    : open(sink.GetGauge({.name = "owo_connections", .help = "Open connections."}, {})),
      accepted(sink.GetCounter(
          {.name = "owo_connections_accepted_total", .help = "Connections that were accepted."},
          {})),
      over_limit(RefusedCounter(sink, "limit")),
      no_descriptor(RefusedCounter(sink, "descriptors")),
      disconnected(sink.GetCounter(
          {.name = "owo_connections_disconnected_total",
           .help = "Connections that were closed because their peers do not read answers."},
          {})) {}

absl::StatusOr<std::unique_ptr<Listener>> Listener::Bind(const ListenAddress& address) {
  auto listener = std::unique_ptr<Listener>(new Listener());
  listener->wake_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (listener->wake_ < 0) return absl::UnavailableError(std::strerror(errno));
  if (!address.socket) {
    OWO_RETURN_IF_ERROR(listener->BindHost(address));
    return listener;
  }
  OWO_RETURN_IF_ERROR(listener->BindSocket(address.SocketPath()));
  return listener;
}

absl::Status Listener::BindSocket(const std::string& path) {
  sockaddr_un address{};
  if (!SetPath(path, address)) return absl::AlreadyExistsError("the path is too long");
  // A server that recovers does not accept connections yet, so its lock tells that it is there.
  lock_ = open((path + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (lock_ < 0) return NotBound();
  if (flock(lock_, LOCK_EX | LOCK_NB) != 0) return Taken();
  struct stat file {};
  if (lstat(path.c_str(), &file) == 0 && S_ISSOCK(file.st_mode)) {
    if (Answers(address)) return Taken();
    unlink(path.c_str());
  }
  const int descriptor = BoundSocket(reinterpret_cast<sockaddr*>(&address), sizeof address);
  if (descriptor < 0) return NotBound();
  listening_.push_back(descriptor);
  if (lstat(path.c_str(), &file) == 0) socket_file_ = {file.st_dev, file.st_ino};
  socket_path_ = path;
  return absl::OkStatus();
}

// A name such as localhost may have several addresses. Those that the machine does not have are
// left out.
absl::Status Listener::BindHost(const ListenAddress& address) {
  const addrinfo hints{.ai_flags = AI_PASSIVE | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM};
  addrinfo* list = nullptr;
  port_ = address.port;
  const std::string host = HostOf(address);
  if (getaddrinfo(host.c_str(), absl::StrCat(port_).c_str(), &hints, &list) != 0) {
    return absl::AlreadyExistsError("the host is not known");
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> addresses(list, freeaddrinfo);
  absl::Status last = absl::AlreadyExistsError("the host has no address");
  for (const addrinfo* each = addresses.get(); each != nullptr; each = each->ai_next) {
    // The same offset in sockaddr_in6.
    reinterpret_cast<sockaddr_in*>(each->ai_addr)->sin_port = htons(static_cast<uint16_t>(port_));
    int descriptor = BoundSocket(each->ai_addr, each->ai_addrlen);
    if (descriptor < 0 && host == "::" && errno != EADDRINUSE) {  // a machine without IPv6
      const sockaddr_in all{.sin_family = AF_INET, .sin_port = htons(static_cast<uint16_t>(port_))};
      descriptor = BoundSocket(reinterpret_cast<const sockaddr*>(&all), sizeof all);
    }
    if (descriptor >= 0) {
      listening_.push_back(descriptor);
      port_ = PortOf(descriptor);
      continue;
    }
    const bool is_taken = errno == EADDRINUSE;
    last = NotBound();
    if (is_taken && address.port != 0) return last;
  }
  return listening_.empty() ? last : absl::OkStatus();
}

Listener::~Listener() {
  StopAccepting();
  close(wake_);
  if (lock_ >= 0) close(lock_);
}

absl::Status Listener::Start(std::unique_ptr<Acceptor> acceptor, int connections_max,
                             telemetry::LogSink& log, telemetry::MetricsSink& metrics) {
  acceptor_ = std::move(acceptor);
  connections_max_ = static_cast<size_t>(connections_max);
  log_.emplace(log);
  metrics_.emplace(metrics);
  for (const int descriptor : listening_) {
    if (listen(descriptor, kBacklog) != 0) return NotBound();
  }
  thread_.emplace("listener", [this] { Run(); });
  return absl::OkStatus();
}

void Listener::StopAccepting() {
  const uint64_t one = 1;
  if (thread_.has_value() && write(wake_, &one, sizeof one) != sizeof one) std::abort();
  thread_.reset();
  for (const int descriptor : listening_) close(descriptor);
  listening_.clear();
  struct stat file {};
  // Another server may have replaced the socket.
  if (!socket_path_.empty() && lstat(socket_path_.c_str(), &file) == 0 &&
      std::pair(file.st_dev, file.st_ino) == socket_file_) {
    unlink(socket_path_.c_str());
  }
  socket_path_.clear();
}

void Listener::Disconnect(std::string_view peer) {
  const int disconnected = connections_.Disconnect(peer);
  if (disconnected == 0) return;
  metrics_->disconnected.Add(disconnected);
  log_->Write(telemetry::Severity::kWarning,
              "a connection was closed, because its peer does not read the answers",
              {{"peer", peer}});
}

void Listener::Run() {
  std::vector<pollfd> sockets = {{.fd = wake_, .events = POLLIN}};
  for (const int descriptor : listening_) sockets.push_back({.fd = descriptor, .events = POLLIN});
  for (bool pause = false;;) {
    const nfds_t waited = pause ? 1 : sockets.size();
    poll(sockets.data(), waited,
         static_cast<int>(absl::ToInt64Milliseconds(pause ? kPause : kCountEvery)));
    if (sockets[0].revents != 0) break;
    pause = false;
    for (size_t i = 1; i < sockets.size(); ++i) pause = !AcceptFrom(sockets[i].fd) || pause;
    if (absl::Now() - counted_ >= kCountEvery) ShowOpen(connections_.Count());
  }
  ShowOpen(0);
}

void Listener::ShowOpen(size_t open) {
  metrics_->open.Add(static_cast<int64_t>(open) - static_cast<int64_t>(shown_open_));
  shown_open_ = open;
  open_ = open;
  counted_ = absl::Now();
}

bool Listener::AcceptFrom(int listening) {
  for (int i = 0; i < kTurn; ++i) {
    const int descriptor = accept4(listening, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor >= 0) {
      HandOver(descriptor);
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      return true;
    } else if (errno != EINTR && errno != ECONNABORTED && errno != EPROTO && errno != EPERM) {
      metrics_->no_descriptor.Add(1);
      log_->Write(telemetry::Severity::kError,
                  "connections cannot be accepted, so they wait until they can",
                  {{"error", std::strerror(errno)}});
      return false;
    }
  }
  return true;
}

bool Listener::HasRoom() {
  if (open_ < connections_max_) return true;
  if (absl::Now() - counted_ >= kCountAtLimitEvery) ShowOpen(connections_.Count());
  return open_ < connections_max_;
}

void Listener::HandOver(int descriptor) {
  if (!HasRoom()) {
    metrics_->over_limit.Add(1);
    log_->Write(telemetry::Severity::kWarning,
                "a connection was closed, because as many as permitted are open",
                {{"connections_max", absl::StrCat(connections_max_)}});
    close(descriptor);
    return;
  }
  // Has no effect on a Unix socket, which has a small buffer anyway.
  Set(descriptor, IPPROTO_TCP, TCP_NOTSENT_LOWAT, kUnsentBytesMax);
  metrics_->accepted.Add(1);
  ++open_;
  connections_.Add(descriptor);
  Acceptor::NewConnectionParameters connection;
  connection.listener_fd = listening_.front();
  connection.fd = descriptor;
  acceptor_->HandleNewConnection(&connection);
}

int PermittedConnections(int connections) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return connections;
  const rlim_t needed = static_cast<rlim_t>(connections) + kOtherDescriptors;
  if (limit.rlim_cur < needed) {
    limit.rlim_cur = std::min(limit.rlim_max, needed);
    setrlimit(RLIMIT_NOFILE, &limit);
    getrlimit(RLIMIT_NOFILE, &limit);
  }
  if (limit.rlim_cur >= needed) return connections;
  // Some must remain even where the store leaves few.
  const rlim_t permitted = limit.rlim_cur > kOtherDescriptors * 4 / 3
                               ? limit.rlim_cur - kOtherDescriptors
                               : limit.rlim_cur / 4;
  return std::min(connections, static_cast<int>(permitted));
}

}  // namespace owo::service
