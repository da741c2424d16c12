// Blocking calls of a store, and commands with sensible defaults.
//
//   Subject subject = AddSubject(*store, "acme");                  // a catalog, and a customer
//   TrackOutcome outcome = TrackOne(*store, subject, subject.Event("e1", 5));
//   EXPECT_EQ(outcome.total, Units(5));
#ifndef OWO_TESTS_SUPPORT_STORE_H_
#define OWO_TESTS_SUPPORT_STORE_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/store.h"

namespace owo::storage {

// 2026-11-15T12:00:00Z, in the month that begins on day 20758.
inline constexpr Micros kNow = 1'794'744'000'000'000;
inline constexpr Micros kSecond = 1'000'000;
inline constexpr Micros kDay = kSecond * 24 * 3600;
inline constexpr PeriodKey kNovember{IntervalCode::kMonth, 20758};
inline constexpr PeriodKey kDecember{IntervalCode::kMonth, 20788};

inline Quantity Units(int64_t whole) { return {absl::int128(whole) * 1'000'000'000'000}; }
// The largest total that the design allows: just below 10^15.
inline Quantity TotalMax() { return Units(1'000'000'000'000'000) - Quantity{1}; }

// ---- Blocking calls.

absl::StatusOr<std::vector<TrackOutcome>> Track(Store& store, TrackCommand command);
absl::StatusOr<MutationResult> Commit(Store& store, Mutation mutation);

// Runs body(0) … body(count - 1) concurrently, each on its own thread.
void InParallel(int count, const std::function<void(int)>& body);

// ---- Commands.

// A customer, and the generations that its events are resolved against.
struct Subject {
  TenantId tenant = kDefaultTenant;
  CustomerNo customer{};
  uint64_t customer_generation = 1;
  uint64_t catalog_generation = 1;

  CounterKey Counter(uint32_t segment = 0, FeatureNo feature = FeatureNo{1},
                     PeriodKey period = kNovember) const;
  TrackEvent Event(std::string_view id, Quantity quantity, const CounterKey& counter) const;
  TrackEvent Event(std::string_view id, int64_t quantity, uint32_t segment = 0) const {
    return Event(id, Units(quantity), Counter(segment));
  }
  TrackCommand Command(std::vector<TrackEvent> events) const;
};

// Objects that events refer to, which exist until the program ends. TargetOf() gives the event its
// own copy of its target, to be changed; Kept() stores a text.
Target& TargetOf(TrackEvent& event);
std::string_view Kept(std::string text);

// Creates a catalog of generation 1 if there is none, and a customer with this id.
Subject AddSubject(Store& store, std::string_view id, TenantId tenant = kDefaultTenant);

// Returns the outcomes of a command that must succeed. If it fails, the test fails and the result
// is empty.
std::vector<TrackOutcome> TrackAll(Store& store, const Subject& subject,
                                   std::vector<TrackEvent> events);
TrackOutcome TrackOne(Store& store, const Subject& subject, const TrackEvent& event);

Mutation Change(const Subject& subject, decltype(Mutation::change) change);
PutCustomer NewCustomer(std::string_view id, std::string_view email = "");
PutCatalog FirstCatalog();

// ---- Reads that must succeed.

// Returns the whole catalog, with the terms of all versions.
CatalogRecord WholeCatalog(const CatalogSource& source, TenantId tenant = kDefaultTenant);
Account ReadAccount(const Store& store, const Subject& subject,
                    const std::vector<CounterKey>& asked = {});
Counter ReadCounter(const Store& store, const Subject& subject, const CounterKey& key);

}  // namespace owo::storage

#endif  // OWO_TESTS_SUPPORT_STORE_H_
