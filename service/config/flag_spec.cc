#include "service/config/flag_spec.h"

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "storage/util/try.h"

namespace owo::config {
namespace {

absl::Status Want(const std::string& text, const std::string& wanted) {
  return absl::InvalidArgumentError(absl::StrCat("got \"", text, "\", want ", wanted));
}

std::string NumberText(const FlagSpec& flag, int64_t value) {
  return flag.type == FlagType::kDuration ? absl::FormatDuration(absl::Seconds(value))
                                          : absl::StrCat(value);
}

std::string WantedText(const FlagSpec& flag) {
  if (flag.type == FlagType::kSwitch) return "true or false";
  const std::string bounds = BoundsText(flag);
  if (flag.type == FlagType::kNumber) return absl::StrCat("a whole number, ", bounds);
  return absl::StrCat("a duration such as 24h or 1m30s, ", bounds);
}

absl::Status ParseTyped(const FlagSpec& flag, const std::string& text, std::string& value) {
  switch (flag.type) {
    case FlagType::kText:
      value = text;
      return absl::OkStatus();
    case FlagType::kSwitch: {
      bool on = false;
      if (!absl::SimpleAtob(text, &on)) return Want(text, WantedText(flag));
      value = on ? "true" : "false";
      return absl::OkStatus();
    }
    case FlagType::kNumber: {
      int64_t number = 0;
      if (!absl::SimpleAtoi(text, &number) || number < flag.min || number > flag.max) {
        return Want(text, WantedText(flag));
      }
      value = absl::StrCat(number);
      return absl::OkStatus();
    }
    case FlagType::kDuration: {
      absl::Duration duration;
      if (!absl::ParseDuration(text, &duration) || duration < absl::Seconds(flag.min) ||
          duration > absl::Seconds(flag.max)) {
        return Want(text, WantedText(flag));
      }
      value = absl::FormatDuration(duration);
      return absl::OkStatus();
    }
  }
  return absl::InternalError("unknown type of flag");
}

}  // namespace

std::string VariableOf(const FlagTable& table, const FlagSpec& flag) {
  return absl::StrCat(std::string(table.variable_prefix),
                      absl::AsciiStrToUpper(std::string(flag.name)));
}

absl::Status ParseValue(const FlagSpec& flag, const std::string& text, std::string& value) {
  std::string parsed;
  OWO_RETURN_IF_ERROR(ParseTyped(flag, text, parsed));
  if (flag.check != nullptr) OWO_RETURN_IF_ERROR(flag.check(parsed));
  value = std::move(parsed);
  return absl::OkStatus();
}

std::string BoundsText(const FlagSpec& flag) {
  if (flag.type != FlagType::kNumber && flag.type != FlagType::kDuration) return "";
  return absl::StrCat(NumberText(flag, flag.min), " to ", NumberText(flag, flag.max));
}

}  // namespace owo::config
