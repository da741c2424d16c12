// Optimistic commits: read, decide, commit if what was read still stands, else again.
//
//   CommitUntilDone<storage::InvoiceRecord>(context, read, Operation<…>{
//       .tenant = tenant, .method = "Invoice", .request = request,
//       .decide = [=](const Attempt&) { … return Decision<…>{.change = …, .object = …, .finish =
//       …}; }, .replay = [=](const std::string& object) { … }}, std::move(done));

#ifndef OWO_SERVICE_LEDGER_COMMIT_H_
#define OWO_SERVICE_LEDGER_COMMIT_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "service/ledger/context.h"
#include "service/ledger/errors.h"
#include "storage/read_options.h"
#include "storage/util/try.h"

namespace owo::ledger {

// How often the decision was made before, and why it is made again.
struct Attempt {
  storage::ReadOptions read;  // of everything that the decision reads
  int number = 0;
  storage::MutationCode last = storage::MutationCode::kCommitted;
};

using Change = decltype(storage::Mutation::change);

// Either the answer, when there is nothing to change, or what to commit and how to answer then.
template <typename Value>
struct Decision {
  std::optional<Value> answer;
  std::optional<Change> change;
  std::string object;  // what a repeat of the request is answered from
  std::function<absl::StatusOr<Value>(const storage::MutationResult&)> finish;
  bool finish_reads = true;  // then it is not for threads of the store's
  // Called before `finish`, on the store's thread, when it is committed: must neither block nor
  // read.
  std::function<void()> committed;
};

template <typename Value>
struct Operation {
  storage::TenantId tenant{};
  std::string method;
  RequestRef request;
  std::function<absl::StatusOr<Decision<Value>>(const Attempt&)> decide;
  std::function<absl::StatusOr<Value>(const storage::ReadOptions& read, const std::string& object)>
      replay;
};

inline constexpr int kAttemptsMax = 64;

inline absl::Status RequestReused(const std::string& id) {
  return Refuse(Reason::kRequestIdReused,
                absl::StrCat("request_id \"", id, "\" was used for another request"),
                {{"request_id", id}});
}

template <typename Value>
class Commits : public std::enable_shared_from_this<Commits<Value>> {
 public:
  Commits(Context& context, const storage::ReadOptions& read, Operation<Value> operation,
          Done<Answered<Value>> done)
      : context_(context),
        operation_(std::move(operation)),
        done_(std::move(done)),
        attempt_{.read = read} {}

  // A request that was made before is found by the commit.
  void Try() {
    absl::StatusOr<Decision<Value>> decision = operation_.decide(attempt_);
    if (!decision.ok()) return Refuse(decision.status());
    if (decision->answer.has_value()) {
      if (operation_.request.id.empty()) {
        return done_(Answered<Value>{*std::move(decision->answer)});
      }
      decision->change = storage::NoChange{};
      decision->finish = [answer = *std::move(decision->answer)](const storage::MutationResult&) {
        return answer;
      };
    }
    storage::Mutation mutation{.tenant = operation_.tenant,
                               .now = context_.clock(),
                               .change = *std::move(decision->change)};
    if (!operation_.request.id.empty()) {
      mutation.request = {operation_.method, operation_.request.id, operation_.request.fingerprint,
                          std::move(decision->object)};
    }
    context_.store.Commit(
        std::move(mutation),
        [self = this->shared_from_this(), finish = std::move(decision->finish),
         committed = std::move(decision->committed),
         reads = decision->finish_reads](absl::StatusOr<storage::MutationResult> result) {
          const bool made = result.ok() && result->code == storage::MutationCode::kCommitted;
          if (made && committed != nullptr) committed();
          if (!reads && IsSmall(result)) return self->Committed(finish, result);
          // What follows may read: not on the store's writing thread.
          self->context_.executor.Continue(
              [self, finish, result = std::move(result)] { self->Committed(finish, result); });
        });
  }

 private:
  // Made, and shown in so little time that the thread that writes may do it.
  static bool IsSmall(const absl::StatusOr<storage::MutationResult>& result) {
    constexpr size_t kInvoiceBytesMax = 8 << 10;
    return result.ok() && result->code == storage::MutationCode::kCommitted &&
           result->invoice.size() <= kInvoiceBytesMax;
  }

  // What stands in the way may be what the same request did before, or meanwhile: a new invoice
  // that left nothing to invoice, a customer that exists now. Then this is a repeat of it; so it
  // may be where nothing can be written.
  void Refuse(const absl::Status& refusal) {
    const RequestRef& request = operation_.request;
    if (request.id.empty() || storage::NeedsDisk(refusal)) return done_(refusal);
    const auto known = context_.store.FindRequest(attempt_.read, operation_.tenant,
                                                  operation_.method, request.id, context_.clock());
    if (!known.ok()) return done_(known.status());
    if (known->has_value()) return AnswerReplay(**known);
    done_(refusal);
  }

  void AnswerReplay(const storage::RequestRecord& record) {
    if (record.fingerprint() != operation_.request.fingerprint) {
      return done_(RequestReused(operation_.request.id));
    }
    absl::StatusOr<Value> value = operation_.replay(attempt_.read, record.object());
    if (!value.ok()) return done_(value.status());
    done_(Answered<Value>{*std::move(value), true});
  }

  void Committed(const std::function<absl::StatusOr<Value>(const storage::MutationResult&)>& finish,
                 const absl::StatusOr<storage::MutationResult>& result) {
    attempt_.read = storage::kReadAll;  // from here on, what reads is on the executor
    if (!result.ok()) return Refuse(result.status());
    switch (result->code) {
      case storage::MutationCode::kCommitted: {
        absl::StatusOr<Value> value = finish(*result);
        if (!value.ok()) return done_(value.status());
        return done_(Answered<Value>{*std::move(value)});
      }
      case storage::MutationCode::kReplayed:
        return AnswerReplay(result->request);
      case storage::MutationCode::kRequestReused:
        return done_(RequestReused(operation_.request.id));
      case storage::MutationCode::kConflict:
      case storage::MutationCode::kExists:
      case storage::MutationCode::kUsageAfterChange:
        break;
    }
    attempt_.last = result->code;
    if (++attempt_.number >= kAttemptsMax) {
      return done_(
          ledger::Refuse(Reason::kContention, "others kept changing the same thing: try again"));
    }
    Try();
  }

  Context& context_;
  const Operation<Value> operation_;
  Done<Answered<Value>> done_;
  Attempt attempt_;
};

// Runs on the calling thread until the first commit, then on the store's threads and the
// executor's. `read`: of what the calling thread reads. In memory only, the answer is
// storage::ReadNeedsDisk() when that is not enough, and nothing was committed.
template <typename Value>
void CommitUntilDone(Context& context, const storage::ReadOptions& read, Operation<Value> operation,
                     Done<Answered<Value>> done) {
  std::make_shared<Commits<Value>>(context, read, std::move(operation), std::move(done))->Try();
}

}  // namespace owo::ledger

#endif  // OWO_SERVICE_LEDGER_COMMIT_H_
