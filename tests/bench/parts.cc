// owo-parts: the cost of single steps of tracking and rating, with Google Benchmark.
//
//   owo-parts --benchmark_filter=Batch

#include <benchmark/benchmark.h>

#include <array>
#include <cstring>
#include <string>

#include "owo/billing/v1/metering.pb.h"
#include "service/access/key_text.h"
#include "service/rating/rate.h"
#include "service/rpc/authenticator.h"
#include "service/rpc/metering/parse_metering.h"
#include "storage/event_id.h"
#include "tests/bench/counters.h"
#include "tests/bench/track_traffic.h"

namespace owo::bench {
namespace {

namespace pb = owo::billing::v1;

grpc::ByteBuffer NextBatch(BatchTraffic& traffic) {
  Call call;
  traffic.Next(call);
  return call.request;
}

BatchTraffic SpreadBatches() {
  return BatchTraffic({.counters = Counters({.customers = 1'000, .features = 10})});
}

void CountEvents(benchmark::State& state) {
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(BatchTraffic::kBatch));
}

// The cost of the load generator itself.
void BatchMade(benchmark::State& state) {
  BatchTraffic traffic = SpreadBatches();
  for (auto iteration : state) benchmark::DoNotOptimize(NextBatch(traffic));
  CountEvents(state);
}
BENCHMARK(BatchMade);

void BatchReadFromWire(benchmark::State& state) {
  BatchTraffic traffic = SpreadBatches();
  grpc::ByteBuffer bytes = NextBatch(traffic);
  const std::string wire = As<pb::TrackBatchRequest>(bytes).SerializeAsString();
  for (auto iteration : state) benchmark::DoNotOptimize(rpc::ParseBatch(wire));
  CountEvents(state);
}
BENCHMARK(BatchReadFromWire);

// The same with protobuf, for comparison.
void BatchMadeMessage(benchmark::State& state) {
  BatchTraffic traffic = SpreadBatches();
  grpc::ByteBuffer bytes = NextBatch(traffic);
  const std::string wire = As<pb::TrackBatchRequest>(bytes).SerializeAsString();
  for (auto iteration : state) {
    pb::TrackBatchRequest request;
    benchmark::DoNotOptimize(request.ParseFromString(wire));
  }
  CountEvents(state);
}
BENCHMARK(BatchMadeMessage);

void EventIdOf(benchmark::State& state, const std::string& text) {
  for (auto iteration : state) benchmark::DoNotOptimize(storage::EventId::Of(text));
}
BENCHMARK_CAPTURE(EventIdOf, uuid, "018f2e4c-7d3a-7cc1-9a52-0242ac120002");
BENCHMARK_CAPTURE(EventIdOf, other_text, "order-4711/line-3/attempt-1");

void DecimalParsed(benchmark::State& state, const std::string& text) {
  for (auto iteration : state) benchmark::DoNotOptimize(rating::Decimal::Parse(text));
}
BENCHMARK_CAPTURE(DecimalParsed, one, "1");
BENCHMARK_CAPTURE(DecimalParsed, all_digits, "123456789012345.123456789012");

// The cost of finding out who makes a call, by each thread. `keys`: how many there are.
void Authenticated(benchmark::State& state) {
  static access::KeyRing* const ring = new access::KeyRing();
  static std::string* const bearer = new std::string();
  if (state.thread_index() == 0 && bearer->empty()) {
    storage::AccessChangeRecord changes;
    changes.set_generation(1);
    for (uint32_t i = 0; i < 10'000; ++i) {
      std::array<uint8_t, access::kKeyRandomBytes> random{};
      std::memcpy(random.data(), &i, sizeof i);
      const std::string text = access::MakeKeyText(access::KeyMode::kLive, random);
      const access::KeyHash hash = access::HashKey(text);
      storage::ApiKeyRecord& key = *changes.add_keys();
      key.set_tenant(1);
      key.set_id(std::string(access::ParseKeyText(text)->id));
      key.set_hash(hash.data(), hash.size());
      key.set_scopes(ledger::Scopes::All().bits());
      *bearer = "Bearer " + text;
    }
    ring->Apply(changes);
  }
  const rpc::Authenticator authenticator({.ring = *ring, .require_keys = true}, ledger::SystemTime);
  for (auto iteration : state) {
    rpc::Caller caller;
    const absl::Status status =
        authenticator.Authenticate(*bearer, {.any_of = {ledger::Scope::kTrack}}, caller);
    if (!status.ok()) state.SkipWithError("it is refused");
    benchmark::DoNotOptimize(caller);
  }
}
BENCHMARK(Authenticated)->Threads(1)->Threads(2);

rating::Price PriceOf(rating::RatingModel model, int64_t tiers) {
  const rating::Decimal one = rating::Decimal::FromInteger(1);
  rating::Price price{.model = model};
  for (int64_t i = 1; i < tiers; ++i) {
    price.tiers.push_back({.up_to = rating::Decimal::FromInteger(10 * i), .unit_price = one});
  }
  if (tiers == 0) {
    price.unit_price = one;
  } else {
    price.tiers.push_back({.unit_price = one});
  }
  return price;
}

void CostOfAThousand(benchmark::State& state, rating::RatingModel model) {
  const rating::Price price = PriceOf(model, state.range(0));
  const rating::Decimal billable = rating::Decimal::FromInteger(1'000);
  for (auto iteration : state) benchmark::DoNotOptimize(rating::Cost(price, billable));
}
BENCHMARK_CAPTURE(CostOfAThousand, per_unit, rating::RatingModel::kPerUnit)->Arg(0);
BENCHMARK_CAPTURE(CostOfAThousand, graduated, rating::RatingModel::kGraduated)->Arg(3)->Arg(100);
BENCHMARK_CAPTURE(CostOfAThousand, volume, rating::RatingModel::kVolume)->Arg(3)->Arg(100);

}  // namespace
}  // namespace owo::bench

BENCHMARK_MAIN();
