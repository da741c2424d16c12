#include "tests/bench/target.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <system_error>

#include "absl/time/clock.h"
#include "tests/bench/process_facts.h"

namespace owo::bench {
namespace {

constexpr char kServing[] = " listening on ";
constexpr absl::Duration kQuietFor = absl::Milliseconds(200);
constexpr absl::Duration kQuietCpu = absl::Milliseconds(10);  // the kernel's step of CPU times
constexpr int kQuietTriesMax = 50;

std::vector<std::string> Command(Target::Kind kind, const Options& options,
                                 const std::string& data_dir) {
  if (kind == Target::Kind::kDrop) return {OWO_DROP_SERVER};
  std::vector<std::string> command = {options.server.empty() ? DefaultServer() : options.server,
                                      "--listen=127.0.0.1:0", "--data_dir=" + data_dir};
  command.insert(command.end(), options.server_flags.begin(), options.server_flags.end());
  return command;
}

}  // namespace

std::string DefaultServer() { return OWO_SERVER; }

Directory::Directory(const std::string& parent)
    : path_((std::filesystem::path(parent) / "owo-load-XXXXXX").string()) {
  std::filesystem::create_directories(parent);
  if (mkdtemp(path_.data()) == nullptr) {
    throw std::system_error(errno, std::generic_category(), path_);
  }
}

Directory::~Directory() {
  std::error_code error;
  std::filesystem::remove_all(path_, error);
  if (error) std::cerr << "owo-load: cannot remove " << path_ << ": " << error.message() << '\n';
}

Target::Target(Kind kind, const Options& options)
    : directory_(options.directory), command_(Command(kind, options, directory_.path())) {
  Start();
}

// The data is discarded, so nothing needs to be closed properly.
Target::~Target() = default;

void Target::Start() {
  child_ = std::make_unique<Child>(command_);
  const std::optional<std::string> line = child_->ReadLine();
  const size_t at = line.has_value() ? line->find(kServing) : std::string::npos;
  if (at == std::string::npos) throw std::runtime_error(command_.front() + " does not serve");
  address_ = line->substr(at + sizeof(kServing) - 1);
}

void Target::Kill() {
  child_->Kill();
  child_->Wait();
}

void Target::AwaitQuiet() const {
  for (int i = 0; i < kQuietTriesMax; ++i) {
    const absl::Duration before = CpuTime(pid());
    absl::SleepFor(kQuietFor);
    if (CpuTime(pid()) - before <= kQuietCpu) return;
  }
}

std::shared_ptr<grpc::Channel> Target::Connect(int number) const {
  grpc::ChannelArguments arguments;
  // Channels with different arguments share no connection.
  arguments.SetInt("owo.load.connection", number);
  return grpc::CreateCustomChannel(address_, grpc::InsecureChannelCredentials(), arguments);
}

}  // namespace owo::bench
