// Optimistic commits: read, decide, and commit if nothing that was read has changed; else retry.
//
//   Operation<InvoiceView> operation{.context = context, .method = "Invoice", .request = request};
//   operation.decide = [=](const Attempt& attempt) -> absl::StatusOr<Decision<InvoiceView>> {
//     … return Decision<InvoiceView>{.change = …, .object = …, .finish = …}; };
//   operation.replay = [=](const storage::ReadOptions& read, const std::string& object) { … };
//   CommitUntilDone(parts, read, std::move(operation), std::move(done));

#ifndef OWO_SERVICE_LEDGER_COMMIT_H_
#define OWO_SERVICE_LEDGER_COMMIT_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "service/ledger/errors.h"
#include "service/ledger/ledger_parts.h"
#include "storage/read_options.h"
#include "storage/util/try.h"

namespace owo::ledger {

// One attempt of an operation.
struct Attempt {
  storage::ReadOptions read;                                       // for all reads of the decision
  int number = 0;                                                  // of earlier attempts
  storage::MutationCode last = storage::MutationCode::kCommitted;  // why the last attempt failed
};

using Change = decltype(storage::Mutation::change);

// Either `answer`, if there is nothing to change, or `change` to commit and `finish` to answer
// after the commit.
template <typename Value>
struct Decision {
  std::optional<Value> answer;
  std::optional<Change> change;
  std::string object;  // stored with the request id; Operation::replay makes the answer from it
  std::function<absl::StatusOr<Value>(const storage::MutationResult&)> finish;
  bool finish_reads = true;  // whether `finish` reads; then it never runs on the store's threads
  // Called after the commit and before `finish`, on a thread of the store. Must neither block nor
  // read.
  std::function<void()> committed;
};

template <typename Value>
struct Operation {
  CallContext context;
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
  Commits(LedgerParts& parts, const storage::ReadOptions& read, Operation<Value> operation,
          Done<Answered<Value>> done)
      : parts_(parts),
        operation_(std::move(operation)),
        done_(std::move(done)),
        attempt_{.read = read} {}

  // Makes one attempt. The commit itself detects a request id that was used before.
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
    if (operation_.context.IsPastDeadline()) return done_(PastDeadline());
    storage::Mutation mutation{.tenant = operation_.context.tenant,
                               .now = operation_.context.now(),
                               .change = *std::move(decision->change)};
    if (!operation_.request.id.empty()) {
      mutation.request = {operation_.method, operation_.request.id, operation_.request.fingerprint,
                          std::move(decision->object)};
    }
    parts_.store.Commit(
        std::move(mutation),
        [self = this->shared_from_this(), finish = std::move(decision->finish),
         committed = std::move(decision->committed),
         reads = decision->finish_reads](absl::StatusOr<storage::MutationResult> result) {
          const bool made = result.ok() && result->code == storage::MutationCode::kCommitted;
          if (made && committed != nullptr) committed();
          if (!reads && IsSmall(result)) return self->Committed(finish, result);
          // `finish` or the next attempt may read, and reads must not run on the store's writer.
          self->parts_.executor.Continue(
              [self, finish, result = std::move(result)] { self->Committed(finish, result); });
        });
  }

 private:
  // Whether the commit succeeded with a result so small that the store's writer may render it.
  static bool IsSmall(const absl::StatusOr<storage::MutationResult>& result) {
    constexpr size_t kInvoiceBytesMax = 8 << 10;
    return result.ok() && result->code == storage::MutationCode::kCommitted &&
           result->invoice.size() <= kInvoiceBytesMax;
  }

  // Answers a refusal, unless the request id is known: then the request is a repeat, and is
  // answered as such. The refusal may be an effect of the first request, for example an invoice
  // that left nothing to bill, or a customer that exists now. A repeat can also be answered while
  // the store cannot write.
  void Refuse(const absl::Status& refusal) {
    const RequestRef& request = operation_.request;
    if (request.id.empty() || storage::NeedsDisk(refusal)) return done_(refusal);
    const auto known =
        parts_.store.FindRequest(attempt_.read, operation_.context.tenant, operation_.method,
                                 request.id, operation_.context.now());
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
    attempt_.read = storage::kReadAll;  // all later reads run on the executor, where they may block
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
      return done_(TooMuchContention());
    }
    Try();
  }

  LedgerParts& parts_;
  const Operation<Value> operation_;
  Done<Answered<Value>> done_;
  Attempt attempt_;
};

// Runs an operation until it commits or fails: with CONTENTION after kAttemptsMax attempts, with
// REQUEST_ID_REUSED if its request id stands for another request, with DEADLINE_EXCEEDED if the
// deadline is past before a commit. Runs on the calling thread up to
// the first commit, then on threads of the store and the executor.
//
// `read`: for the reads on the calling thread. If it is memory-only and memory is not enough, the
// answer is storage::ReadNeedsDisk() and nothing was committed.
template <typename Value>
void CommitUntilDone(LedgerParts& parts, const storage::ReadOptions& read,
                     Operation<Value> operation, Done<Answered<Value>> done) {
  std::make_shared<Commits<Value>>(parts, read, std::move(operation), std::move(done))->Try();
}

}  // namespace owo::ledger

#endif  // OWO_SERVICE_LEDGER_COMMIT_H_
