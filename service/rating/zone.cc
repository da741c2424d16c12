#include "service/rating/zone.h"

#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "service/rating/check.h"

namespace owo::rating {
namespace {

constexpr size_t kNameMax = 64;
constexpr std::string_view kExample = "Africa/Lagos";

// Whether `name` has the form of an IANA name: parts that begin with an upper-case letter,
// separated by slashes. Abseil also accepts file names, fixed offsets and the machine's own
// "localtime". None of them is a customer's time zone, and callers must not name files to open.
bool IsZoneName(std::string_view name) {
  if (name.empty() || name.size() > kNameMax) return false;
  bool at_start = true;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (at_start ? !absl::ascii_isupper(byte)
                 : !absl::ascii_isalnum(byte) && c != '_' && c != '-' && c != '+' && c != '/') {
      return false;
    }
    at_start = c == '/';
  }
  return !at_start;
}

// The directory in which Abseil looks for the tz database.
std::string DatabasePath() {
  const char* const given = std::getenv("TZDIR");
  return given != nullptr && *given != '\0' ? given : "/usr/share/zoneinfo";
}

// Whether the tz database has a file of this name. Abseil caches every name that it was asked for,
// found or not, and never evicts it: names that do not exist must not reach it.
bool IsInDatabase(std::string_view name) {
  std::error_code error;
  return std::filesystem::is_regular_file(DatabasePath().append("/").append(name), error);
}

bool Load(std::string_view name, absl::TimeZone& zone) {
  return IsZoneName(name) && IsInDatabase(name) &&
         absl::LoadTimeZone(absl::string_view(name.data(), name.size()), &zone);
}

// The name of a zone that LoadZone() accepts, for error messages.
std::string_view Example() {
  absl::TimeZone zone;
  return Load(kExample, zone) ? kExample : "UTC";
}

}  // namespace

absl::StatusOr<absl::TimeZone> LoadZone(std::string_view name) {
  if (name == "UTC") return absl::UTCTimeZone();
  absl::TimeZone zone;
  if (Load(name, zone)) return zone;
  const std::string_view quoted = name.substr(0, kNameMax);
  return absl::InvalidArgumentError(absl::StrCat(
      "got \"", absl::CHexEscape(absl::string_view(quoted.data(), quoted.size())),
      quoted.size() < name.size() ? "..." : "",
      "\", want a time zone of the IANA database, such as \"", std::string(Example()), "\""));
}

absl::Status CheckZoneDatabase() {
  absl::TimeZone zone;
  if (Load(kExample, zone)) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "there is no database of time zones in ", DatabasePath(), " (", std::string(kExample),
      " cannot be loaded): install tzdata, or set TZDIR to a directory that has it"));
}

void Zones::ChangeTo(absl::TimeZone zone, absl::Time since) {
  Check(since != absl::InfinitePast() && since != absl::InfiniteFuture() &&
            since >= history_.back().since,
        "Zones: changes must be finite and in the order of time");
  history_.push_back({since, zone});
}

}  // namespace owo::rating
