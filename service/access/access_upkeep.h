// Keeps the key ring and the operator's key current, and stores when keys were last used.
//
//   AccessUpkeep upkeep(store, ring, operator_key.get(), {.on_failure = …});

#ifndef OWO_SERVICE_ACCESS_ACCESS_UPKEEP_H_
#define OWO_SERVICE_ACCESS_ACCESS_UPKEEP_H_

#include <functional>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "service/access/key_ring.h"
#include "service/access/operator_key.h"
#include "service/ledger/clock.h"
#include "storage/store.h"
#include "storage/util/thread.h"

namespace owo::access {

struct UpkeepOptions {
  // How often other processes' changes, and a new operator's key, are looked for.
  absl::Duration refresh_every = absl::Seconds(1);
  // How often the last uses of keys are stored, if there are any.
  absl::Duration store_uses_every = absl::Minutes(1);
  // Called on the thread of the upkeep when something failed for the first time; it is tried again.
  // Must not block.
  std::function<void(const absl::Status&)> on_failure;
};

// One thread.
class AccessUpkeep {
 public:
  // `operator_key` may be null: there is none. All must outlive this.
  AccessUpkeep(storage::Store& store, KeyRing& ring, OperatorKey* operator_key,
               UpkeepOptions options);
  // Stores the last uses of keys, and stops the thread. While the store does not accept writes, the
  // uses are lost.
  ~AccessUpkeep();

 private:
  void Run();
  void StoreUses();
  void Report(bool& failing, const absl::Status& status);
  // Returns false once the upkeep is to stop.
  bool Rest();

  storage::Store& store_;
  KeyRing& ring_;
  OperatorKey* const operator_key_;
  const UpkeepOptions options_;
  bool ring_failing_ = false;
  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  Thread thread_;  // last: it uses the others
};

}  // namespace owo::access

#endif  // OWO_SERVICE_ACCESS_ACCESS_UPKEEP_H_
