// Events and answers for tests of track().
//
//   owo.track(Event("first"));
//   EXPECT_THAT(Ids(batch.events), ElementsAre("first"));
//   sent.answer(Tracked(batch));

#ifndef OWO_TESTS_CLIENT_TRACK_EVENTS_H_
#define OWO_TESTS_CLIENT_TRACK_EVENTS_H_

#include <string>
#include <vector>

#include "client/cpp/metering.h"

namespace owo::testing {

inline TrackParams Event(const std::string& id) {
  return {.customer = "user_123", .feature = "calls", .quantity = "1", .event_id = id};
}

inline std::vector<std::string> Ids(const std::vector<TrackParams>& events) {
  std::vector<std::string> ids;
  for (const TrackParams& event : events) ids.push_back(event.event_id);
  return ids;
}

// An answer that counts all events.
inline TrackBatchResult Tracked(const TrackBatchParams& batch) {
  return {.codes = std::vector<TrackCode>(batch.events.size(), TrackCode::kTracked),
          .recorded = static_cast<uint32_t>(batch.events.size())};
}

// Changes the answer so that one event is not counted. Call it in the order of the events.
inline void Refuse(uint32_t index, TrackCode code, TrackBatchResult& result) {
  result.codes.at(index) = code;
  result.details.push_back({.index = index, .code = code});
  --result.recorded;
}

// Changes the answer so that one event is rejected, with a reason of errors.proto.
inline void Reject(uint32_t index, const std::string& reason, TrackBatchResult& result) {
  Refuse(index, TrackCode::kRejected, result);
  result.details.back().error = EventError{.reason = reason, .message = "as scripted"};
}

}  // namespace owo::testing

#endif  // OWO_TESTS_CLIENT_TRACK_EVENTS_H_
