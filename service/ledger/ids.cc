#include "service/ledger/ids.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace owo::ledger {
namespace {

constexpr std::string_view kInvoicePrefix = "inv_";

void Append(std::string& out, uint64_t value, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(value >> shift));
  }
}

bool IsLowerHex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

}  // namespace

IdSource::IdSource(Clock clock) : clock_(std::move(clock)), random_(std::random_device{}()) {
  const absl::MutexLock lock(&mutex_);
  random_.seed(random_() ^ static_cast<uint64_t>(clock_()) << 20 ^ std::random_device{}());
}

std::string IdSource::Next() {
  const uint64_t now_ms = static_cast<uint64_t>(clock_() / 1000);
  const absl::MutexLock lock(&mutex_);
  last_ = std::max(last_ + 1, now_ms << 12);
  std::string id;
  Append(id, last_ >> 12, 6);
  Append(id, 0x7000 | (last_ & 0xfff), 2);
  Append(id, (random_() >> 2) | uint64_t{1} << 63, 8);
  return id;
}

std::string InvoiceIdText(std::string_view id) {
  return absl::StrCat(std::string(kInvoicePrefix),
                      absl::BytesToHexString(absl::string_view(id.data(), id.size())));
}

std::optional<std::string> ParseInvoiceId(std::string_view text) {
  if (!text.starts_with(kInvoicePrefix)) return std::nullopt;
  text.remove_prefix(kInvoicePrefix.size());
  if (text.size() != 32 || !std::all_of(text.begin(), text.end(), IsLowerHex)) return std::nullopt;
  return absl::HexStringToBytes(absl::string_view(text.data(), text.size()));
}

std::string SubscriptionIdText(uint64_t customer, uint32_t subscription) {
  return absl::StrCat("sub_", customer, "_", subscription);
}

std::string InvoiceNumber(std::string_view series, uint64_t sequence) {
  if (sequence == 0) return "";
  return absl::StrCat(absl::string_view(series.data(), series.size()), "-",
                      absl::Dec(sequence, absl::kZeroPad6));
}

}  // namespace owo::ledger
