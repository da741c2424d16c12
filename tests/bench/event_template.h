// EventTemplate: a serialised request whose events are complete but for their ids, which are
// written into a copy of it. So an event costs the generator some 50 ns.
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
  // A TrackBatchRequest with an event of quantity 1 for each of the counters, in their order.
  static EventTemplate Batch(std::span<const CounterName> counters);
  // A TrackRequest.
  static EventTemplate Single(const CounterName& counter);

  // `write_id` is called with the place of each event, and where its id's 36 characters go.
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
