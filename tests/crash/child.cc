#include "tests/crash/child.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <system_error>

namespace owo {
namespace {

void Check(int error, const char* what) {
  if (error != 0) throw std::system_error(error, std::generic_category(), what);
}

}  // namespace

Child::Child(std::vector<std::string> command, Reads reads) {
  std::array<int, 2> ends{};
  Check(pipe2(ends.data(), O_CLOEXEC) == 0 ? 0 : errno, "pipe2");
  output_ = ends[0];
  posix_spawn_file_actions_t actions;
  Check(posix_spawn_file_actions_init(&actions), "posix_spawn_file_actions_init");
  Check(posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO), "adddup2");
  if (reads == Reads::kStdoutAndStderr) {
    Check(posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO), "adddup2");
  }
  std::vector<char*> arguments;
  arguments.reserve(command.size() + 1);
  for (std::string& argument : command) arguments.push_back(argument.data());
  arguments.push_back(nullptr);
  const int spawned =
      posix_spawn(&pid_, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  Check(spawned, "posix_spawn");
}

Child::~Child() {
  Kill();
  Wait();
  close(output_);
}

void Child::Kill() const {
  if (pid_ > 0) kill(pid_, SIGKILL);
}

void Child::Terminate() const {
  if (pid_ > 0) kill(pid_, SIGTERM);
}

int Child::Wait() {
  if (pid_ < 0) return status_;
  while (ReadMore()) {  // or else it could wait for somebody to read
  }
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return status_;
}

bool Child::ReadMore() {
  std::array<char, 4096> buffer;
  for (;;) {
    const ssize_t size = read(output_, buffer.data(), buffer.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return false;
    read_.append(buffer.data(), static_cast<size_t>(size));
    return true;
  }
}

std::optional<std::string> Child::ReadLine() {
  for (;;) {
    const size_t end = read_.find('\n');
    if (end != std::string::npos) {
      std::string line = read_.substr(0, end);
      read_.erase(0, end + 1);
      return line;
    }
    if (!ReadMore()) return std::nullopt;
  }
}

}  // namespace owo
