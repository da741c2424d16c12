#include "service/rpc/fields.h"

#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "service/rating/zone.h"
#include "service/rpc/characters.h"

namespace owo::rpc {
namespace {

constexpr Length kSlug = {1, 64};
constexpr size_t kCustomerMax = 254;
constexpr size_t kRequestIdMax = 64;  // characters
constexpr size_t kMetadataMax = 50;
constexpr size_t kMetadataValueMax = 512;
constexpr Length kKey = {1, 64};
constexpr size_t kPageSizeDefault = 50;
constexpr int64_t kYear10000 = 253'402'300'800;  // seconds since 1970
constexpr int32_t kNanosPerSecond = 1'000'000'000;

std::string Bounds(Length length) {
  if (length.min == 0) return absl::StrCat("at most ", length.max, " bytes");
  return absl::StrCat(length.min, "–", length.max, " bytes");
}

bool IsSlugChar(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

bool IsSlug(std::string_view text) {
  return text.size() >= kSlug.min && text.size() <= kSlug.max && text[0] != '-' && text[0] != '_' &&
         std::all_of(text.begin(), text.end(), IsSlugChar);
}

}  // namespace

std::string Quoted(std::string_view text) {
  constexpr size_t kShown = 40;
  const std::string_view shown = text.substr(0, kShown);
  return absl::StrCat("\"", absl::CHexEscape(absl::string_view(shown.data(), shown.size())),
                      shown.size() < text.size() ? "…" : "", "\"");
}

void Violations::Add(std::string field, std::string description) {
  if (list_.size() < kKept) list_.push_back({std::move(field), std::move(description)});
}

absl::Status Violations::ToStatus() const { return ledger::RefuseFields(list_); }

Fields Fields::In(std::string_view field) const { return Fields(violations_, PathOf(field)); }

Fields Fields::In(std::string_view field, size_t index) const {
  return Fields(violations_, absl::StrCat(PathOf(field), "[", index, "]"));
}

std::string Fields::PathOf(std::string_view field) const {
  if (path_.empty()) return std::string(field);
  return path_ + "." + std::string(field);
}

void Fields::Wrong(std::string_view field, std::string_view description) {
  violations_.Add(PathOf(field), std::string(description));
}

void Fields::CheckLength(std::string_view field, std::string_view value, Length length) {
  if (value.empty() && length.min > 0) {
    Wrong(field, absl::StrCat("required: want ", Bounds(length)));
  } else if (value.size() < length.min || value.size() > length.max) {
    Wrong(field, absl::StrCat("got ", value.size(), " bytes, want ", Bounds(length)));
  }
}

std::string Fields::Text(std::string_view field, std::string_view value, Length length) {
  CheckLength(field, value, length);
  return std::string(value);
}

std::string Fields::Printable(std::string_view field, std::string_view value, Length length) {
  if (HasControls(value) || HasInvisible(value)) {
    Wrong(field, absl::StrCat("got ", Quoted(value),
                              ", want no control, format, separator or private-use characters"));
  } else if (value.starts_with(' ') || value.ends_with(' ')) {
    Wrong(field, absl::StrCat("got ", Quoted(value), ", want no space at either end"));
  }
  return Text(field, value, length);
}

void Fields::CheckOpaque(std::string_view field, std::string_view value, Length length) {
  CheckLength(field, value, length);
  if (HasControls(value)) {
    Wrong(field, absl::StrCat("got ", Quoted(value), ", want no control characters"));
  }
}

std::string Fields::TimeZone(std::string_view field, std::string_view value) {
  if (value.empty()) return "UTC";
  if (const auto zone = rating::LoadZone(value); !zone.ok()) {
    const absl::string_view why = zone.status().message();
    Wrong(field, std::string_view(why.data(), why.size()));
  }
  return std::string(value);
}

std::string Fields::Slug(std::string_view field, std::string_view value, bool required) {
  if (value.empty() && !required) return "";
  if (!IsSlug(value)) {
    Wrong(field, absl::StrCat(value.empty() ? "required" : absl::StrCat("got ", Quoted(value)),
                              ", want a slug of 1–64 characters: a–z, 0–9, \"-\" and \"_\", the "
                              "first a letter or digit"));
  }
  return std::string(value);
}

std::string Fields::Customer(std::string_view field, std::string_view value, bool required) {
  return Text(field, value, {required ? 1U : 0U, kCustomerMax});
}

std::string Fields::Email(std::string_view field, const std::string& value) {
  if (value.empty()) return value;
  const size_t at = value.find('@');
  const bool one_inside = at != std::string::npos && at > 0 && at + 1 < value.size() &&
                          value.find('@', at + 1) == std::string::npos;
  if (!one_inside) {
    Wrong(field, absl::StrCat("got ", Quoted(value), ", want one \"@\" inside"));
  }
  return Printable(field, value, {0, kCustomerMax});
}

std::string Fields::RequestId(const std::string& value) {
  if (CountCharacters(value) > kRequestIdMax) {
    Wrong("request_id", absl::StrCat("got ", CountCharacters(value), " characters, want 1–64"));
  }
  if (HasControls(value)) {
    Wrong("request_id", absl::StrCat("got ", Quoted(value), ", want no control characters"));
  }
  return value;
}

rating::Decimal Fields::Decimal(std::string_view field, std::string_view text,
                                const DecimalBounds& bounds) {
  const absl::StatusOr<rating::Decimal> value = rating::Decimal::Parse(text);
  if (!value.ok()) {
    Wrong(field,
          absl::StrCat("got ", Quoted(text),
                       ", want a decimal number such as \"12.5\" with at most 12 digits after "
                       "the point, zeros at the end not counted, ",
                       std::string(bounds.words)));
    return {};
  }
  if (*value < bounds.min || *value > bounds.max) {
    Wrong(field, absl::StrCat("got ", value->ToString(), ", want ", std::string(bounds.words)));
  }
  return *value;
}

storage::Micros Fields::Time(std::string_view field, const google::protobuf::Timestamp& time) {
  const bool valid = time.seconds() >= 0 && time.seconds() < kYear10000 && time.nanos() >= 0 &&
                     time.nanos() < kNanosPerSecond;
  if (!valid) {
    Wrong(field, absl::StrCat("got ", time.seconds(), " seconds and ", time.nanos(),
                              " nanoseconds, want a time in the years 1970 to 9999"));
    return 0;
  }
  return time.seconds() * 1'000'000 + time.nanos() / 1000;
}

size_t Fields::PageSize(int32_t value, int32_t max) {
  if (value < 0 || value > max) {
    Wrong("page_size", absl::StrCat("got ", value, ", want 0–", max));
    return 0;
  }
  return value == 0 ? kPageSizeDefault : static_cast<size_t>(value);
}

std::string Fields::PageToken(const PageTokens& tokens, const std::string& token,
                              bool (*valid)(const std::string& cursor)) {
  std::optional<std::string> cursor = tokens.Read(token);
  if (cursor.has_value() && (cursor->empty() || valid(*cursor))) return *std::move(cursor);
  Wrong("page_token", absl::StrCat("got ", Quoted(token),
                                   ", want the next_page_token of a call with the same fields"));
  return "";
}

void Fields::CheckMap(std::string_view field, const TextMap& map, size_t entries_max,
                      size_t value_max) {
  if (map.size() > entries_max) {
    Wrong(field, absl::StrCat("got ", map.size(), " entries, want at most ", entries_max));
    return;
  }
  for (const auto& [key, value] : map) {
    if (key.size() < kKey.min || key.size() > kKey.max) {
      Wrong(field, absl::StrCat("got a key of ", key.size(), " bytes, want ", Bounds(kKey)));
    }
    if (value.size() > value_max) {
      Wrong(field, absl::StrCat("got ", value.size(), " bytes for the key ", Quoted(key),
                                ", want at most ", value_max));
    }
  }
}

std::map<std::string, std::string> Fields::Metadata(std::string_view field, const TextMap& map) {
  CheckMap(field, map, kMetadataMax, kMetadataValueMax);
  return {map.begin(), map.end()};
}

}  // namespace owo::rpc
