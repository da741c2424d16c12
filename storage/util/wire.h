// Reads the fields of a serialized protobuf message in place, for callers where parsing the whole
// message would cost more than its use.
//
//   WireFields fields(bytes);
//   while (fields.Next()) {
//     switch (fields.number()) {
//       case LineRecord::kPlanFieldNumber: plan = fields.Bytes(); break;
//       case LineRecord::kPlanVersionFieldNumber: version = fields.Varint(); break;
//     }
//   }
//   if (!fields.ok()) …   // not a message, or a field is of another type than was asked for

#ifndef OWO_STORAGE_UTIL_WIRE_H_
#define OWO_STORAGE_UTIL_WIRE_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace owo::storage {

// Never reads past its bytes. Bytes() and Field() point into the message.
class WireFields {
 public:
  explicit WireFields(std::string_view message)
      : at_(message.data()), end_(message.data() + message.size()) {}

  // Moves to the next field; false after the last one, or if the bytes are malformed.
  bool Next() {
    if (at_ == end_ || failed_) return false;
    field_ = at_;
    const uint64_t tag = TakeVarint();
    if (tag > UINT32_MAX) failed_ = true;  // protobuf would read only the lower half
    number_ = static_cast<uint32_t>(tag >> 3);
    type_ = static_cast<Type>(tag & 7);
    switch (type_) {
      case Type::kVarint:
        varint_ = TakeVarint();
        break;
      case Type::kFixed64:
        bytes_ = Take(8);
        break;
      case Type::kBytes:
        bytes_ = Take(TakeVarint());
        break;
      case Type::kFixed32:
        bytes_ = Take(4);
        break;
      default:
        failed_ = true;
    }
    if (number_ == 0) failed_ = true;
    return !failed_;
  }

  uint32_t number() const { return number_; }

  // Whether the field is a text, bytes, a message or a packed list.
  bool IsBytes() const { return type_ == Type::kBytes; }
  // The field's value. A value of another type fails the reader, and returns 0 or "".
  uint64_t Varint() { return Is(Type::kVarint) ? varint_ : 0; }
  int64_t Signed() { return static_cast<int64_t>(Varint()); }
  std::string_view Bytes() { return Is(Type::kBytes) ? bytes_ : std::string_view(); }

  // The serialized field, including its tag.
  std::string_view Field() const { return {field_, static_cast<size_t>(at_ - field_)}; }

  bool ok() const { return !failed_; }

 private:
  enum class Type : uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

  bool Is(Type type) {
    if (type_ != type) failed_ = true;
    return !failed_;
  }

  uint64_t TakeVarint() {
    uint64_t value = 0;
    for (int shift = 0; shift < 70 && at_ != end_; shift += 7) {
      const auto byte = static_cast<uint8_t>(*at_++);
      value |= uint64_t{byte & 127U} << shift;
      if (byte < 128) return value;
    }
    failed_ = true;
    return 0;
  }

  std::string_view Take(uint64_t size) {
    if (failed_ || size > static_cast<uint64_t>(end_ - at_)) {
      failed_ = true;
      return {};
    }
    const std::string_view taken(at_, static_cast<size_t>(size));
    at_ += size;
    return taken;
  }

  const char* at_;
  const char* const end_;
  const char* field_ = at_;
  bool failed_ = false;
  uint32_t number_ = 0;
  Type type_ = Type::kVarint;
  uint64_t varint_ = 0;
  std::string_view bytes_;
};

}  // namespace owo::storage

#endif  // OWO_STORAGE_UTIL_WIRE_H_
