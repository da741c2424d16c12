#include "service/rpc/billing/invoice_notes.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <map>
#include <string>
#include <vector>

#include "owo/billing/v1/invoice.pb.h"
#include "service/rating/check.h"
#include "storage/util/wire.h"

namespace owo::rpc {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using storage::InvoiceNotes;

constexpr Length kNote = {0, 1000};

// A field of InvoiceNotes, and its equivalents in the API.
struct Note {
  const FieldDescriptor* stored;
  const FieldDescriptor* asked;  // in InvoiceRequest
  const FieldDescriptor* shown;  // in Invoice
};

const std::vector<Note>& Notes() {
  static const std::vector<Note>* const kNotes = [] {
    auto* const notes = new std::vector<Note>();
    for (int i = 0; i < InvoiceNotes::descriptor()->field_count(); ++i) {
      const FieldDescriptor* const stored = InvoiceNotes::descriptor()->field(i);
      const Note note = {stored, pb::InvoiceRequest::descriptor()->FindFieldByName(stored->name()),
                         pb::Invoice::descriptor()->FindFieldByName(stored->name())};
      for (const FieldDescriptor* const field : {note.asked, note.shown}) {
        rating::Check(field != nullptr && field->is_map() == stored->is_map() &&
                          field->type() == stored->type(),
                      "InvoiceRequest and Invoice have each field of InvoiceNotes");
      }
      notes->push_back(note);
    }
    return notes;
  }();
  return *kNotes;
}

// A text, or a map of texts, as protobuf's reflection finds it.
std::string TextIn(const Message& message, const FieldDescriptor* field) {
  return message.GetReflection()->GetString(message, field);
}

google::protobuf::Map<std::string, std::string> MapIn(const Message& message,
                                                      const FieldDescriptor* field) {
  google::protobuf::Map<std::string, std::string> map;
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
    const Message& entry = reflection.GetRepeatedMessage(message, field, i);
    map[TextIn(entry, field->message_type()->map_key())] =
        TextIn(entry, field->message_type()->map_value());
  }
  return map;
}

void SetMap(const std::map<std::string, std::string>& map, const FieldDescriptor* field,
            Message& to) {
  for (const auto& [key, value] : map) {
    Message* const entry = to.GetReflection()->AddMessage(&to, field);
    entry->GetReflection()->SetString(entry, field->message_type()->map_key(), key);
    entry->GetReflection()->SetString(entry, field->message_type()->map_value(), value);
  }
}

// The number in Invoice of a field of InvoiceNotes.
int ShownNumber(uint32_t stored) {
  for (const Note& note : Notes()) {
    if (note.stored->number() == static_cast<int>(stored)) return note.shown->number();
  }
  return 0;
}

}  // namespace

InvoiceNotes ParseNotes(Fields& fields, const pb::InvoiceRequest& request) {
  InvoiceNotes notes;
  for (const Note& note : Notes()) {
    const std::string& name = note.stored->name();
    if (note.stored->is_map()) {
      SetMap(fields.Metadata(name, MapIn(request, note.asked)), note.stored, notes);
    } else {
      notes.GetReflection()->SetString(&notes, note.stored,
                                       fields.Text(name, TextIn(request, note.asked), kNote));
    }
  }
  return notes;
}

void PutNotes(std::string_view notes, storage::WireWriter& to) {
  // Texts and entries of maps are encoded alike in both messages, but for the field's number.
  storage::WireFields stored(notes);
  while (stored.Next()) to.Bytes(ShownNumber(stored.number()), stored.Bytes());
}

}  // namespace owo::rpc
