#include "tests/hostile/front_process.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "tests/end_to_end/raw_http2.h"

namespace owo {
namespace {

constexpr char kFrontDir[] = OWO_SOURCE_DIR "/deploy/front";
constexpr char kScript[] = OWO_SOURCE_DIR "/deploy/front/owo-billing-front";

std::string Read(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// A port that is free now. nginx cannot say which port it got for 0.
int FreePort() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  const bool bound = bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                     getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  close(fd);
  if (!bound) throw std::system_error(errno, std::generic_category(), "no free port");
  return ntohs(address.sin_port);
}

// Replaces `from`, which must be there.
void Replace(std::string& text, const std::string& from, const std::string& to) {
  if (absl::StrReplaceAll({{from, to}}, &text) == 0) {
    throw std::runtime_error("nginx.conf has no \"" + from + "\"");
  }
}

std::string WithoutTls(const std::string& config) {
  std::istringstream lines(config);
  std::string text;
  for (std::string line; std::getline(lines, line);) {
    if (line.find("ssl_") == std::string::npos) text += line + "\n";
  }
  Replace(text, " ssl http2;", " http2;");
  return text;
}

std::string Config(const std::string& server_socket, const FrontOptions& options, int port) {
  std::string config = Read(absl::StrCat(kFrontDir, "/nginx.conf"));
  if (options.tls_dir.empty()) config = WithoutTls(config);
  Replace(config, "listen 50051", absl::StrCat("listen 127.0.0.1:", port));
  Replace(config, "/run/owo-billing/server.sock", server_socket);
  if (!options.replace.empty()) Replace(config, options.replace, options.replace_by);
  return config;
}

bool IsListening(const std::string& endpoint) {
  try {
    const RawSocket socket(endpoint);
    return true;
  } catch (const std::system_error&) {
    return false;
  }
}

int SumMib(const std::vector<pid_t>& pids, const std::string& field) {
  int kib = 0;
  for (const pid_t pid : pids) {
    std::ifstream status(absl::StrCat("/proc/", pid, "/status"));
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with(field + ":")) kib += std::stoi(line.substr(field.size() + 1));
    }
  }
  return kib / 1024;
}

std::vector<pid_t> Children(pid_t pid) {
  std::ifstream list(absl::StrCat("/proc/", pid, "/task/", pid, "/children"));
  std::vector<pid_t> children;
  for (pid_t child = 0; list >> child;) children.push_back(child);
  return children;
}

}  // namespace

std::string NginxPath() {
  for (const char* const path : {"/usr/sbin/nginx", "/usr/local/sbin/nginx"}) {
    if (std::filesystem::exists(path)) return path;
  }
  return "";
}

FrontProcess::FrontProcess(const std::string& server_socket, const FrontOptions& options) {
  std::filesystem::create_directory(dir_.path() + "/state");
  if (!options.tls_dir.empty()) {
    std::filesystem::create_directory_symlink(options.tls_dir, dir_.path() + "/tls");
  }
  // Another process may take the port before nginx does.
  for (int attempt = 0; attempt < 5 && child_ == nullptr; ++attempt) {
    const int port = FreePort();
    endpoint_ = absl::StrCat("127.0.0.1:", port);
    std::ofstream(dir_.path() + "/nginx.conf") << Config(server_socket, options, port);
    std::vector<std::string> command{"/usr/bin/env", "OWO_FRONT_RELOAD_SECONDS=1", kScript,
                                     dir_.path(), dir_.path() + "/state"};
    // Otherwise workers of a front that root started would not reach the socket of root's server.
    if (getuid() == 0) command.insert(command.end(), {"-g", "user root;"});
    child_ = std::make_unique<Child>(command);
    const absl::Time end = absl::Now() + absl::Seconds(10);
    while (!IsListening(endpoint_) && absl::Now() < end) {
      absl::SleepFor(absl::Milliseconds(10));
    }
    if (!IsListening(endpoint_)) child_ = nullptr;
  }
  if (child_ == nullptr) throw std::runtime_error("nginx does not start");
}

FrontProcess::~FrontProcess() {
  // At once: tests leave connections open, for which an orderly end would wait.
  for (const pid_t pid : pids()) kill(pid, SIGTERM);
  child_->Wait();
}

std::vector<pid_t> FrontProcess::pids() const {
  if (child_ == nullptr) return {};
  std::vector<pid_t> pids;
  for (const pid_t child : Children(child_->pid())) {
    const std::string name = Read(absl::StrCat("/proc/", child, "/comm"));
    if (name != "nginx\n") continue;
    pids.push_back(child);
    for (const pid_t worker : Children(child)) pids.push_back(worker);
  }
  return pids;
}

FrontedServer::FrontedServer(const FrontOptions& options)
    : server_(dir_.path() + "/data",
              {"--listen=unix:" + dir_.path() + "/socket", "--unsafe_no_fsync",
               absl::StrCat("--memory_mib=", kMemoryMib)}),
      front_(dir_.path() + "/socket", options) {}

int ResidentMib(const std::vector<pid_t>& pids) { return SumMib(pids, "VmRSS"); }
int PeakMib(const std::vector<pid_t>& pids) { return SumMib(pids, "VmHWM"); }

}  // namespace owo
