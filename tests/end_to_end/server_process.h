// The server as operators run it: its binary, in its own process.
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
  // Returns once the server serves, on any free port. `flags` are added to those for port and data
  // directory. `under` is a command that then executes the server.
  explicit ServerProcess(const std::string& data_dir, const std::vector<std::string>& flags = {},
                         const std::vector<std::string>& under = {});
  // Stops the server if that was not done, and fails the test if the exit status is not 0.
  ~ServerProcess();

  const std::string& endpoint() const { return endpoint_; }  // "127.0.0.1:41234"
  pid_t pid() const { return child_.pid(); }

  // Sends SIGTERM, and waits until the server has ended. Returns its exit status.
  int Stop();
  // Sends SIGKILL, and waits until the server is gone.
  void Kill();
  // Waits until the server ends by itself. REQUIRES: it was started with `under`, because only then
  // its stderr is read.
  ProgramRun Await();

 private:
  Child child_;
  std::string endpoint_;
  bool serves_ = true;
};

ProgramRun RunProgram(std::vector<std::string> command);

// Runs the server with flags that it must refuse. If it serves nevertheless, it is killed: status
// 137. `under` is a command that then executes the server.
ProgramRun RunRefusedServer(const std::vector<std::string>& flags,
                            std::vector<std::string> under = {});

}  // namespace owo

#endif  // OWO_TESTS_END_TO_END_SERVER_PROCESS_H_
