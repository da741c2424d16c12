// How a call runs: parse, call the ledger, answer. Finishing is the last thing that happens to a
// call: after it request, response and context may be gone.
//
//   return calls_.Read(context, Parse(*request), response,
//                      [this](const std::string& customer) { return billing_.Usage(tenant,
//                      customer); });
//
// Callbacks of gRPC run on few threads and must not block; what may wait runs on the executor.

#ifndef OWO_SERVICE_RPC_CALLS_H_
#define OWO_SERVICE_RPC_CALLS_H_

#include <grpcpp/support/server_callback.h>

#include <utility>

#include "absl/status/statusor.h"
#include "service/ledger/executor.h"
#include "service/rpc/errors.h"
#include "service/rpc/page_token.h"
#include "service/rpc/render.h"

namespace owo::rpc {

// Until there are keys every caller is this tenant.
inline constexpr storage::TenantId kTenant = storage::kDefaultTenant;

// Answers a call with what the ledger gives; `render` shows a value in the response.
template <typename Response, typename Renderer>
auto AnswerWith(grpc::ServerUnaryReactor* reactor, Response* response, Renderer render) {
  return [reactor, response, render = std::move(render)](const auto& result) {
    absl::Status status = result.status();
    if (status.ok()) status = render(*result, *response);
    reactor->Finish(ToGrpc(status));
  };
}

template <typename Response>
auto Answer(grpc::ServerUnaryReactor* reactor, Response* response) {
  return AnswerWith(reactor, response,
                    [](const auto& value, Response& to) { return Render(value, to); });
}

inline grpc::ServerUnaryReactor* FinishWith(grpc::ServerUnaryReactor* reactor,
                                            const absl::Status& status) {
  reactor->Finish(ToGrpc(status));
  return reactor;
}

// Thread-safe.
class Calls {
 public:
  explicit Calls(ledger::Executor& executor) : executor_(executor) {}

  // `work` gives the value to answer with.
  template <typename Order, typename Response, typename Work>
  grpc::ServerUnaryReactor* Read(grpc::CallbackServerContext* context, absl::StatusOr<Order> order,
                                 Response* response, Work work) {
    return Post(context, std::move(order),
                [response, work = std::move(work)](Order&& parsed, auto* reactor) mutable {
                  Answer(reactor, response)(work(std::move(parsed)));
                });
  }

  // The same for a page of a list.
  template <typename Request, typename Response, typename Work>
  grpc::ServerUnaryReactor* List(grpc::CallbackServerContext* context, const Request* request,
                                 Response* response, Work work) {
    auto order = Parse(*request);
    using Order = typename decltype(order)::value_type;
    return Post(context, std::move(order),
                [request, response, work = std::move(work)](Order&& parsed, auto* reactor) mutable {
                  const PageTokens tokens(*request);
                  const auto render = [&tokens](const auto& page, Response& to) {
                    return Render(page, tokens, to);
                  };
                  AnswerWith(reactor, response, render)(work(std::move(parsed)));
                });
  }

  // `work` calls what it is given once, then or later, with the value to answer with.
  template <typename Order, typename Response, typename Work>
  grpc::ServerUnaryReactor* Write(grpc::CallbackServerContext* context, absl::StatusOr<Order> order,
                                  Response* response, Work work) {
    return Post(context, std::move(order),
                [response, work = std::move(work)](Order&& parsed, auto* reactor) mutable {
                  work(std::move(parsed), Answer(reactor, response));
                });
  }

 private:
  // Runs a well-formed order on the executor.
  template <typename Order, typename Work>
  grpc::ServerUnaryReactor* Post(grpc::CallbackServerContext* context, absl::StatusOr<Order> order,
                                 Work work) {
    grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
    if (!order.ok()) return FinishWith(reactor, order.status());
    ledger::Executor::Task task = [context, reactor, order = *std::move(order),
                                   work = std::move(work)]() mutable {
      // Whoever asked has left, or the deadline is past: nothing is to be done any more.
      if (context->IsCancelled()) return reactor->Finish(grpc::Status::CANCELLED);
      work(std::move(order), reactor);
    };
    if (!executor_.Post(std::move(task))) return FinishWith(reactor, Overloaded());
    return reactor;
  }

  ledger::Executor& executor_;
};

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_CALLS_H_
