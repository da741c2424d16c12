#include "service/access/key_text.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <sys/random.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "service/rating/check.h"

namespace owo::access {
namespace {

constexpr std::string_view kLivePrefix = "owo_sk_live_";
constexpr std::string_view kTestPrefix = "owo_sk_test_";
static_assert(kLivePrefix.size() == kKeyPrefixSize && kTestPrefix.size() == kKeyPrefixSize);

constexpr std::string_view kDigits =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr uint32_t kBase = 62;
static_assert(kDigits.size() == kBase);

bool IsDigit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

// The big-endian number `bytes` in `digits` digits, which must be enough.
std::string ToBase62(std::vector<uint8_t> bytes, size_t digits) {
  std::string text(digits, kDigits[0]);
  for (size_t at = digits; at-- > 0;) {
    uint32_t remainder = 0;
    for (uint8_t& byte : bytes) {
      const uint32_t value = remainder << 8 | byte;
      byte = static_cast<uint8_t>(value / kBase);
      remainder = value % kBase;
    }
    text[at] = kDigits[remainder];
  }
  rating::Check(std::ranges::all_of(bytes, [](uint8_t byte) { return byte == 0; }),
                "a number has more digits");
  return text;
}

// The CRC-32 of IEEE 802.3, as in gzip.
uint32_t Crc32(std::string_view bytes) {
  constexpr uint32_t kPolynomial = 0xEDB88320;
  uint32_t crc = ~uint32_t{0};
  for (const char c : bytes) {
    crc ^= static_cast<uint8_t>(c);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((crc & 1U) != 0 ? kPolynomial : 0U);
  }
  return ~crc;
}

std::string ChecksumOf(std::string_view text) {
  const uint32_t crc = Crc32(text);
  return ToBase62({static_cast<uint8_t>(crc >> 24), static_cast<uint8_t>(crc >> 16),
                   static_cast<uint8_t>(crc >> 8), static_cast<uint8_t>(crc)},
                  kKeyChecksumSize);
}

// A context of each thread: making one, and looking up the algorithm, takes longer than the hash.
struct Hasher {
  struct Free {
    void operator()(EVP_MD* algorithm) const { EVP_MD_free(algorithm); }
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD, Free> algorithm{EVP_MD_fetch(nullptr, "SHA256", nullptr)};
  std::unique_ptr<EVP_MD_CTX, Free> context{EVP_MD_CTX_new()};
};

}  // namespace

std::string MakeKeyText(KeyMode mode, std::span<const uint8_t, kKeyRandomBytes> random) {
  const auto id = random.first<kKeyIdRandomBytes>();
  const auto secret = random.last<kKeySecretRandomBytes>();
  const std::string text =
      absl::StrCat(std::string(mode == KeyMode::kLive ? kLivePrefix : kTestPrefix),
                   ToBase62({id.begin(), id.end()}, kKeyIdSize),
                   ToBase62({secret.begin(), secret.end()}, kKeySecretSize));
  return text + ChecksumOf(text);
}

std::optional<KeyText> ParseKeyText(std::string_view text) {
  if (text.size() != kKeyTextSize) return std::nullopt;
  const bool is_live = text.starts_with(kLivePrefix);
  if (!is_live && !text.starts_with(kTestPrefix)) return std::nullopt;
  if (!std::all_of(text.begin() + kKeyPrefixSize, text.end(), IsDigit)) return std::nullopt;
  return KeyText{.mode = is_live ? KeyMode::kLive : KeyMode::kTest,
                 .id = text.substr(kKeyPrefixSize, kKeyIdSize)};
}

bool HasKeyChecksum(std::string_view text) {
  if (!ParseKeyText(text).has_value()) return false;
  const size_t end = kKeyTextSize - kKeyChecksumSize;
  return ChecksumOf(text.substr(0, end)) == text.substr(end);
}

bool IsKeyId(std::string_view text) {
  return text.size() == kKeyIdSize && std::ranges::all_of(text, IsDigit);
}

KeyHash HashKey(std::string_view text) {
  thread_local const Hasher hasher;
  KeyHash hash{};
  const bool hashed =
      EVP_DigestInit_ex2(hasher.context.get(), hasher.algorithm.get(), nullptr) == 1 &&
      EVP_DigestUpdate(hasher.context.get(), text.data(), text.size()) == 1 &&
      EVP_DigestFinal_ex(hasher.context.get(), hash.data(), nullptr) == 1;
  rating::Check(hashed, "OpenSSL has no SHA-256");
  return hash;
}

bool IsHash(const KeyHash& hash, std::string_view stored) {
  return stored.size() == hash.size() &&
         CRYPTO_memcmp(hash.data(), stored.data(), hash.size()) == 0;
}

absl::Status KernelRandom(std::span<uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t got = getrandom(bytes.data(), bytes.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return absl::InternalError(absl::StrCat("getrandom: error ", errno));
    bytes = bytes.subspan(static_cast<size_t>(got));
  }
  return absl::OkStatus();
}

}  // namespace owo::access
