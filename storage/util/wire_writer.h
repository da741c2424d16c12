// Writes protobuf fields as bytes, without building the message.
//
//   std::string out;
//   WireWriter to(out);
//   to.Text(pb::Invoice::kCurrencyFieldNumber, "USD");
//   to.Message(pb::Invoice::kCreatedAtFieldNumber, [&] { to.Number(1, seconds); });

#ifndef OWO_STORAGE_UTIL_WIRE_WRITER_H_
#define OWO_STORAGE_UTIL_WIRE_WRITER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace owo::storage {

// Number and Text omit a default value, as protobuf does for fields without presence.
class WireWriter {
 public:
  // Appends to `out`, which outlives the writer.
  explicit WireWriter(std::string& out) : out_(out) {}

  // A field of any integer or enum type except the zigzag and fixed ones.
  void Number(int field, int64_t value) {
    if (value != 0) Put(field, kVarint, static_cast<uint64_t>(value));
  }

  void Text(int field, std::string_view value) {
    if (!value.empty()) Bytes(field, value);
  }

  // A text field with presence.
  void Optional(int field, const std::optional<std::string>& value) {
    if (value.has_value()) Bytes(field, *value);
  }

  // A field with presence or a repeated one: written even when empty.
  void Bytes(int field, std::string_view value) {
    Put(field, kBytes, value.size());
    out_.append(value);
  }

  // A message field. `write` writes the message's fields with this writer.
  template <typename Write>
  void Message(int field, Write write) {
    Put(field, kBytes, 0);  // a guess: most lengths are below 128 and take one byte
    const size_t at = out_.size();
    write();
    const size_t size = out_.size() - at;
    char length[kVarintMax];
    const char* const end = Varint(size, length);
    out_[at - 1] = length[0];
    if (end != length + 1) out_.insert(at, length + 1, static_cast<size_t>(end - length) - 1);
  }

 private:
  static constexpr uint32_t kVarint = 0;
  static constexpr uint32_t kBytes = 2;
  static constexpr size_t kVarintMax = 10;

  static char* Varint(uint64_t value, char* to) {
    for (; value >= 128; value >>= 7) *to++ = static_cast<char>(value | 128);
    *to++ = static_cast<char>(value);
    return to;
  }

  // Appends a tag and a number: the value, or the number of bytes that follow.
  void Put(int field, uint32_t type, uint64_t number) {
    char bytes[2 * kVarintMax];
    const char* const end = Varint(number, Varint(static_cast<uint32_t>(field) << 3 | type, bytes));
    out_.append(bytes, static_cast<size_t>(end - bytes));
  }

  std::string& out_;
};

}  // namespace owo::storage

#endif  // OWO_STORAGE_UTIL_WIRE_WRITER_H_
