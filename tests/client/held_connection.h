// A connection that holds the batches of track() until the test answers them.
//
//   auto connection = std::make_shared<HeldConnection>();
//   Owostack owo(connection);
//   …
//   const HeldConnection::Batch batch = connection->Await();
//   batch.done(Tracked(batch.params));
//
// Thread-safe.

#ifndef OWO_TESTS_CLIENT_HELD_CONNECTION_H_
#define OWO_TESTS_CLIENT_HELD_CONNECTION_H_

#include <deque>
#include <functional>
#include <stdexcept>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "client/cpp/mocks/mock_connection.h"

namespace owo::testing {

class HeldConnection : public MockConnection {
 public:
  struct Batch {
    TrackBatchParams params;
    std::function<void(absl::StatusOr<TrackBatchResult>)> done;
  };

  void StartTrackBatch(const TrackBatchParams& params,
                       std::function<void(absl::StatusOr<TrackBatchResult>)> done) override {
    const absl::MutexLock lock(&mutex_);
    batches_.push_back({params, std::move(done)});
    sent_.Signal();
  }

  // Returns the next batch that is sent. Throws if none is sent within a minute.
  Batch Await() {
    const absl::Time deadline = absl::Now() + absl::Minutes(1);
    const absl::MutexLock lock(&mutex_);
    while (batches_.empty()) {
      if (sent_.WaitWithDeadline(&mutex_, deadline)) throw std::runtime_error("nothing is sent");
    }
    Batch batch = std::move(batches_.front());
    batches_.pop_front();
    return batch;
  }

  // Returns how many batches are waiting for Await().
  size_t held() const {
    const absl::MutexLock lock(&mutex_);
    return batches_.size();
  }

 private:
  mutable absl::Mutex mutex_;
  absl::CondVar sent_;
  std::deque<Batch> batches_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace owo::testing

#endif  // OWO_TESTS_CLIENT_HELD_CONNECTION_H_
