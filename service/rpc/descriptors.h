// The proto files of the services of this server, including their comments, for reflection.
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

// A serialized google.protobuf.FileDescriptorSet, embedded at build time.
std::string_view EmbeddedDescriptors();

// Thread-safe after construction.
class Descriptors {
 public:
  Descriptors();

  const google::protobuf::DescriptorPool& pool() const { return pool_; }
  // Returns a file of the pool and all its direct and indirect imports, each once and serialized.
  std::vector<std::string> WithImports(const google::protobuf::FileDescriptor& file) const;

 private:
  google::protobuf::DescriptorPool pool_;
  std::map<std::string, std::string> files_;  // serialised, by path
};

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_DESCRIPTORS_H_
