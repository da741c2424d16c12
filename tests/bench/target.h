// Target: a server of its own process that load is put on, on a free port of 127.0.0.1. What is in
// its data directory goes with it.
//
//   Target server(Target::Kind::kService, options);
//   server.Kill();
//   server.Start();   // opens what is on disk

#ifndef OWO_TESTS_BENCH_TARGET_H_
#define OWO_TESTS_BENCH_TARGET_H_

#include <grpcpp/channel.h>
#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "tests/bench/options.h"
#include "tests/crash/child.h"

namespace owo::bench {

// A directory that is gone, with all that is in it, at the end.
class Directory {
 public:
  explicit Directory(const std::string& parent);
  ~Directory();
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

class Target {
 public:
  enum class Kind {
    kService,  // owo-billing-server
    kDrop,     // the server that parses batches and drops them
  };

  Target(Kind kind, const Options& options);
  ~Target();
  Target(const Target&) = delete;
  Target& operator=(const Target&) = delete;

  // Returns once it says that it serves; throws when it ends instead.
  void Start();
  // SIGKILL, and waits for its end.
  void Kill();

  // Waits until it does hardly anything any more, though no longer than some seconds: what one case
  // left to be done later is not to burden the next.
  void AwaitQuiet() const;

  pid_t pid() const { return child_->pid(); }
  const std::string& data_dir() const { return directory_.path(); }
  // A connection of its own for each number.
  std::shared_ptr<grpc::Channel> Connect(int number) const;

 private:
  const Directory directory_;
  const std::vector<std::string> command_;
  std::unique_ptr<Child> child_;
  std::string address_;
};

}  // namespace owo::bench

#endif  // OWO_TESTS_BENCH_TARGET_H_
