// A program that runs beside the test, and whose output is read line by line.
//
//   Child child({OWO_STORE_DRIVER, "/data", "1"});
//   while (std::optional<std::string> line = child.ReadLine()) … child.Kill();
#ifndef OWO_TESTS_CRASH_CHILD_H_
#define OWO_TESTS_CRASH_CHILD_H_

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace owo {

class Child {
 public:
  // What is read here; the rest goes where the test's own goes.
  enum class Reads { kStdout, kStdoutAndStderr };

  // It is killed when the thread that makes it ends, so that no failing test leaves it behind.
  explicit Child(std::vector<std::string> command, Reads reads = Reads::kStdout);
  // Kills it if it still runs.
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  pid_t pid() const { return pid_; }  // -1 when it has been waited for

  // Without its end; nothing when the program is gone and all that it wrote was read. A line that
  // was being written when the program was killed is not given.
  std::optional<std::string> ReadLine();
  void Kill() const;       // SIGKILL
  void Terminate() const;  // SIGTERM
  // Waits for its end. The exit status, or as in a shell 128 and the number of the signal that
  // ended it. Reads what it still writes, which ReadLine() then gives.
  int Wait();

 private:
  bool ReadMore();

  pid_t pid_ = -1;  // while it has not been waited for
  int status_ = -1;
  int output_ = -1;
  std::string read_;
};

}  // namespace owo

#endif  // OWO_TESTS_CRASH_CHILD_H_
