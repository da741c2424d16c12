#include "storage/verify.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/util/printable.h"

namespace owo::storage {
namespace {

constexpr size_t kNameWidth = 24;
constexpr size_t kCountWidth = 12;

std::string DifferencesText(uint64_t differences) {
  return absl::StrCat(differences, differences == 1 ? " difference" : " differences");
}

}  // namespace

VerifyReport::Kind& VerifyReport::Of(std::string_view name) {
  const auto found = std::find_if(kinds_.begin(), kinds_.end(),
                                  [name](const Kind& kind) { return kind.name == name; });
  if (found != kinds_.end()) return *found;
  return kinds_.emplace_back(Kind{.name = std::string(name)});
}

void VerifyReport::Differs(std::string_view kind, std::string what) {
  Kind& of = Of(kind);
  ++of.differences;
  if (of.described.size() < kDescribedMax) of.described.push_back(std::move(what));
}

uint64_t VerifyReport::differences() const {
  uint64_t sum = 0;
  for (const Kind& kind : kinds_) sum += kind.differences;
  return sum;
}

std::string VerifyReport::ToString() const {
  std::string text;
  for (const Kind& kind : kinds_) {
    const std::string compared = absl::StrCat(kind.compared);
    const size_t used = std::min(kNameWidth + kCountWidth, kind.name.size() + compared.size());
    absl::StrAppend(&text, kind.name, std::string(kNameWidth + kCountWidth - used, ' '), compared);
    if (kind.differences > 0) absl::StrAppend(&text, "  ", DifferencesText(kind.differences));
    absl::StrAppend(&text, "\n");
    for (const std::string& what : kind.described) {
      absl::StrAppend(&text, "    ", Printable(what), "\n");
    }
    const uint64_t others = kind.differences - kind.described.size();
    if (others > 0) absl::StrAppend(&text, "    and ", others, " more\n");
  }
  const uint64_t all = differences();
  absl::StrAppend(&text,
                  all == 0 ? "sound: what is stored is what the journal gives"
                           : absl::StrCat("not sound: ", DifferencesText(all)),
                  "\n");
  return text;
}

}  // namespace owo::storage
