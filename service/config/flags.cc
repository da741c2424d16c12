#include "service/config/flags.h"

#include <algorithm>
#include <cstdlib>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "service/config/config_file.h"

namespace owo::config {
namespace {

constexpr std::string_view kConfigFlag = "config";

std::string Dashed(std::string_view name) { return absl::StrCat("--", std::string(name)); }

// How many insertions, deletions and replacements of one character make `a` out of `b`.
size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

const ParsedFlags::Flag& ParsedFlags::Find(std::string_view name) const {
  const auto flag = std::ranges::find(flags_, name, [](const Flag& it) { return it.spec->name; });
  if (flag == flags_.end()) std::abort();
  return *flag;
}

const std::string& ParsedFlags::Text(std::string_view name) const { return Find(name).value; }

bool ParsedFlags::Switch(std::string_view name) const { return Text(name) == "true"; }

int64_t ParsedFlags::Number(std::string_view name) const {
  int64_t number = 0;
  if (!absl::SimpleAtoi(Text(name), &number)) std::abort();
  return number;
}

absl::Duration ParsedFlags::Duration(std::string_view name) const {
  absl::Duration duration;
  if (!absl::ParseDuration(Text(name), &duration)) std::abort();
  return duration;
}

bool ParsedFlags::IsGiven(std::string_view name) const { return !Find(name).origin.empty(); }

std::string ParsedFlags::OriginOf(std::string_view name) const {
  const Flag& flag = Find(name);
  return flag.origin.empty() ? Dashed(name) : flag.origin;
}

void ParsedFlags::AddMistake(std::string_view name, std::string_view what) {
  AddLine(absl::StrCat(OriginOf(name), ": ", std::string(what)));
}

void ParsedFlags::AddLine(std::string_view text) {
  mistakes_.push_back(absl::StrReplaceAll({text.data(), text.size()}, {{"\n", " "}}));
}

std::vector<EffectiveFlag> ParsedFlags::Effective() const {
  std::vector<EffectiveFlag> effective;
  for (const Flag& flag : flags_) {
    effective.push_back({std::string(flag.spec->name), flag.value, flag.origin,
                         flag.value == flag.spec->default_value});
  }
  return effective;
}

// Sets flags from one source after another, the strongest first: a flag that is set stays.
class FlagParser {
 public:
  FlagParser(const FlagTable& table, unsigned command) : table_(table) {
    for (const FlagSpec& spec : table.flags) {
      if ((spec.commands & command) == 0) continue;
      parsed_.flags_.push_back({&spec, std::string(spec.default_value), ""});
    }
  }

  ParsedFlags Parse(const FlagSources& sources) {
    ReadArguments(sources.arguments);
    ReadEnvironment(sources.environment);
    const ParsedFlags::Flag* const config = FlagOf(kConfigFlag);
    if (config != nullptr && !config->value.empty()) ReadFile(config->value);
    return std::move(parsed_);
  }

 private:
  // The command's flag of this name; null if it has none.
  ParsedFlags::Flag* FlagOf(std::string_view name) {
    for (ParsedFlags::Flag& flag : parsed_.flags_) {
      if (flag.spec->name == name) return &flag;
    }
    return nullptr;
  }

  bool IsOfAnyCommand(std::string_view name) const {
    return std::ranges::any_of(table_.flags,
                               [&](const FlagSpec& flag) { return flag.name == name; });
  }

  void AddMistake(const std::string& origin, const std::string& what) {
    parsed_.AddLine(absl::StrCat(origin, ": ", what));
  }

  // The flag of the command whose name is most like `name`, with `before` in front, as a question;
  // "" if none is like it.
  std::string Suggestion(std::string_view name, std::string_view before, bool upper) const {
    constexpr size_t kTyposMax = 2;
    size_t least = kTyposMax + 1;
    std::string nearest;
    for (const auto& flag : parsed_.flags_) {
      const size_t distance = EditDistance(name, flag.spec->name);
      if (distance >= least || distance >= name.size()) continue;
      least = distance;
      nearest = std::string(flag.spec->name);
    }
    if (nearest.empty()) return "";
    return absl::StrCat("; did you mean ", std::string(before),
                        upper ? absl::AsciiStrToUpper(nearest) : nearest, "?");
  }

  void Set(ParsedFlags::Flag& flag, const std::string& origin, const std::string& text) {
    const absl::Status status = ParseValue(*flag.spec, text, flag.value);
    if (!status.ok()) AddMistake(origin, std::string(status.message()));
    flag.origin = origin;
  }

  // Sets the flag unless a stronger source did. The value is checked in any case.
  void SetIfUnset(ParsedFlags::Flag& flag, const std::string& origin, const std::string& text) {
    ParsedFlags::Flag overridden = flag;
    Set(flag.origin.empty() ? flag : overridden, origin, text);
  }

  // A flag may be given several times: the last value holds, and the others are checked, too.
  void ReadArguments(const std::vector<std::string>& arguments) {
    for (size_t i = 0; i < arguments.size(); ++i) {
      const std::string& argument = arguments[i];
      if (!argument.starts_with("--")) {
        AddMistake(absl::StrCat("\"", argument, "\""), "unexpected argument");
        continue;
      }
      const size_t equals = argument.find('=');
      const bool has_value = equals != std::string::npos;
      const std::string name = argument.substr(2, has_value ? equals - 2 : equals);
      ParsedFlags::Flag* flag = FlagOf(name);
      std::string value = has_value ? argument.substr(equals + 1) : "true";
      if (flag == nullptr && !has_value && name.starts_with("no")) {
        flag = FlagOf(name.substr(2));
        if (flag != nullptr && !IsSwitch(*flag)) flag = nullptr;
        value = "false";
      }
      if (flag == nullptr) {
        AddMistake(Dashed(name), IsOfAnyCommand(name)
                                     ? "is a flag of another command"
                                     : "unknown flag" + Suggestion(name, "--", false));
        continue;
      }
      if (!has_value && !IsSwitch(*flag)) {
        if (++i == arguments.size()) return AddMistake(Dashed(name), "wants a value");
        value = arguments[i];
      }
      Set(*flag, Dashed(flag->spec->name), value);
    }
  }

  static bool IsSwitch(const ParsedFlags::Flag& flag) {
    return flag.spec->type == FlagType::kSwitch;
  }

  void ReadEnvironment(const std::vector<std::string>& environment) {
    for (const std::string& entry : environment) {
      if (!entry.starts_with(table_.variable_prefix)) continue;
      const std::string variable = entry.substr(0, entry.find('='));
      if (std::ranges::find(table_.secret_variables, std::string_view(variable)) !=
          table_.secret_variables.end()) {
        continue;
      }
      const std::string name =
          absl::AsciiStrToLower(variable.substr(table_.variable_prefix.size()));
      const bool in_upper_case = absl::AsciiStrToUpper(variable) == variable;
      ParsedFlags::Flag* const flag = FlagOf(name);
      if (!in_upper_case || !IsOfAnyCommand(name)) {
        AddMistake(variable, absl::StrCat("no flag has this variable",
                                          Suggestion(name, table_.variable_prefix, true)));
      } else if (flag != nullptr) {
        SetIfUnset(*flag, variable, entry.substr(std::min(variable.size() + 1, entry.size())));
      }
    }
  }

  void ReadFile(const std::string& path) {
    const ConfigFile file = ReadConfigFile(path);
    for (const std::string& mistake : file.mistakes) parsed_.AddLine(mistake);
    std::map<std::string, int> lines;
    for (const ConfigEntry& entry : file.entries) {
      const std::string at = absl::StrCat(path, ":", entry.line);
      const auto [former, is_new] = lines.emplace(entry.key, entry.line);
      const std::string origin = absl::StrCat(at, ": ", entry.key);
      ParsedFlags::Flag* const flag = FlagOf(entry.key);
      if (!IsOfAnyCommand(entry.key)) {
        AddMistake(origin, absl::StrCat("unknown flag", Suggestion(entry.key, "", false)));
      } else if (entry.key == kConfigFlag) {
        AddMistake(origin, "a file cannot name another file");
      } else if (!is_new) {
        AddMistake(origin, absl::StrCat("is already in line ", former->second));
      } else if (flag != nullptr) {
        SetIfUnset(*flag, origin, entry.value);
      }
    }
  }

  const FlagTable& table_;
  ParsedFlags parsed_;
};

ParsedFlags ParseFlags(const FlagTable& table, unsigned command, const FlagSources& sources) {
  return FlagParser(table, command).Parse(sources);
}

}  // namespace owo::config
