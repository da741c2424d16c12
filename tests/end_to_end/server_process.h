// The server as operators run it: its program, in a process of its own.
//
//   ServerProcess server(dir.path());
//   owo::Owostack owo({.endpoint = server.endpoint()});

#ifndef OWO_TESTS_END_TO_END_SERVER_PROCESS_H_
#define OWO_TESTS_END_TO_END_SERVER_PROCESS_H_

#include <sys/types.h>

#include <string>
#include <vector>

#include "tests/crash/child.h"

namespace owo {

// A program that has ended.
struct ProgramRun {
  int exit_status = 0;
  std::string output;  // stdout and stderr
};

class ServerProcess {
 public:
  // Returns once it serves, on any free port. `flags`: beside those for the port and the data.
  // `under`: a command that becomes the one behind it.
  explicit ServerProcess(const std::string& data_dir, const std::vector<std::string>& flags = {},
                         const std::vector<std::string>& under = {});
  // Stops it, if that was not done, and fails the test when the exit status is not 0.
  ~ServerProcess();

  const std::string& endpoint() const { return endpoint_; }  // "127.0.0.1:41234"
  pid_t pid() const { return child_.pid(); }

  // SIGTERM. Returns the exit status when the server has ended.
  int Stop();
  // SIGKILL. Returns when the server is gone.
  void Kill();
  // Waits until it ends by itself. REQUIRES: it was started `under` something, for only then what
  // it says on stderr is read.
  ProgramRun Await();

 private:
  Child child_;
  std::string endpoint_;
  bool serves_ = true;
};

ProgramRun RunProgram(std::vector<std::string> command);

// The server with these flags, which it is to refuse: one that serves is killed, status 137.
// `under`: a command that becomes the one behind it.
ProgramRun RunRefusedServer(const std::vector<std::string>& flags,
                            std::vector<std::string> under = {});

}  // namespace owo

#endif  // OWO_TESTS_END_TO_END_SERVER_PROCESS_H_
