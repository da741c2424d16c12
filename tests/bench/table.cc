#include "tests/bench/table.h"

#include <google/protobuf/util/json_util.h>

#include <fstream>
#include <stdexcept>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace owo::bench {
namespace {

std::string VerdictName(Verdict verdict) {
  switch (verdict) {
    case VERDICT_MISSED:
      return "MISSED";
    case VERDICT_REACHED:
      return "reached";
    case VERDICT_WANTED:
      return "as wanted";
    default:
      return "";
  }
}

// Formats three significant digits, or all digits before the point; "-" if not measured.
std::string Number(double value) {
  if (value == 0) return "-";
  return value >= 100 ? absl::StrFormat("%.0f", value) : absl::StrFormat("%.3g", value);
}

std::string Line(const std::string& name, const Figures& figures, double disk_bytes,
                 double peak_rss_mib) {
  return absl::StrFormat("%-22s %10s %9s %9s %9s %8s %8s %7s %6s", name, Number(figures.rate()),
                         Number(figures.p50_us()), Number(figures.p99_us()),
                         Number(figures.p999_us()), Number(figures.server_cpu_us()),
                         Number(figures.client_cpu_us()), Number(disk_bytes), Number(peak_rss_mib));
}

}  // namespace

std::string TableHead() {
  return absl::StrFormat("%-22s %10s %9s %9s %9s %8s %8s %7s %6s  %s\n", "case", "rate /s",
                         "p50 us", "p99 us", "p999 us", "server", "load", "disk", "peak",
                         "criterion: got, must be (wanted)") +
         absl::StrFormat("%-22s %10s %9s %9s %9s %8s %8s %7s %6s\n", "", "", "", "", "", "CPU us",
                         "CPU us", "bytes", "MiB");
}

std::string TableLines(const Row& row) {
  std::string lines = absl::StrCat(
      "# ", row.what(), "\n", Line(row.name(), row.figures(), row.disk_bytes(), row.peak_rss_mib()),
      "  ", row.criterion(), ": ", Number(row.value()),
      row.at_most() ? " <= " : " >= ", Number(row.must()), " (", Number(row.want()), ") ",
      VerdictName(row.verdict()), "\n");
  for (const Ceiling& ceiling : row.ceilings()) {
    absl::StrAppend(&lines, Line("  | " + ceiling.name(), ceiling.figures(), 0, 0), "\n");
  }
  return lines;
}

void WriteJson(const Report& report, const std::string& path) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  options.always_print_primitive_fields = true;
  options.preserve_proto_field_names = true;
  std::string json;
  const auto status = google::protobuf::util::MessageToJsonString(report, &json, options);
  std::ofstream file(path);
  file << json;
  file.close();
  if (!status.ok() || !file) throw std::runtime_error("cannot write " + path);
}

}  // namespace owo::bench
