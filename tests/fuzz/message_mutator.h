// MessageMutator: changes the fields of a protobuf message, so that the result is still a message.
// Most randomly damaged bytes are not, and never reach the code that reads the fields.
//
//   MessageMutator mutator(random, {"ada", "-1"});   // words for text fields
//   for (int i = 0; i < 30; ++i) mutator.Change(message);
#ifndef OWO_TESTS_FUZZ_MESSAGE_MUTATOR_H_
#define OWO_TESTS_FUZZ_MESSAGE_MUTATOR_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tests/fuzz/mutator.h"
#include "tests/support/random.h"

namespace owo {

// Not thread-safe. Sometimes makes texts that are not UTF-8, as hostile callers do.
class MessageMutator {
 public:
  // REQUIRES: `words` is not empty.
  MessageMutator(Random& random, std::vector<std::string> words)
      : random_(random), mutator_(random, words), words_(std::move(words)) {}

  // Changes one field of the message or of a message in it.
  void Change(google::protobuf::Message& message) {
    const google::protobuf::Descriptor& type = *message.GetDescriptor();
    if (type.field_count() == 0) return;
    const Field& field = *type.field(static_cast<int>(random_.Between(0, type.field_count() - 1)));
    const google::protobuf::Reflection& in = *message.GetReflection();
    if (random_.OneIn(12)) {
      in.ClearField(&message, &field);
    } else if (!field.is_repeated()) {
      Set(message, in, field);
    } else if (const int size = in.FieldSize(message, &field); size > 0 && !random_.OneIn(4)) {
      SetAt(message, in, field, static_cast<int>(random_.Between(0, size - 1)));
    } else if (size < kRepeatedMax) {
      AddTo(message, in, field);
    }
  }

 private:
  using Field = google::protobuf::FieldDescriptor;
  using Message = google::protobuf::Message;
  using In = google::protobuf::Reflection;

  static constexpr int kRepeatedMax = 150;

  void Set(Message& message, const In& in, const Field& field) {
    switch (field.cpp_type()) {
      case Field::CPPTYPE_MESSAGE:
        return Change(*in.MutableMessage(&message, &field));
      case Field::CPPTYPE_STRING:
        return in.SetString(&message, &field, Text(in.GetString(message, &field)));
      case Field::CPPTYPE_ENUM:
        return in.SetEnumValue(&message, &field, static_cast<int>(random_.Between(-1, 9)));
      case Field::CPPTYPE_BOOL:
        return in.SetBool(&message, &field, random_.OneIn(2));
      case Field::CPPTYPE_INT32:
        return in.SetInt32(&message, &field, static_cast<int32_t>(Number()));
      case Field::CPPTYPE_INT64:
        return in.SetInt64(&message, &field, Number());
      case Field::CPPTYPE_UINT32:
        return in.SetUInt32(&message, &field, static_cast<uint32_t>(Number()));
      case Field::CPPTYPE_UINT64:
        return in.SetUInt64(&message, &field, static_cast<uint64_t>(Number()));
      default:
        Unknown(field);
    }
  }

  // Repeated fields hold messages, texts or numbers.
  void SetAt(Message& message, const In& in, const Field& field, int at) {
    switch (field.cpp_type()) {
      case Field::CPPTYPE_MESSAGE:
        return Change(*in.MutableRepeatedMessage(&message, &field, at));
      case Field::CPPTYPE_STRING:
        return in.SetRepeatedString(&message, &field, at,
                                    Text(in.GetRepeatedString(message, &field, at)));
      case Field::CPPTYPE_UINT64:
        return in.SetRepeatedUInt64(&message, &field, at, static_cast<uint64_t>(Number()));
      default:
        Unknown(field);
    }
  }

  void AddTo(Message& message, const In& in, const Field& field) {
    switch (field.cpp_type()) {
      case Field::CPPTYPE_MESSAGE:
        return Change(*in.AddMessage(&message, &field));
      case Field::CPPTYPE_STRING:
        return in.AddString(&message, &field, Text(""));
      case Field::CPPTYPE_UINT64:
        return in.AddUInt64(&message, &field, static_cast<uint64_t>(Number()));
      default:
        Unknown(field);
    }
  }

  static void Unknown(const Field& field) {
    ADD_FAILURE() << field.full_name() << ": fields of this type are not changed";
  }

  std::string Text(const std::string& now) {
    const std::string& word =
        words_[static_cast<size_t>(random_.Between(0, static_cast<int64_t>(words_.size()) - 1))];
    if (random_.OneIn(2)) return word;
    if (random_.OneIn(8)) return std::string(static_cast<size_t>(random_.Between(0, 600)), 'x');
    return mutator_.Mutate(now, word);
  }

  int64_t Number() {
    const uint64_t size = random_.OfAnySize();
    return static_cast<int64_t>(random_.OneIn(4) ? uint64_t{0} - size : size);
  }

  Random& random_;
  Mutator mutator_;
  const std::vector<std::string> words_;
};

}  // namespace owo

#endif  // OWO_TESTS_FUZZ_MESSAGE_MUTATOR_H_
