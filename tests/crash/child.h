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
  // Its stdout is read here; its stderr is the test's.
  explicit Child(std::vector<std::string> command);
  // Kills it if it still runs.
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // Without its end; nothing when the program is gone and all that it wrote was read. A line that
  // was being written when the program was killed is not given.
  std::optional<std::string> ReadLine();
  void Kill();  // SIGKILL

 private:
  pid_t pid_ = -1;
  int output_ = -1;
  std::string read_;
};

}  // namespace owo

#endif  // OWO_TESTS_CRASH_CHILD_H_
