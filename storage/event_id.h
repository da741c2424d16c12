// The 16-byte id of an event, made from the id that its caller gave.
//
//   EventId id = EventId::Of("018f2e4c-7d3a-7cc1-9a52-0242ac120002");
//
// A UUID in canonical text (lower case, with dashes) becomes its own 16 bytes, so time-ordered ids
// stay in order on disk. Any other text becomes its SHA-256, truncated to 16 bytes and marked with
// variant bits that no such UUID has, so that the two kinds never collide.

#ifndef OWO_STORAGE_EVENT_ID_H_
#define OWO_STORAGE_EVENT_ID_H_

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace owo::storage {

// A value type, compared and hashed by its bytes. Thread-safe if no thread changes it.
class EventId {
 public:
  // 16 zero bytes.
  EventId() = default;
  // The id of a text of any length. Equal texts have equal ids; different ones have different ids,
  // unless their hashes collide.
  static EventId Of(std::string_view text);
  // The inverse of bytes() and is_uuid(). REQUIRES: `bytes` points to 16 bytes.
  static EventId FromBytes(const char* bytes, bool is_uuid);

  // The 16 bytes, as they are stored. Valid as long as the id.
  std::string_view bytes() const { return {bytes_.data(), bytes_.size()}; }
  // True if the bytes are the UUID itself; UuidText() then returns what was given to Of().
  bool is_uuid() const { return is_uuid_; }
  // REQUIRES: is_uuid().
  std::string UuidText() const;

  friend bool operator==(const EventId& a, const EventId& b) { return a.bytes_ == b.bytes_; }
  template <typename H>
  friend H AbslHashValue(H h, const EventId& id) {
    return H::combine(std::move(h), id.bytes_);
  }

 private:
  std::array<char, 16> bytes_{};
  bool is_uuid_ = false;
};

}  // namespace owo::storage

#endif  // OWO_STORAGE_EVENT_ID_H_
