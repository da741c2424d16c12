// Messages of large calls: a call's request and response lie in one arena, so that their many parts
// are made and given back together.
//
//   ArenaMessages<pb::ListInvoicesRequest, pb::ListInvoicesResponse> pages;
//   service.SetMessageAllocatorFor_ListInvoices(&pages);

#ifndef OWO_SERVICE_RPC_ARENA_MESSAGES_H_
#define OWO_SERVICE_RPC_ARENA_MESSAGES_H_

#include <google/protobuf/arena.h>
#include <grpcpp/support/message_allocator.h>

namespace owo::rpc {

// Thread-safe: has no state. Outlives the server whose calls it serves.
template <typename Request, typename Response>
class ArenaMessages final : public grpc::MessageAllocator<Request, Response> {
 public:
  grpc::MessageHolder<Request, Response>* AllocateMessages() override { return new Holder; }

 private:
  class Holder final : public grpc::MessageHolder<Request, Response> {
   public:
    Holder() {
      this->set_request(google::protobuf::Arena::CreateMessage<Request>(&arena_));
      this->set_response(google::protobuf::Arena::CreateMessage<Response>(&arena_));
    }
    void Release() override { delete this; }

   private:
    google::protobuf::Arena arena_;
  };
};

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_ARENA_MESSAGES_H_
