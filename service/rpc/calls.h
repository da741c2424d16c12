// How a call runs: parse, call the ledger, answer. Finishing is the last thing that happens to a
// call: after it request, response and context may be gone.
//
//   return calls_.Read(context, Parse(*request), response,
//                      [this](const storage::ReadOptions& read, const std::string& customer) {
//                        return billing_.Usage(read, tenant, customer);
//                      });
//
// Callbacks of gRPC run on few threads and must not block; what has to wait runs on the executor.
// A server that stops answers UNAVAILABLE, which clients take elsewhere: gRPC itself would cancel
// the calls that meet its shutdown.

#ifndef OWO_SERVICE_RPC_CALLS_H_
#define OWO_SERVICE_RPC_CALLS_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <atomic>
#include <chrono>
#include <utility>

#include "absl/status/statusor.h"
#include "service/rpc/errors.h"
#include "service/rpc/page_token.h"
#include "service/rpc/render.h"
#include "storage/executor.h"
#include "storage/read_options.h"

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

// Finishes a call whose caller has left or waits no more: nothing is to be done for it.
inline bool IsOver(const grpc::CallbackServerContext& context, grpc::ServerUnaryReactor* reactor) {
  if (context.IsCancelled()) {
    reactor->Finish(grpc::Status::CANCELLED);
  } else if (context.deadline() <= std::chrono::system_clock::now()) {
    reactor->Finish(grpc::Status(grpc::StatusCode::DEADLINE_EXCEEDED, "the deadline is past"));
  } else {
    return false;
  }
  return true;
}

// Thread-safe.
class Calls {
 public:
  explicit Calls(Executor& executor) : executor_(executor) {}

  // Takes no call from here on.
  void Stop() { stopping_ = true; }

  // `work` gives the value to answer with, and passes on the ReadOptions that it is given. It runs
  // at once, on gRPC's thread, if all it reads is in memory: two wake-ups of another thread take
  // longer than most reads.
  template <typename Order, typename Response, typename Work>
  grpc::ServerUnaryReactor* Read(grpc::CallbackServerContext* context, absl::StatusOr<Order> order,
                                 Response* response, Work work) {
    return ReadAs(context, std::move(order), response, std::move(work), /*at_once=*/true,
                  [](const auto& value, Response& to) { return Render(value, to); });
  }

  // The same for a page of a list.
  template <typename Request, typename Response, typename Work>
  grpc::ServerUnaryReactor* List(grpc::CallbackServerContext* context, const Request* request,
                                 Response* response, Work work) {
    auto order = Parse(*request);
    const bool is_short = order.ok() && order->most <= kShortPage;
    const auto render = [request](const auto& page, Response& to) {
      return Render(page, PageTokens(*request), to);
    };
    return ReadAs(context, std::move(order), response, std::move(work), is_short, render);
  }

  // `work` calls what it is given once, then or later, with the value to answer with.
  template <typename Order, typename Response, typename Work>
  grpc::ServerUnaryReactor* Write(grpc::CallbackServerContext* context, absl::StatusOr<Order> order,
                                  Response* response, Work work) {
    grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
    if (Refused(reactor, order.status())) return reactor;
    Post(context, reactor, *std::move(order),
         [response, work = std::move(work)](Order&& parsed, auto* of_call) mutable {
           work(std::move(parsed), Answer(of_call, response));
         });
    return reactor;
  }

  // The same for a decision: at once, on gRPC's thread, if all it reads is in memory.
  template <typename Order, typename Response, typename Work>
  grpc::ServerUnaryReactor* Decide(grpc::CallbackServerContext* context,
                                   absl::StatusOr<Order> order, Response* response, Work work) {
    grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
    if (Refused(reactor, order.status()) || IsOver(*context, reactor)) return reactor;
    Order parsed = *order;
    work(kInMemory, std::move(parsed),
         [this, context, reactor, response, work,
          order = *std::move(order)](const auto& decided) mutable {
           if (!storage::NeedsDisk(decided.status())) return Answer(reactor, response)(decided);
           this->Post(context, reactor, std::move(order),
                      [response, work = std::move(work)](Order&& again, auto* of_call) mutable {
                        work(storage::kReadAll, std::move(again), Answer(of_call, response));
                      });
         });
    return reactor;
  }

  // For what does not block: `work` runs on gRPC's thread. It finishes the reactor that it is
  // given, then or later.
  template <typename Order, typename Work>
  grpc::ServerUnaryReactor* Now(grpc::CallbackServerContext* context, absl::StatusOr<Order> order,
                                Work work) {
    grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
    if (Refused(reactor, order.status()) || IsOver(*context, reactor)) return reactor;
    work(*std::move(order), reactor);
    return reactor;
  }

 private:
  // Rows of a page that do not keep gRPC's thread from other calls for long.
  static constexpr size_t kShortPage = 100;

  static constexpr storage::ReadOptions kInMemory{.tier = storage::ReadTier::kMemoryOnly};

  template <typename Order, typename Response, typename Work, typename Renderer>
  grpc::ServerUnaryReactor* ReadAs(grpc::CallbackServerContext* context,
                                   absl::StatusOr<Order> order, Response* response, Work work,
                                   bool at_once, Renderer render) {
    grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
    if (Refused(reactor, order.status())) return reactor;
    if (at_once) {
      if (IsOver(*context, reactor)) return reactor;
      if (const auto value = work(kInMemory, *order); !storage::NeedsDisk(value.status())) {
        AnswerWith(reactor, response, std::move(render))(value);
        return reactor;
      }
    }
    Post(context, reactor, *std::move(order),
         [response, work = std::move(work), render = std::move(render)](Order&& parsed,
                                                                        auto* of_call) mutable {
           AnswerWith(of_call, response,
                      std::move(render))(work(storage::kReadAll, std::move(parsed)));
         });
    return reactor;
  }

  // Runs a well-formed order on the executor.
  template <typename Order, typename Work>
  void Post(grpc::CallbackServerContext* context, grpc::ServerUnaryReactor* reactor, Order order,
            Work work) {
    Executor::Task task = [context, reactor, order = std::move(order),
                           work = std::move(work)]() mutable {
      if (!IsOver(*context, reactor)) work(std::move(order), reactor);
    };
    if (!executor_.Post(std::move(task))) reactor->Finish(ToGrpc(Overloaded()));
  }

  // Finishes a call that is not to run.
  bool Refused(grpc::ServerUnaryReactor* reactor, const absl::Status& parsed) const {
    if (stopping_) {
      reactor->Finish(grpc::Status(grpc::StatusCode::UNAVAILABLE, "the server is stopping"));
    } else if (!parsed.ok()) {
      reactor->Finish(ToGrpc(parsed));
    } else {
      return false;
    }
    return true;
  }

  Executor& executor_;
  std::atomic<bool> stopping_ = false;
};

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_CALLS_H_
