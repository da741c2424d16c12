#include "tests/architecture/text_rules.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "tests/architecture/code_only.h"

namespace owo::architecture {
namespace {

constexpr size_t kLinesMax = 500;
constexpr size_t kLineLengthMax = 100;

// Files that may be longer than kLinesMax, each with its reason.
constexpr std::array<std::string_view, 0> kLongFiles = {};

bool IsIn(const SourceFile& file, std::initializer_list<std::string_view> directories) {
  return std::any_of(directories.begin(), directories.end(),
                     [&](std::string_view directory) { return file.path.starts_with(directory); });
}

bool IsCode(const SourceFile& file) { return HasExtension(file, {".h", ".cc"}); }

// Returns one violation for each of `words` in a line of code.
Violations FindInCode(const SourceFile& file, std::initializer_list<std::string_view> words,
                      std::string_view reason) {
  Violations violations;
  const std::string code = CodeOnly(file.text);
  const std::vector<std::string_view> lines = Lines(code);
  for (size_t i = 0; i < lines.size(); ++i) {
    for (const std::string_view word : words) {
      if (!HasWord(lines[i], word)) continue;
      violations.push_back(At(file, i + 1, std::string(word) + ": " + std::string(reason)));
    }
  }
  return violations;
}

std::string GuardOf(std::string_view path) {
  std::string guard = "OWO_";
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    guard += std::isalnum(byte) != 0 ? static_cast<char>(std::toupper(byte)) : '_';
  }
  return guard + "_";
}

// Counts characters; in UTF-8 a character may take several bytes.
size_t Width(std::string_view line) {
  return std::count_if(line.begin(), line.end(),
                       [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; });
}

// Returns whether `line` contains an absolute path that starts with `root`, as "/root/" in "cd
// /root/a" but not in "docs/root/a".
bool HasPath(std::string_view line, std::string_view root) {
  constexpr std::string_view kInsidePath =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
      "0123456789_-.*/})";
  for (size_t at = line.find(root); at != std::string_view::npos; at = line.find(root, at + 1)) {
    if (at == 0 || kInsidePath.find(line[at - 1]) == std::string_view::npos) return true;
  }
  return false;
}

}  // namespace

Violations CheckNumbers(const SourceFile& file) {
  if (!IsCode(file) || !IsIn(file, {"service/rating/", "service/ledger/", "storage/"})) return {};
  return FindInCode(file, {"float", "double", "strtod", "stod", "SimpleAtod"},
                    "amounts and quantities are exact here");
}

Violations CheckThreads(const SourceFile& file) {
  const std::initializer_list<std::string_view> starters = {
      "storage/util/thread.", "client/cpp/internal/track_sender.", "tests/"};
  if (!IsCode(file) || IsIn(file, starters)) return {};
  return FindInCode(
      file, {"std::thread", "std::jthread", "std::async", "pthread_create"},
      "threads are started by storage/util/thread.h, and by the client's sender, only");
}

Violations CheckClocks(const SourceFile& file) {
  if (!IsCode(file) || !IsIn(file, {"service/ledger/"})) return {};
  if (IsIn(file, {"service/ledger/clock.h"})) return {};
  constexpr std::string_view kReason = "the time is CallContext::now() here";
  Violations violations = FindInCode(file,
                                     {"absl::Now", "absl::GetCurrentTimeNanos", "system_clock",
                                      "steady_clock", "clock_gettime", "gettimeofday"},
                                     kReason);
  if (IsIn(file, {"service/ledger/call_context.h", "service/ledger/ids."})) return violations;
  for (std::string& more : FindInCode(file, {"Clock", "SystemTime"}, kReason)) {
    violations.push_back(std::move(more));
  }
  return violations;
}

Violations CheckStderr(const SourceFile& file) {
  const std::initializer_list<std::string_view> writers = {
      "service/telemetry/text_log.cc", "service/main.cc", "service/rating/check.cc"};
  if (!IsCode(file) || !IsIn(file, {"service/", "storage/"}) || IsIn(file, writers)) return {};
  return FindInCode(file, {"std::cerr", "std::clog", "stderr", "STDERR_FILENO", "perror"},
                    "log lines go to a LogSink");
}

Violations CheckIncludeGuard(const SourceFile& file) {
  if (!HasExtension(file, {".h"})) return {};
  const std::string guard = GuardOf(file.path);
  if (file.text.find("#ifndef " + guard + "\n#define " + guard + "\n") == std::string::npos ||
      !file.text.ends_with("#endif  // " + guard + "\n")) {
    return {At(file, 1, "wants the include guard " + guard)};
  }
  return {};
}

Violations CheckLength(const SourceFile& file) {
  if (!HasExtension(file, {".h", ".cc", ".proto", ".ts", ".sh"}) && file.path != "dev") return {};
  Violations violations;
  const std::vector<std::string_view> lines = Lines(file.text);
  const bool may_be_long =
      std::find(kLongFiles.begin(), kLongFiles.end(), file.path) != kLongFiles.end();
  if (lines.size() > kLinesMax && !may_be_long) {
    violations.push_back(At(file, lines.size(), "more lines than " + std::to_string(kLinesMax)));
  }
  for (size_t i = 0; i < lines.size(); ++i) {
    if (Width(lines[i]) <= kLineLengthMax) continue;
    violations.push_back(At(file, i + 1, "longer than " + std::to_string(kLineLengthMax)));
  }
  return violations;
}

Violations CheckWords(const SourceFile& file) {
  constexpr std::array<std::string_view, 2> kPutOff = {"TODO", "FIXME"};
  constexpr std::array<std::string_view, 3> kPaths = {"/home/", "/root/", "/work/"};
  constexpr std::array<std::string_view, 4> kHosts = {"://registry.", "://deb.", "://pypi.",
                                                      "\"resolved\":"};
  // This file and its test contain the forbidden words.
  if (file.path.starts_with("tests/architecture/text_rules")) return {};
  Violations violations;
  const std::vector<std::string_view> lines = Lines(file.text);
  const auto add = [&](size_t i, std::string_view what, std::string_view word) {
    violations.push_back(At(file, i + 1, std::string(what).append(word)));
  };
  for (size_t i = 0; i < lines.size(); ++i) {
    for (const std::string_view word : kPutOff) {
      if (HasWord(lines[i], word)) add(i, "put off: ", word);
    }
    for (const std::string_view path : kPaths) {
      if (HasPath(lines[i], path)) add(i, "absolute path: ", path);
    }
    for (const std::string_view host : kHosts) {
      if (lines[i].find(host) != std::string_view::npos) add(i, "package registry: ", host);
    }
  }
  return violations;
}

}  // namespace owo::architecture
