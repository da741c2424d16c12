#include "service/server_sockets.h"

#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace owo::service {
namespace {

bool IsBoundTo(int descriptor, const ListenAddress& address, int port) {
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  if (getsockname(descriptor, reinterpret_cast<sockaddr*>(&bound), &size) != 0) return false;
  switch (bound.ss_family) {
    case AF_INET:
      return !address.socket && ntohs(reinterpret_cast<sockaddr_in&>(bound).sin_port) == port;
    case AF_INET6:
      return !address.socket && ntohs(reinterpret_cast<sockaddr_in6&>(bound).sin6_port) == port;
    case AF_UNIX:
      return address.socket && size > offsetof(sockaddr_un, sun_path) &&
             address.host == "unix:" + std::string(reinterpret_cast<sockaddr_un&>(bound).sun_path);
    default:
      return false;
  }
}

bool IsListening(int descriptor) {
  int listening = 0;
  socklen_t size = sizeof listening;
  return getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) == 0 &&
         listening != 0;
}

std::vector<int> Sockets(const ListenAddress& address, int port) {
  std::vector<int> sockets;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd", error)) {
    int descriptor = -1;
    if (!absl::SimpleAtoi(entry.path().filename().string(), &descriptor)) continue;
    if (IsBoundTo(descriptor, address, port)) sockets.push_back(descriptor);
  }
  return sockets;
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

// gRPC owns the listening descriptors and keeps them open until the server shuts down. Replacing
// what each refers to by an unbound socket closes the listening socket.
void StopAccepting(const ListenAddress& address, int port) {
  const int unbound = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (unbound < 0) return;  // out of descriptors: connections are accepted a little longer
  for (const int descriptor : Sockets(address, port)) {
    if (IsListening(descriptor)) dup3(unbound, descriptor, O_CLOEXEC);
  }
  close(unbound);
}

bool HasConnections(const ListenAddress& address, int port) {
  for (const int descriptor : Sockets(address, port)) {
    if (!IsListening(descriptor)) return true;
  }
  return false;
}

}  // namespace owo::service
