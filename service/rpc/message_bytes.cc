#include "service/rpc/message_bytes.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <map>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "service/ledger/errors.h"
#include "storage/util/wire.h"

namespace owo::rpc {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;

constexpr int kDepthMax = 100;  // the limit of protobuf's parser

// Bytes of memory per byte of a request: its copies in the message, in values of the ledger, in the
// command to the store and in its rows, and in an answer that has the same texts.
constexpr size_t kCopies = 5;
// Bytes of memory of a field, without its value's bytes: the headers of a text and of its copies,
// or an entry of the message's unknown fields. Of a nested message: its object, its pointer in a
// list, and the object that the ledger makes of it.
constexpr size_t kFieldBytes = 96;
constexpr size_t kMessageBytes = 256;

// Returns whether `second` may follow `lead`: the sequence is not overlong, not a surrogate, and
// not above U+10FFFF.
bool IsSecond(uint8_t lead, uint8_t second) {
  if (lead == 0xe0) return second >= 0xa0 && second <= 0xbf;
  if (lead == 0xed) return second >= 0x80 && second <= 0x9f;
  if (lead == 0xf0) return second >= 0x90 && second <= 0xbf;
  if (lead == 0xf4) return second >= 0x80 && second <= 0x8f;
  return (second & 0xc0) == 0x80;
}

bool IsUtf8(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const auto lead = static_cast<uint8_t>(text[i]);
    const size_t size = lead < 0x80                    ? 1
                        : lead >= 0xc2 && lead <= 0xdf ? 2
                        : lead >= 0xe0 && lead <= 0xef ? 3
                        : lead >= 0xf0 && lead <= 0xf4 ? 4
                                                       : 0;
    if (size == 0 || text.size() - i < size) return false;
    if (size > 1 && !IsSecond(lead, static_cast<uint8_t>(text[i + 1]))) return false;
    for (size_t k = 2; k < size; ++k) {
      if ((static_cast<uint8_t>(text[i + k]) & 0xc0) != 0x80) return false;
    }
    i += size;
  }
  return true;
}

// Counts the fields of a message and of the messages in it.
class FieldCounter {
 public:
  explicit FieldCounter(size_t fields_max) : fields_max_(fields_max) {}

  // Stops when there are too many.
  void Count(std::string_view bytes, const Descriptor& type, int depth) {
    storage::WireFields in(bytes);
    size_t read = 0;
    while (!TooMany() && in.Next()) {
      ++fields_;
      read += in.Field().size();
      if (!in.IsBytes()) continue;
      const FieldDescriptor* const field = type.FindFieldByNumber(static_cast<int>(in.number()));
      if (field == nullptr || field->type() != FieldDescriptor::TYPE_MESSAGE) continue;
      ++messages_;
      if (depth < kDepthMax) Count(in.Bytes(), *field->message_type(), depth + 1);
    }
    // What cannot be read here is malformed, or has groups, which protobuf keeps as unknown fields:
    // each takes two bytes or more.
    if (!in.ok()) fields_ += (bytes.size() - read) / 2;
  }

  bool TooMany() const { return fields_ > fields_max_ || messages_ > kMessagesMax; }
  size_t fields() const { return fields_; }
  size_t messages() const { return messages_; }

 private:
  const size_t fields_max_;
  size_t fields_ = 0;
  size_t messages_ = 0;
};

// Finds the first fault in the bytes of a message.
class FaultFinder {
 public:
  static std::optional<ledger::FieldViolation> Find(std::string_view bytes,
                                                    const Descriptor& type) {
    FaultFinder finder;
    finder.Walk(bytes, type, "", 0);
    return finder.fault_;
  }

 private:
  bool Fault(const std::string& path, std::string description) {
    fault_ = {path, std::move(description)};
    return false;
  }

  // Returns false once a fault was found.
  bool Walk(std::string_view bytes, const Descriptor& type, const std::string& path, int depth) {
    if (depth > kDepthMax) return Fault(path, "messages are nested too deeply");
    CodedInputStream in(reinterpret_cast<const uint8_t*>(bytes.data()),
                        static_cast<int>(bytes.size()));
    std::map<int, size_t> seen;  // number of elements seen, by field
    while (const uint32_t tag = in.ReadTag()) {
      const FieldDescriptor* const field = type.FindFieldByNumber(static_cast<int>(tag >> 3));
      const std::string at = PathOf(path, field, seen);
      if (WireFormatLite::GetTagWireType(tag) != WireFormatLite::WIRETYPE_LENGTH_DELIMITED) {
        if (!WireFormatLite::SkipField(&in, tag)) return Fault(at, "the bytes are malformed");
        continue;
      }
      uint32_t size = 0;
      if (!in.ReadVarint32(&size)) return Fault(at, "its length is malformed");
      const auto begin = static_cast<size_t>(in.CurrentPosition());
      if (size > bytes.size() - begin) {
        return Fault(at, absl::StrCat("got ", bytes.size() - begin, " bytes, want ", size));
      }
      in.Skip(static_cast<int>(size));
      if (!CheckValue(bytes.substr(begin, size), field, at, depth)) return false;
    }
    if (!in.ConsumedEntireMessage()) return Fault(path, "the bytes are malformed");
    return true;
  }

  // Checks the value of a length-delimited field. A null field is unknown to the message.
  bool CheckValue(std::string_view value, const FieldDescriptor* field, const std::string& path,
                  int depth) {
    if (field == nullptr) return true;
    switch (field->type()) {
      case FieldDescriptor::TYPE_STRING:
        return IsUtf8(value) || Fault(path, "want text in UTF-8");
      case FieldDescriptor::TYPE_MESSAGE:
        return Walk(value, *field->message_type(), path, depth + 1);
      case FieldDescriptor::TYPE_BYTES:
        return true;
      default:
        return IsPacked(value, *field) || Fault(path, "the bytes are malformed");
    }
  }

  static bool IsPacked(std::string_view value, const FieldDescriptor& field) {
    if (!field.is_packable()) return true;  // the wire type does not match: protobuf skips it
    CodedInputStream in(reinterpret_cast<const uint8_t*>(value.data()),
                        static_cast<int>(value.size()));
    const auto type =
        WireFormatLite::WireTypeForFieldType(static_cast<WireFormatLite::FieldType>(field.type()));
    const uint32_t tag = WireFormatLite::MakeTag(1, type);
    while (static_cast<size_t>(in.CurrentPosition()) < value.size()) {
      if (!WireFormatLite::SkipField(&in, tag)) return false;
    }
    return true;
  }

  // Keys and values of a map have the path of the map.
  static std::string PathOf(const std::string& path, const FieldDescriptor* field,
                            std::map<int, size_t>& seen) {
    if (field == nullptr || field->containing_type()->options().map_entry()) return path;
    std::string at = absl::StrCat(path, path.empty() ? "" : ".", field->name());
    if (field->is_repeated() && !field->is_map()) {
      absl::StrAppend(&at, "[", seen[field->number()]++, "]");
    }
    return at;
  }

  std::optional<ledger::FieldViolation> fault_;
};

}  // namespace

std::optional<size_t> MemoryOf(std::string_view bytes, const Descriptor& type) {
  FieldCounter counter(kFieldsMax);
  counter.Count(bytes, type, 0);
  if (counter.TooMany()) return std::nullopt;
  return bytes.size() * kCopies + counter.fields() * kFieldBytes +
         counter.messages() * kMessageBytes;
}

bool HasMoreFields(std::string_view bytes, const Descriptor& type, size_t fields_max) {
  FieldCounter counter(fields_max);
  counter.Count(bytes, type, 0);
  // Malformed bytes are counted coarsely, and are better named for what they are.
  return counter.TooMany() && !FaultFinder::Find(bytes, type).has_value();
}

absl::Status TooManyFields() {
  return ledger::RefuseFields(
      {{"", absl::StrCat("the request has more than ", kMessagesMax, " nested messages or ",
                         kFieldsMax, " fields: divide it")}});
}

absl::Status ParseBytes(std::string_view bytes, google::protobuf::Message& to) {
  if (to.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return absl::OkStatus();
  return MalformedBytes(bytes, *to.GetDescriptor());
}

absl::Status MalformedBytes(std::string_view bytes, const google::protobuf::Descriptor& type) {
  std::optional<ledger::FieldViolation> fault = FaultFinder::Find(bytes, type);
  if (!fault.has_value()) fault = {"", "the bytes are malformed"};
  absl::StrAppend(&fault->description, " (the request is not a ", type.name(), ")");
  return ledger::RefuseFields({*std::move(fault)});
}

}  // namespace owo::rpc
