// Optimistic commits: read, decide, and commit if nothing that was read has changed; else retry.
//
//   Operation<InvoiceView> operation{.context = context, .method = "Invoice", .request = request};
//   operation.decide = [=](const Attempt& attempt) -> absl::StatusOr<Decision<InvoiceView>> {
//     … return Decision<InvoiceView>{.change = …, .object = …, .finish = …}; };
//   operation.replay = [=](const storage::ReadOptions& read, const std::string& object) { … };
//   CommitUntilDone(parts, read, std::move(operation), std::move(done));
//
// No lock is held between the reads and the commit. Instead, a change names the versions of what it
// was decided on (storage/commands.h), and the store refuses it if one of them has moved. Then the
// operation is decided again, on newer data. So `decide` may run several times and must have no
// effect of its own.
//
//            ┌── conflict: read again, at most kAttemptsMax times ──┐
//            ↓                                                      │
//   read → decide ── change ──→ store.Commit() ── committed ──→ finish → done
//            │                        └── known request id ──→ replay → done
//            └── answer or error → done
//
// A request with an id takes effect once. The store keeps the id with the object that the request
// made, for 30 days. A repeat finds it and is answered by `replay`, also if it was sent while the
// first one ran.

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
  // For all reads of the decision. The first attempt may be memory-only; later ones may block.
  storage::ReadOptions read;
  int number = 0;  // of earlier attempts
  // Why the last attempt failed. kCommitted: there was none.
  storage::MutationCode last = storage::MutationCode::kCommitted;
};

// One of the changes that a store can commit: CreateInvoice, PutCustomer, NoChange and so on.
using Change = decltype(storage::Mutation::change);

// What one attempt decided. Either `answer`, if there is nothing to change, or `change` to commit
// and `finish` to answer after the commit.
//
//   return Decision<InvoiceView>{.answer = view, .object = id};               // nothing to change
//   return Decision<InvoiceView>{.change = change, .object = id, .finish = finish};
template <typename Value>
struct Decision {
  std::optional<Value> answer;
  std::optional<Change> change;
  // Stored with the request id. Operation::replay makes the answer to a repeat from it.
  std::string object;
  // Makes the answer from what was committed. Called at most once.
  std::function<absl::StatusOr<Value>(const storage::MutationResult&)> finish;
  // Whether `finish` reads. If so, it never runs on the store's threads.
  bool finish_reads = true;
  // Called after the commit and before `finish`, on a thread of the store. Must neither block nor
  // read.
  std::function<void()> committed;
};

// A call that changes something. Its functions may run on different threads, one at a time, and
// must not refer to anything that ends before the call is answered.
template <typename Value>
struct Operation {
  CallContext context;
  // The RPC, such as "Invoice". Request ids of different methods are unrelated.
  std::string method;
  RequestRef request;
  // Reads, and decides on a change or an answer. An error ends the operation.
  std::function<absl::StatusOr<Decision<Value>>(const Attempt&)> decide;
  // Makes the answer to a repeat from Decision::object. May block on reads.
  std::function<absl::StatusOr<Value>(const storage::ReadOptions& read, const std::string& object)>
      replay;
};

// REQUEST_ID_REUSED: the id came before, with other contents.
inline absl::Status RequestReused(const std::string& id) {
  return Refuse(Reason::kRequestIdReused,
                absl::StrCat("request_id \"", id, "\" was used for another request"),
                {{"request_id", id}});
}

// An operation on its way; the state that its attempts share. Use CommitUntilDone(). Not
// thread-safe: it moves between threads, but only one at a time uses it.
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
      // Nothing to change: commit only what a repeat of the request is to find, if it has an id.
      if (operation_.request.id.empty()) {
        return done_(Answered<Value>{*std::move(decision->answer)});
      }
      decision->change = storage::NoChange{};
      // Shared and moved, not copied: the answer may be an invoice of megabytes.
      auto answer = std::make_shared<Value>(*std::move(decision->answer));
      decision->finish = [answer = std::move(answer)](const storage::MutationResult&) {
        return absl::StatusOr<Value>(std::move(*answer));
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
  // Whether the commit succeeded with a result so small that the store's writer may render it: that
  // costs it less than waking another thread. A large invoice would hold up all other commits.
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

  // Answers a repeat of the request that `record` is of, or a request that only has its id.
  void AnswerReplay(const storage::RequestRecord& record) {
    if (record.fingerprint() != operation_.request.fingerprint) {
      return done_(RequestReused(operation_.request.id));
    }
    absl::StatusOr<Value> value = operation_.replay(attempt_.read, record.object());
    if (!value.ok()) return done_(value.status());
    done_(Answered<Value>{*std::move(value), true});
  }

  // Answers if the commit settled the operation. Else makes the next attempt.
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
  // Called once; the last thing that happens to the object.
  Done<Answered<Value>> done_;
  // The attempt that is being made.
  Attempt attempt_;
};

// Runs an operation until it commits or fails: with CONTENTION after kAttemptsMax attempts, with
// REQUEST_ID_REUSED if its request id was used for another request, with DEADLINE_EXCEEDED if the
// deadline is past before a commit; or with an error of `decide`, `finish` or the store. After
// STORE_UNAVAILABLE the change may or may not have been committed. Repeat the request with its id
// to find out.
//
// Runs on the calling thread up to the first commit, then on threads of the store and the executor.
// Calls `done` exactly once, possibly before this returns. Thread-safe.
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
