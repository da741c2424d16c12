// EventTemplate: a serialized request with complete events except for their ids, which are written
// into a copy of it. An event costs the generator about 50 ns.
//
//   EventTemplate batch = EventTemplate::Batch(counters);
//   grpc::ByteBuffer request = batch.Fill([&](size_t i, char* id) { ids.Write(first + i, id); });

#ifndef OWO_TESTS_BENCH_EVENT_TEMPLATE_H_
#define OWO_TESTS_BENCH_EVENT_TEMPLATE_H_

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/slice.h>

#include <cstring>
#include <span>
#include <string>
#include <vector>

#include "tests/bench/counters.h"

namespace owo::bench {

class EventTemplate {
 public:
  // Returns a TrackBatchRequest with an event of quantity 1 for each counter, in the given order.
  static EventTemplate Batch(std::span<const CounterName> counters);
  // Returns a TrackRequest.
  static EventTemplate Single(const CounterName& counter);

  // Calls `write_id` with the index of each event and the position of its 36-character id.
  template <typename WriteId>
  grpc::ByteBuffer Fill(WriteId write_id) const {
    grpc_slice copy = grpc_slice_malloc(bytes_.size());
    char* const bytes = reinterpret_cast<char*>(GRPC_SLICE_START_PTR(copy));
    std::memcpy(bytes, bytes_.data(), bytes_.size());
    for (size_t i = 0; i < id_offsets_.size(); ++i) write_id(i, bytes + id_offsets_[i]);
    const grpc::Slice slice(copy, grpc::Slice::STEAL_REF);
    return {&slice, 1};
  }

 private:
  void Append(const std::string& serialized);

  std::string bytes_;
  std::vector<size_t> id_offsets_;
};

}  // namespace owo::bench

#endif  // OWO_TESTS_BENCH_EVENT_TEMPLATE_H_
