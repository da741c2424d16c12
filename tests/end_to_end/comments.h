// Checks which elements of an API have a comment: its services, methods, messages, fields and enum
// values.
//
//   Comments comments("owo.billing.v1");
//   comments.Visit(*service->file());
//   comments.missing   // "owo.billing.v1.UsageRequest.customer"

#ifndef OWO_TESTS_END_TO_END_COMMENTS_H_
#define OWO_TESTS_END_TO_END_COMMENTS_H_

#include <google/protobuf/descriptor.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

namespace owo {

class Comments {
 public:
  explicit Comments(std::string package) : package_(std::move(package)) {}

  // Checks the file, and the files of the package that it imports.
  void Visit(const google::protobuf::FileDescriptor& file) {
    if (!files_.insert(file.name()).second || file.package() != package_) return;
    for (int i = 0; i < file.dependency_count(); ++i) Visit(*file.dependency(i));
    for (int i = 0; i < file.service_count(); ++i) {
      Look(*file.service(i));
      for (int j = 0; j < file.service(i)->method_count(); ++j) Look(*file.service(i)->method(j));
    }
    for (int i = 0; i < file.message_type_count(); ++i) Visit(*file.message_type(i));
    for (int i = 0; i < file.enum_type_count(); ++i) Visit(*file.enum_type(i));
  }

  std::vector<std::string> missing;
  int found = 0;

 private:
  template <typename Element>
  void Look(const Element& element) {
    google::protobuf::SourceLocation location;
    if (element.GetSourceLocation(&location) && !location.leading_comments.empty()) {
      ++found;
    } else {
      missing.push_back(element.full_name());
    }
  }
  void Visit(const google::protobuf::Descriptor& message) {
    Look(message);
    for (int i = 0; i < message.field_count(); ++i) Look(*message.field(i));
  }
  void Visit(const google::protobuf::EnumDescriptor& type) {
    Look(type);
    for (int i = 0; i < type.value_count(); ++i) Look(*type.value(i));
  }

  const std::string package_;
  std::set<std::string> files_;
};

}  // namespace owo

#endif  // OWO_TESTS_END_TO_END_COMMENTS_H_
