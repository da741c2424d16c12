#include "service/access/access_upkeep.h"

#include <memory>
#include <utility>
#include <vector>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"

namespace owo::access {

AccessUpkeep::AccessUpkeep(storage::Store& store, KeyRing& ring, OperatorKey* operator_key,
                           UpkeepOptions options)
    : store_(store),
      ring_(ring),
      operator_key_(operator_key),
      options_(std::move(options)),
      thread_("access", [this] { Run(); }) {}

AccessUpkeep::~AccessUpkeep() {
  const absl::MutexLock lock(&mutex_);
  stopping_ = true;
}

void AccessUpkeep::Run() {
  absl::Time stored = absl::Now();
  while (Rest()) {
    if (operator_key_ != nullptr) {
      const absl::Status read = operator_key_->Refresh();  // an error is of a new version
      if (!read.ok() && options_.on_failure) options_.on_failure(read);
    }
    Report(ring_failing_, ring_.Refresh(store_));
    if (absl::Now() - stored < options_.store_uses_every) continue;
    StoreUses();
    stored = absl::Now();
  }
  StoreUses();
}

void AccessUpkeep::StoreUses() {
  if (!store_.Writable().ok()) return;
  const std::vector<storage::ApiKeyUseRecord> uses = ring_.TakeUses();
  if (uses.empty()) return;
  absl::Status status;
  absl::Notification stored;
  store_.Commit({.tenant = storage::kNoTenant,
                 .now = ledger::SystemTime(),
                 .change = storage::PutKeyUses{uses}},
                [&](const absl::StatusOr<storage::MutationResult>& result) {
                  status = result.status();
                  stored.Notify();
                });
  stored.WaitForNotification();
  if (!status.ok()) ring_.GiveBackUses(uses);  // the store itself reports why it cannot write
}

void AccessUpkeep::Report(bool& failing, const absl::Status& status) {
  if (!status.ok() && !failing && options_.on_failure) options_.on_failure(status);
  failing = !status.ok();
}

bool AccessUpkeep::Rest() {
  const absl::MutexLock lock(&mutex_);
  return !mutex_.AwaitWithTimeout(absl::Condition(&stopping_), options_.refresh_every);
}

}  // namespace owo::access
