// A program that runs next to the test, and whose output is read line by line.
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
  // The output that is read; other output goes to that of the test.
  enum class Reads { kStdout, kStdoutAndStderr };

  // The child is killed when the thread that created it ends, so a failing test leaves no process.
  explicit Child(std::vector<std::string> command, Reads reads = Reads::kStdout);
  // Kills the child if it still runs.
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  pid_t pid() const { return pid_; }  // -1 once Wait() was called

  // Returns the next line, without its line end; nullopt once the program has ended and all its
  // output was read. A line that was incomplete when the program was killed is not returned.
  std::optional<std::string> ReadLine();
  void Kill() const;       // SIGKILL
  void Terminate() const;  // SIGTERM
  // Waits until the program ends. Returns the exit status, or 128 plus the number of the signal
  // that ended it, as a shell does. Output that arrives meanwhile is kept for ReadLine().
  int Wait();

 private:
  bool ReadMore();

  pid_t pid_ = -1;  // until Wait()
  int status_ = -1;
  int output_ = -1;
  std::string read_;
};

}  // namespace owo

#endif  // OWO_TESTS_CRASH_CHILD_H_
