// How the methods of the API run: parse, call the ledger, answer.
//
//   calls.Read<pb::UsageRequest, pb::UsageResponse>(
//       "Usage", ParseUsageRequest,
//       [this](const storage::ReadOptions& read, const std::string& customer) {
//         return billing_.Usage(read, kTenant, customer);
//       },
//       RenderUsageResponse)
//
// Callbacks of gRPC run on few threads and must not block; what has to wait runs on an executor:
// reads on the readers' own, which runs at a lower priority, so that reads leave the processor to
// tracking.

#ifndef OWO_SERVICE_RPC_CALLS_H_
#define OWO_SERVICE_RPC_CALLS_H_

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "absl/status/statusor.h"
#include "service/ledger/context.h"
#include "service/rpc/call.h"
#include "service/rpc/errors.h"
#include "service/rpc/page_token.h"
#include "storage/read_options.h"
#include "storage/util/executor.h"

namespace owo::rpc {

// Until there are keys every caller is this tenant.
inline constexpr storage::TenantId kTenant = storage::kDefaultTenant;

// Answers a call with what the ledger gives; `render` shows a value in the response.
template <typename Response, typename Renderer>
auto Answer(Call& call, Renderer render) {
  return [&call, render = std::move(render)](const auto& result) {
    absl::Status status = result.status();
    if (status.ok()) status = render(*result, call.response<Response>());
    call.Finish(ToGrpc(status));
  };
}

// Makes methods. `Request` and `Response` are messages of the API. `parse` makes of a request what
// `work` gets; `render(value, response)` shows in the response what `work` gives. Thread-safe;
// outlives the methods.
class Calls {
 public:
  Calls(Executor& executor, Executor& readers) : executor_(executor), readers_(readers) {}

  // `work` gives the value to answer with, and passes on the ReadOptions it gets. It runs at once,
  // on gRPC's thread, if all it reads is in memory: two wake-ups of another thread take longer than
  // most reads.
  template <typename Request, typename Response, typename Parser, typename Work, typename Renderer>
  Method Read(std::string_view name, Parser parse, Work work, Renderer render) {
    return Make<Request, Response>(name, CallKind::kRead, [this, parse, work, render](Call& call) {
      auto params = parse(call.request<Request>());
      if (!params.ok()) return call.Finish(ToGrpc(params.status()));
      ReadNow(call, *std::move(params), work, Rendering<Response>(render));
    });
  }

  // The same for a page of a list, which is shown by `render(page, tokens, response)`.
  template <typename Request, typename Response, typename Parser, typename Work, typename Renderer>
  Method List(std::string_view name, Parser parse, Work work, Renderer render) {
    return Make<Request, Response>(name, CallKind::kRead, [this, parse, work, render](Call& call) {
      auto params = parse(call.request<Request>());
      if (!params.ok()) return call.Finish(ToGrpc(params.status()));
      const auto answer = [render](Call& of_call, const auto& result) {
        Answer<Response>(of_call, [&of_call, render](const auto& page, Response& to) {
          return render(page, PageTokens(of_call.request<Request>()), to);
        })(result);
      };
      if (params->limit <= kShortPage) return ReadNow(call, *std::move(params), work, answer);
      if (!call.ReserveAnswer(params->limit * kRowBytes)) {
        return call.Finish(ToGrpc(Overloaded()));
      }
      ReadLater(call, *std::move(params), work, answer);
    });
  }

  // `work` calls what it is given once, then or later, with the value to answer with.
  template <typename Request, typename Response, typename Parser, typename Work, typename Renderer>
  Method Write(std::string_view name, Parser parse, Work work, Renderer render) {
    return Make<Request, Response>(name, CallKind::kWrite, [this, parse, work, render](Call& call) {
      auto params = parse(call.request<Request>());
      if (!params.ok()) return call.Finish(ToGrpc(params.status()));
      Post(executor_, call, *std::move(params), [work, render](Call& of_call, auto&& parsed) {
        work(std::forward<decltype(parsed)>(parsed), Answer<Response>(of_call, render));
      });
    });
  }

  // The same for a decision: at once, on gRPC's thread, if all it reads is in memory.
  template <typename Request, typename Response, typename Parser, typename Work, typename Renderer>
  Method Decide(std::string_view name, Parser parse, Work work, Renderer render) {
    return Make<Request, Response>(name, CallKind::kWrite, [this, parse, work, render](Call& call) {
      auto params = parse(call.request<Request>());
      if (!params.ok()) return call.Finish(ToGrpc(params.status()));
      auto first = *params;
      work(kInMemory, std::move(first),
           [this, &call, work, render, params = *std::move(params)](const auto& decided) mutable {
             if (!storage::NeedsDisk(decided.status())) {
               return Answer<Response>(call, render)(decided);
             }
             this->Post(executor_, call, std::move(params),
                        [work, render](Call& of_call, auto&& parsed) {
                          work(storage::kReadAll, std::forward<decltype(parsed)>(parsed),
                               Answer<Response>(of_call, render));
                        });
           });
    });
  }

  // For what does not block: `work` runs on gRPC's thread. It finishes the call that it is given,
  // then or later.
  template <typename Request, typename Response, typename Parser, typename Work>
  Method Now(std::string_view name, Parser parse, Work work) {
    return Make<Request, Response>(name, CallKind::kWrite, [parse, work](Call& call) {
      auto params = parse(call.request<Request>());
      if (!params.ok()) return call.Finish(ToGrpc(params.status()));
      work(*std::move(params), call);
    });
  }

  // For all else. `run` is as Method::run.
  template <typename Request, typename Response, typename Run>
  static Method Make(std::string_view name, CallKind kind, Run run) {
    return {.name = std::string(name),
            .kind = kind,
            .request = &Request::default_instance(),
            .response = &Response::default_instance(),
            .run = std::move(run)};
  }

  // Reads as the methods of Read() do.
  template <typename Response, typename Params, typename Work, typename Renderer>
  void ReadAndAnswer(Call& call, Params params, const Work& work, Renderer render) {
    ReadNow(call, std::move(params), work, Rendering<Response>(render));
  }

 private:
  static constexpr storage::ReadOptions kInMemory{.tier = storage::ReadTier::kMemoryOnly};

  // Rows of a page that do not keep gRPC's thread from other calls for long.
  static constexpr size_t kShortPage = 100;
  // What a row of a page takes, before it is known.
  static constexpr size_t kRowBytes = 128;

  template <typename Response, typename Renderer>
  static auto Rendering(Renderer render) {
    return [render](Call& call, const auto& result) { Answer<Response>(call, render)(result); };
  }

  template <typename Params, typename Work, typename Answering>
  void ReadNow(Call& call, Params params, const Work& work, const Answering& answer) {
    if (const auto value = work(kInMemory, params); !storage::NeedsDisk(value.status())) {
      return answer(call, value);
    }
    ReadLater(call, std::move(params), work, answer);
  }

  template <typename Params, typename Work, typename Answering>
  void ReadLater(Call& call, Params params, const Work& work, const Answering& answer) {
    Post(readers_, call, std::move(params), [work, answer](Call& of_call, auto&& parsed) {
      answer(of_call, work(storage::kReadAll, std::forward<decltype(parsed)>(parsed)));
    });
  }

  template <typename Params, typename Work>
  static void Post(Executor& executor, Call& call, Params params, Work work) {
    Executor::Task task = [&call, params = std::move(params), work = std::move(work)]() mutable {
      if (!call.FinishedIfOver()) work(call, std::move(params));
    };
    if (!executor.Post(std::move(task))) call.Finish(ToGrpc(Overloaded()));
  }

  Executor& executor_;
  Executor& readers_;
};

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_CALLS_H_
