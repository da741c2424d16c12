#include "service/rpc/descriptors.h"

#include <google/protobuf/descriptor.pb.h>

#include <set>

#include "service/rating/check.h"

namespace owo::rpc {
namespace {

using google::protobuf::FileDescriptor;

void Collect(const FileDescriptor& file, std::set<std::string>& seen,
             std::vector<const FileDescriptor*>& files) {
  if (!seen.insert(file.name()).second) return;
  files.push_back(&file);
  for (int i = 0; i < file.dependency_count(); ++i) Collect(*file.dependency(i), seen, files);
}

}  // namespace

Descriptors::Descriptors() {
  google::protobuf::FileDescriptorSet set;
  const std::string_view bytes = EmbeddedDescriptors();
  rating::Check(set.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())),
                "the embedded descriptors do not parse");
  // Each file comes after its imports.
  for (const google::protobuf::FileDescriptorProto& file : set.file()) {
    rating::Check(pool_.BuildFile(file) != nullptr, "an embedded descriptor does not build");
    files_[file.name()] = file.SerializeAsString();
  }
}

std::vector<std::string> Descriptors::WithImports(const FileDescriptor& file) const {
  std::set<std::string> seen;
  std::vector<const FileDescriptor*> found;
  Collect(file, seen, found);
  std::vector<std::string> files;
  files.reserve(found.size());
  for (const FileDescriptor* one : found) files.push_back(files_.at(one->name()));
  return files;
}

}  // namespace owo::rpc
