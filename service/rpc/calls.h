// Makes the methods of the API: parse the request, call the ledger, answer.
//
//   calls.Read<pb::UsageRequest, pb::UsageResponse>(
//       "Usage", ParseUsageRequest,
//       [this](const CallContext& context, const storage::ReadOptions& read,
//              const std::string& customer) { return billing_.Usage(context, read, customer); },
//       RenderUsageResponse)
//
// gRPC runs callbacks on few threads, so they must not block. Blocking work runs on an executor.
// Reads have an executor of their own with a lower priority, so that tracking takes precedence.

#ifndef OWO_SERVICE_RPC_CALLS_H_
#define OWO_SERVICE_RPC_CALLS_H_

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "absl/status/statusor.h"
#include "service/ledger/ledger_parts.h"
#include "service/rpc/call.h"
#include "service/rpc/errors.h"
#include "service/rpc/page_token.h"
#include "storage/read_options.h"
#include "storage/util/executor.h"

namespace owo::rpc {

// Returns a callback that answers a call with a result of the ledger. `render` writes a value into
// the response.
template <typename Response, typename Renderer>
auto Answer(Call& call, Renderer render) {
  return [&call, render = std::move(render)](const auto& result) {
    absl::Status status = result.status();
    if (status.ok()) status = render(*result, call.response<Response>());
    call.Finish(status);
  };
}

// Makes methods. `Request` and `Response` are messages of the API. `parse(request)`, or
// `parse(context, request)` if it needs the time, converts a request to the parameters of `work`;
// `render(value, response)` writes the result of `work` into the response. Thread-safe. Must
// outlive the methods.
class Calls {
 public:
  Calls(Executor& executor, Executor& readers) : executor_(executor), readers_(readers) {}

  // `work(context, read_options, params)` returns the value to answer with. It first runs
  // immediately, on the thread of gRPC, with reads from memory only: two thread wake-ups take
  // longer than most reads. If it needs the disk, it runs again on the readers.
  template <typename Request, typename Response, typename Parser, typename Work, typename Renderer>
  Method Read(std::string_view name, Parser parse, Work work, Renderer render) {
    return Make<Request, Response>(name, CallKind::kRead, [this, parse, work, render](Call& call) {
      auto params = Parsed<Request>(call, parse);
      if (!params.ok()) return call.Finish(params.status());
      ReadNow(call, *std::move(params), work, Rendering<Response>(render));
    });
  }

  // Like Read(), for a page of a list; `render(page, tokens, response)` writes it. Long pages are
  // read on the readers at once.
  template <typename Request, typename Response, typename Parser, typename Work, typename Renderer>
  Method List(std::string_view name, Parser parse, Work work, Renderer render) {
    return Make<Request, Response>(name, CallKind::kRead, [this, parse, work, render](Call& call) {
      auto params = Parsed<Request>(call, parse);
      if (!params.ok()) return call.Finish(params.status());
      const auto answer = [render](Call& of_call, const auto& result) {
        Answer<Response>(of_call, [&of_call, render](const auto& page, Response& to) {
          return render(page, PageTokens(of_call.request<Request>(), of_call.context().tenant), to);
        })(result);
      };
      if (params->limit <= kShortPage) return ReadNow(call, *std::move(params), work, answer);
      if (!call.ReserveAnswer(params->limit * kRowBytes)) {
        return call.Finish(Overloaded());
      }
      ReadLater(call, *std::move(params), work, answer);
    });
  }

  // `work(context, params, done)` runs on the executor. It must call `done` with the result exactly
  // once, during the call or later.
  template <typename Request, typename Response, typename Parser, typename Work, typename Renderer>
  Method Write(std::string_view name, Parser parse, Work work, Renderer render) {
    return Make<Request, Response>(name, CallKind::kWrite, [this, parse, work, render](Call& call) {
      auto params = Parsed<Request>(call, parse);
      if (!params.ok()) return call.Finish(params.status());
      Post(executor_, call, *std::move(params), [work, render](Call& of_call, auto&& parsed) {
        work(of_call.context(), std::forward<decltype(parsed)>(parsed),
             Answer<Response>(of_call, render));
      });
    });
  }

  // Like Write(), but `work(context, read_options, params, done)` first runs immediately, on the
  // thread of gRPC, with reads from memory only. If it needs the disk, it runs again on the
  // executor.
  template <typename Request, typename Response, typename Parser, typename Work, typename Renderer>
  Method Decide(std::string_view name, Parser parse, Work work, Renderer render) {
    return Make<Request, Response>(name, CallKind::kWrite, [this, parse, work, render](Call& call) {
      auto params = Parsed<Request>(call, parse);
      if (!params.ok()) return call.Finish(params.status());
      auto first = *params;
      work(call.context(), kInMemory, std::move(first),
           [this, &call, work, render, params = *std::move(params)](const auto& decided) mutable {
             if (!storage::NeedsDisk(decided.status())) {
               return Answer<Response>(call, render)(decided);
             }
             this->Post(
                 executor_, call, std::move(params), [work, render](Call& of_call, auto&& parsed) {
                   work(of_call.context(), storage::kReadAll,
                        std::forward<decltype(parsed)>(parsed), Answer<Response>(of_call, render));
                 });
           });
    });
  }

  // For work that does not block: `work(params, call)` runs on the thread of gRPC. It must finish
  // the call, immediately or later.
  template <typename Request, typename Response, typename Parser, typename Work>
  Method Now(std::string_view name, Parser parse, Work work) {
    return Make<Request, Response>(name, CallKind::kWrite, [parse, work](Call& call) {
      auto params = Parsed<Request>(call, parse);
      if (!params.ok()) return call.Finish(params.status());
      work(*std::move(params), call);
    });
  }

  // For all other methods. `run` is Method::run.
  template <typename Request, typename Response, typename Run>
  static Method Make(std::string_view name, CallKind kind, Run run) {
    return {.name = std::string(name),
            .kind = kind,
            .request = &Request::default_instance(),
            .response = &Response::default_instance(),
            .run = std::move(run)};
  }

  // Reads and answers like the methods of Read().
  template <typename Response, typename Params, typename Work, typename Renderer>
  void ReadAndAnswer(Call& call, Params params, const Work& work, Renderer render) {
    ReadNow(call, std::move(params), work, Rendering<Response>(render));
  }

 private:
  static constexpr storage::ReadOptions kInMemory{.tier = storage::ReadTier::kMemoryOnly};

  // The longest page, in rows, that is read on the thread of gRPC.
  static constexpr size_t kShortPage = 100;
  // Estimated bytes of one row of an answer, before the row is known.
  static constexpr size_t kRowBytes = 128;

  template <typename Request, typename Parser>
  static auto Parsed(const Call& call, const Parser& parse) {
    if constexpr (std::is_invocable_v<Parser, const CallContext&, const Request&>) {
      return parse(call.context(), call.request<Request>());
    } else {
      return parse(call.request<Request>());
    }
  }

  template <typename Response, typename Renderer>
  static auto Rendering(Renderer render) {
    return [render](Call& call, const auto& result) { Answer<Response>(call, render)(result); };
  }

  template <typename Params, typename Work, typename Answering>
  void ReadNow(Call& call, Params params, const Work& work, const Answering& answer) {
    if (const auto value = work(call.context(), kInMemory, params);
        !storage::NeedsDisk(value.status())) {
      return answer(call, value);
    }
    ReadLater(call, std::move(params), work, answer);
  }

  template <typename Params, typename Work, typename Answering>
  void ReadLater(Call& call, Params params, const Work& work, const Answering& answer) {
    Post(readers_, call, std::move(params), [work, answer](Call& of_call, auto&& parsed) {
      answer(of_call,
             work(of_call.context(), storage::kReadAll, std::forward<decltype(parsed)>(parsed)));
    });
  }

  template <typename Params, typename Work>
  static void Post(Executor& executor, Call& call, Params params, Work work) {
    Executor::Task task = [&call, params = std::move(params), work = std::move(work)]() mutable {
      if (!call.FinishedIfOver()) work(call, std::move(params));
    };
    if (!executor.Post(std::move(task))) call.Finish(Overloaded());
  }

  Executor& executor_;
  Executor& readers_;
};

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_CALLS_H_
