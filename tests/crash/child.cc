#include "tests/crash/child.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <system_error>

namespace owo {
namespace {

// Replaces the process by the program. The code must be safe after fork() in a process with
// threads.
[[noreturn]] void Exec(char* const* arguments, pid_t parent, int output, bool with_stderr) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const bool ready = getppid() == parent && dup2(output, STDOUT_FILENO) >= 0 &&
                     (!with_stderr || dup2(output, STDERR_FILENO) >= 0);
  if (ready) execv(arguments[0], arguments);
  _exit(127);
}

}  // namespace

Child::Child(std::vector<std::string> command, Reads reads) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw std::system_error(errno, std::generic_category(), "pipe2");
  }
  output_ = ends[0];
  std::vector<char*> arguments;
  for (std::string& argument : command) arguments.push_back(argument.data());
  arguments.push_back(nullptr);
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ == 0) Exec(arguments.data(), parent, ends[1], reads == Reads::kStdoutAndStderr);
  const int error = errno;
  close(ends[1]);
  if (pid_ < 0) throw std::system_error(error, std::generic_category(), "fork");
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
  while (ReadMore()) {  // otherwise the child could block on a full pipe
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
