// Target: a server in its own process to put load on, on a free port of 127.0.0.1. Deletes its data
// directory at the end.
//
//   Target server(Target::Kind::kService, options);
//   server.Kill();
//   server.Start();   // opens the existing data

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

// The server binary of this build.
std::string DefaultServer();

// A directory that is deleted, with its contents, at the end.
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

  // Returns once the server reports that it serves. Throws if it exits instead.
  void Start();
  // Sends SIGKILL, and waits for the process to end.
  void Kill();

  // Waits until the server is nearly idle, for a few seconds at most: deferred work of one case
  // must not burden the next.
  void AwaitQuiet() const;

  pid_t pid() const { return child_->pid(); }
  const std::string& data_dir() const { return directory_.path(); }
  // Each number has its own connection.
  std::shared_ptr<grpc::Channel> Connect(int number) const;

 private:
  const Directory directory_;
  const std::vector<std::string> command_;
  std::unique_ptr<Child> child_;
  std::string address_;
};

}  // namespace owo::bench

#endif  // OWO_TESTS_BENCH_TARGET_H_
