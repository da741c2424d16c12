#include "service/access/operator_key.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <fstream>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "storage/util/try.h"

namespace owo::access {
namespace {

int64_t NanosOf(const timespec& time) { return time.tv_sec * 1'000'000'000 + time.tv_nsec; }

absl::Status WrongKey(std::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(
      "the operator's key ", std::string(what), ": want ", kOperatorKeySizeMin, "–",
      kOperatorKeySizeMax, " characters of printable ASCII without spaces, not beginning with ",
      std::string(kKeyPrefix)));
}

}  // namespace

absl::StatusOr<KeyHash> OperatorKey::ReadKey(std::string_view text) {
  const absl::string_view stripped =
      absl::StripAsciiWhitespace(absl::string_view(text.data(), text.size()));
  const std::string_view key(stripped.data(), stripped.size());
  if (key.size() < kOperatorKeySizeMin) return WrongKey("is too short");
  if (key.size() > kOperatorKeySizeMax) return WrongKey("is too long");
  if (!std::ranges::all_of(key, [](unsigned char c) { return absl::ascii_isgraph(c); })) {
    return WrongKey("has other characters");
  }
  if (key.starts_with(kKeyPrefix)) return WrongKey("looks like an API key");
  return HashKey(key);
}

absl::StatusOr<KeyHash> OperatorKey::ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  // One more than a key may have, and room for white space around it.
  std::array<char, kOperatorKeySizeMax + 64> text{};
  file.read(text.data(), text.size());
  if (file.gcount() == 0) return WrongKey(absl::StrCat("cannot be read from ", path));
  absl::StatusOr<KeyHash> key = ReadKey({text.data(), static_cast<size_t>(file.gcount())});
  text.fill('\0');
  if (key.ok()) return key;
  return absl::InvalidArgumentError(absl::StrCat(path, ": ", key.status().message()));
}

OperatorKey::Version OperatorKey::VersionOf(const std::string& path) {
  struct stat file {};
  if (stat(path.c_str(), &file) != 0) return {};
  return {.device = static_cast<int64_t>(file.st_dev),
          .inode = static_cast<int64_t>(file.st_ino),
          .size = static_cast<int64_t>(file.st_size),
          .modified_ns = NanosOf(file.st_mtim),
          .changed_ns = NanosOf(file.st_ctim)};
}

absl::StatusOr<std::unique_ptr<OperatorKey>> OperatorKey::FromText(std::string_view text) {
  OWO_TRY(const KeyHash hash, ReadKey(text));
  std::unique_ptr<OperatorKey> key(new OperatorKey());
  const absl::MutexLock lock(&key->mutex_);
  key->hash_ = hash;
  return key;
}

absl::StatusOr<std::unique_ptr<OperatorKey>> OperatorKey::FromFile(const std::string& path) {
  const Version version = VersionOf(path);  // before it is read: a later change is noticed
  OWO_TRY(const KeyHash hash, ReadFile(path));
  std::unique_ptr<OperatorKey> key(new OperatorKey());
  key->path_ = path;
  const absl::MutexLock lock(&key->mutex_);
  key->hash_ = hash;
  key->version_ = version;
  return key;
}

bool OperatorKey::Is(const KeyHash& hash) const {
  const absl::ReaderMutexLock lock(&mutex_);
  return IsHash(hash, {reinterpret_cast<const char*>(hash_.data()), hash_.size()});
}

absl::Status OperatorKey::Refresh() {
  if (path_.empty()) return absl::OkStatus();
  const Version version = VersionOf(path_);
  const absl::MutexLock lock(&mutex_);
  if (version == version_) return absl::OkStatus();
  version_ = version;
  OWO_TRY(hash_, ReadFile(path_));
  return absl::OkStatus();
}

}  // namespace owo::access
