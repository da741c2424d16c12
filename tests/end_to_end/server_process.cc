#include "tests/end_to_end/server_process.h"

#include <gtest/gtest.h>

#include <optional>
#include <stdexcept>

#include "absl/strings/match.h"

namespace owo {
namespace {

constexpr char kServing[] = "owo-billing-server listening on ";

std::vector<std::string> Command(const std::string& data_dir, const std::vector<std::string>& flags,
                                 const std::vector<std::string>& under) {
  std::vector<std::string> command = under;
  for (const std::string& word :
       {std::string(OWO_SERVER), std::string("--listen=127.0.0.1:0"), "--data_dir=" + data_dir}) {
    command.push_back(word);
  }
  command.insert(command.end(), flags.begin(), flags.end());
  return command;
}

ProgramRun ReadToTheEnd(Child& child) {
  ProgramRun run;
  while (const std::optional<std::string> line = child.ReadLine()) run.output += *line + "\n";
  run.exit_status = child.Wait();
  return run;
}

}  // namespace

ServerProcess::ServerProcess(const std::string& data_dir, const std::vector<std::string>& flags,
                             const std::vector<std::string>& under)
    : child_(Command(data_dir, flags, under),
             under.empty() ? Child::Reads::kStdout : Child::Reads::kStdoutAndStderr) {
  const std::optional<std::string> line = child_.ReadLine();
  if (!line.has_value() || !absl::StartsWith(*line, kServing)) {
    throw std::runtime_error("the server does not serve: " + line.value_or("it ended"));
  }
  endpoint_ = line->substr(sizeof(kServing) - 1);
}

ServerProcess::~ServerProcess() {
  if (serves_) {
    EXPECT_EQ(Stop(), 0);
  }
}

int ServerProcess::Stop() {
  serves_ = false;
  child_.Terminate();
  return child_.Wait();
}

void ServerProcess::Kill() {
  serves_ = false;
  child_.Kill();
  child_.Wait();
}

ProgramRun ServerProcess::Await() {
  serves_ = false;
  return ReadToTheEnd(child_);
}

ProgramRun RunProgram(std::vector<std::string> command) {
  Child child(std::move(command), Child::Reads::kStdoutAndStderr);
  return ReadToTheEnd(child);
}

ProgramRun RunRefusedServer(const std::vector<std::string>& flags, std::vector<std::string> under) {
  under.emplace_back(OWO_SERVER);
  under.insert(under.end(), flags.begin(), flags.end());
  Child child(std::move(under), Child::Reads::kStdoutAndStderr);
  ProgramRun run;
  while (const std::optional<std::string> line = child.ReadLine()) {
    run.output += *line + "\n";
    if (absl::StartsWith(*line, kServing)) child.Kill();
  }
  run.exit_status = child.Wait();
  return run;
}

}  // namespace owo
