// The text of an API key: how it is made, read and hashed. Pure, but for KernelRandom().
//
//   std::array<uint8_t, kKeyRandomBytes> random;
//   OWO_RETURN_IF_ERROR(KernelRandom(random));
//   const std::string text = MakeKeyText(KeyMode::kLive, random);
//   ParseKeyText(text)->id;                  // "2b7WfkzMmC4rQm"
//   HasKeyChecksum(text);                    // true: no character of it was mistyped
//
// Format, 75 characters:
//
//   owo_sk_live_      12, or owo_sk_test_
//   2b7WfkzMmC4rQm    14: the id, 80 random bits. It is public: shown, logged and looked up
//   (43 characters)   43: the secret, 256 random bits
//   1pZx0R            6: CRC-32 of all characters before
//
// Numbers are in base 62 with the digits 0–9, A–Z, a–z, the first digit first.

#ifndef OWO_SERVICE_ACCESS_KEY_TEXT_H_
#define OWO_SERVICE_ACCESS_KEY_TEXT_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace owo::access {

// Of the key's tenant.
enum class KeyMode : uint8_t { kLive, kTest };

inline constexpr size_t kKeyPrefixSize = 12;
inline constexpr size_t kKeyIdSize = 14;
inline constexpr size_t kKeySecretSize = 43;
inline constexpr size_t kKeyChecksumSize = 6;
inline constexpr size_t kKeyTextSize =
    kKeyPrefixSize + kKeyIdSize + kKeySecretSize + kKeyChecksumSize;

// What the prefixes of all modes have in common.
inline constexpr std::string_view kKeyPrefix = "owo_sk_";

inline constexpr size_t kKeyIdRandomBytes = 10;
inline constexpr size_t kKeySecretRandomBytes = 32;
inline constexpr size_t kKeyRandomBytes = kKeyIdRandomBytes + kKeySecretRandomBytes;

// The text of the key that these random bytes make.
std::string MakeKeyText(KeyMode mode, std::span<const uint8_t, kKeyRandomBytes> random);

// The parts of a text that has the form of a key. They refer to the text.
struct KeyText {
  KeyMode mode = KeyMode::kLive;
  std::string_view id;
};
// nullopt if `text` does not have the form of a key. Does not look at the secret and the checksum:
// whether those are right is told by the hash, and HasKeyChecksum() tells why they are not.
std::optional<KeyText> ParseKeyText(std::string_view text);
// Whether `text` has the form of a key and the checksum of its other characters.
bool HasKeyChecksum(std::string_view text);
// Whether `text` has the form of a key's id.
bool IsKeyId(std::string_view text);

// SHA-256. Of a text with 256 random bits, so no salt and no slow hash is needed.
using KeyHash = std::array<uint8_t, 32>;
KeyHash HashKey(std::string_view text);
// In a time that does not depend on where they differ. False if `stored` is not 32 bytes.
bool IsHash(const KeyHash& hash, std::string_view stored);

// Fills `bytes` with random ones of the kernel. Waits until the kernel has collected entropy, which
// is soon after it booted. INTERNAL if it has none to give.
absl::Status KernelRandom(std::span<uint8_t> bytes);

}  // namespace owo::access

#endif  // OWO_SERVICE_ACCESS_KEY_TEXT_H_
