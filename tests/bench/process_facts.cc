#include "tests/bench/process_facts.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace owo::bench {
namespace {

std::string ReadAll(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) throw std::runtime_error("cannot read " + path);
  return text.str();
}

// Returns the rest of the line that begins with `name` and a colon; "" if there is no such line.
std::string FieldIn(const std::string& path, std::string_view name) {
  std::istringstream lines(ReadAll(path));
  for (std::string line; std::getline(lines, line);) {
    const size_t colon = line.find(':');
    if (!line.starts_with(name) || colon == std::string::npos) continue;
    return std::string(absl::StripAsciiWhitespace(line.substr(colon + 1)));
  }
  return "";
}

// Returns the busy time of all cores since boot.
absl::Duration BusyTime() {
  std::istringstream fields(ReadAll("/proc/stat"));
  std::string name;
  int64_t user = 0;
  int64_t nice = 0;
  int64_t kernel = 0;
  fields >> name >> user >> nice >> kernel;
  if (!fields) throw std::runtime_error("cannot tell how busy the machine is");
  return absl::Seconds(user + nice + kernel) / sysconf(_SC_CLK_TCK);
}

}  // namespace

absl::Duration CpuTime(pid_t pid) {
  const std::string stat = ReadAll(absl::StrCat("/proc/", pid, "/stat"));
  // After the name, which may contain anything, the fields are numbered from 3. Fields 14 and 15
  // are the CPU times.
  std::istringstream fields(stat.substr(stat.rfind(')') + 1));
  std::string skipped;
  for (int i = 3; i < 14; ++i) fields >> skipped;
  int64_t user = 0;
  int64_t kernel = 0;
  fields >> user >> kernel;
  if (!fields) throw std::runtime_error(absl::StrCat("cannot tell the CPU time of ", pid));
  return absl::Seconds(user + kernel) / sysconf(_SC_CLK_TCK);
}

absl::Duration OwnCpuTime() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return absl::DurationFromTimeval(usage.ru_utime) + absl::DurationFromTimeval(usage.ru_stime);
}

double PeakRssMib(pid_t pid) {
  const std::string peak = FieldIn(absl::StrCat("/proc/", pid, "/status"), "VmHWM");
  if (peak.empty()) throw std::runtime_error(absl::StrCat("cannot tell the memory of ", pid));
  return std::stod(peak) / 1024;
}

uint64_t BytesIn(const std::string& directory) {
  uint64_t bytes = 0;
  std::error_code gone;  // files appear and disappear while the server works
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    const uint64_t size = entry.is_regular_file(gone) ? entry.file_size(gone) : 0;
    if (!gone) bytes += size;
  }
  return bytes;
}

double BytesPerEvent(const std::string& directory, uint64_t before, uint64_t events) {
  const double grown = static_cast<double>(BytesIn(directory)) - static_cast<double>(before);
  return grown / static_cast<double>(events);
}

double BusyCores(absl::Duration duration) {
  const absl::Duration before = BusyTime();
  absl::SleepFor(duration);
  return absl::FDivDuration(BusyTime() - before, duration);
}

std::string ProcessorName() { return FieldIn("/proc/cpuinfo", "model name"); }

}  // namespace owo::bench
