// The files that describe the services of this server, as reflection shows them: with the comments
// that they were written with.
//
//   Descriptors descriptors;
//   const google::protobuf::FileDescriptor* file =
//       descriptors.pool().FindFileContainingSymbol("owo.billing.v1.Billing");
//   descriptors.WithImports(*file);   // serialised, the file itself first

#ifndef OWO_SERVICE_RPC_DESCRIPTORS_H_
#define OWO_SERVICE_RPC_DESCRIPTORS_H_

#include <google/protobuf/descriptor.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace owo::rpc {

// A serialised google.protobuf.FileDescriptorSet, made when this was built.
std::string_view EmbeddedDescriptors();

// Thread-safe once made.
class Descriptors {
 public:
  Descriptors();

  const google::protobuf::DescriptorPool& pool() const { return pool_; }
  // A file of the pool and all that it imports, directly or not, each once.
  std::vector<std::string> WithImports(const google::protobuf::FileDescriptor& file) const;

 private:
  google::protobuf::DescriptorPool pool_;
  std::map<std::string, std::string> files_;  // serialised, by path
};

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_DESCRIPTORS_H_
