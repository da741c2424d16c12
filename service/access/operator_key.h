// The operator's key: a text from a file or from an environment variable, of which only the hash
// stays in memory.
//
//   OWO_TRY(const auto key, OperatorKey::FromFile("/run/secrets/operator-key"));
//   key->Is(HashKey(text));        // whether a caller is the operator
//   key->Refresh();                // reads the file again if it has changed

#ifndef OWO_SERVICE_ACCESS_OPERATOR_KEY_H_
#define OWO_SERVICE_ACCESS_OPERATOR_KEY_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "service/access/key_text.h"

namespace owo::access {

// A key is 32 to 256 characters of printable ASCII without spaces, and does not begin as API keys
// do. White space around it is ignored, such as the newline at the end of a file.
inline constexpr size_t kOperatorKeySizeMin = 32;
inline constexpr size_t kOperatorKeySizeMax = 256;

// Thread-safe.
class OperatorKey {
 public:
  // INVALID_ARGUMENT if the text is not a key, or the file cannot be read. Errors never have the
  // text in them.
  static absl::StatusOr<std::unique_ptr<OperatorKey>> FromText(std::string_view text);
  static absl::StatusOr<std::unique_ptr<OperatorKey>> FromFile(const std::string& path);

  // In a time that does not depend on where the hashes differ.
  bool Is(const KeyHash& hash) const;
  // Takes the key that the file has now; from then on the one before is unknown. If that is not a
  // key, keeps the one before and returns INVALID_ARGUMENT, once for each change of the file.
  // Follows symbolic links, as Kubernetes makes them. Does nothing for a key that is not of a file.
  absl::Status Refresh();

 private:
  // What tells whether a file has changed.
  struct Version {
    int64_t device = 0;
    int64_t inode = 0;
    int64_t size = -1;  // there is no file
    int64_t modified_ns = 0;
    int64_t changed_ns = 0;
    bool operator==(const Version&) const = default;
  };

  OperatorKey() = default;
  static Version VersionOf(const std::string& path);
  static absl::StatusOr<KeyHash> ReadKey(std::string_view text);
  static absl::StatusOr<KeyHash> ReadFile(const std::string& path);

  std::string path_;  // "": the key is not of a file
  mutable absl::Mutex mutex_;
  KeyHash hash_ ABSL_GUARDED_BY(mutex_){};
  Version version_ ABSL_GUARDED_BY(mutex_);  // of the file that was read last
};

}  // namespace owo::access

#endif  // OWO_SERVICE_ACCESS_OPERATOR_KEY_H_
