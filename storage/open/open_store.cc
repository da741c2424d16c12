#include "storage/open/open_store.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "storage/util/try.h"

namespace owo::storage {
namespace {

bool IsKindName(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '+' || c == '-';
  });
}

absl::Status Malformed(std::string_view url, std::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("the store \"", std::string(url), "\" ",
                                                 std::string(why), ": want ", kRocksKind,
                                                 ":DIR, or DIR"));
}

}  // namespace

absl::StatusOr<StoreUrl> ParseStoreUrl(std::string_view url) {
  StoreUrl parsed{.place = std::string(url)};
  const size_t colon = url.find(':');
  if (colon != std::string_view::npos && IsKindName(url.substr(0, colon))) {
    parsed = {std::string(url.substr(0, colon)), std::string(url.substr(colon + 1))};
  }
  if (parsed.kind != kRocksKind) {
    return Malformed(url, absl::StrCat("has the unknown kind \"", parsed.kind, "\""));
  }
  if (parsed.place.empty()) return Malformed(url, "has no directory");
  return parsed;
}

absl::StatusOr<std::unique_ptr<Store>> OpenStore(std::string_view url, OpenOptions options) {
  OWO_TRY(StoreUrl parsed, ParseStoreUrl(url));
  options.data_dir = std::move(parsed.place);
  return OpenRocksStore(std::move(options));
}

}  // namespace owo::storage
