// The row of a counted event id, and the key that looks it up in memory.
//
//   const IdKey key(tenant, event.id);   // hashes the id, once
//   recent.Put(key, {.fingerprint = Fingerprint(customer, feature, quantity), .sequence = 7});

#ifndef OWO_STORAGE_ROCKSDB_FORMAT_ID_ROW_H_
#define OWO_STORAGE_ROCKSDB_FORMAT_ID_ROW_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/hash/hash.h"
#include "absl/status/statusor.h"
#include "storage/event_id.h"
#include "storage/types.h"

namespace owo::storage {

// A counted id: a fingerprint of the event's content, its answer, and its journal record.
struct IdRow {
  uint64_t fingerprint = 0;
  uint64_t sequence : 63 = 0;  // of the event's journal record
  uint64_t over : 1 = 0;

  friend bool operator==(const IdRow&, const IdRow&) = default;
};
std::string PackIdRow(const IdRow& row);
absl::StatusOr<IdRow> UnpackIdRow(std::string_view bytes);
uint64_t Fingerprint(CustomerNo customer, FeatureNo feature, Quantity quantity);

// An event id with its hash, for lookups in memory.
struct IdKey {
  IdKey(TenantId of, const EventId& event)
      : tenant(of), id(event), hash(Hash(static_cast<uint64_t>(of), event.bytes())) {}

  // Seeded per process: never store it. REQUIRES: `id` holds the bytes of an event's id.
  static uint64_t Hash(uint64_t tenant, std::string_view id) {
    return absl::HashOf(tenant, absl::string_view(id.data(), id.size()));
  }

  TenantId tenant{};
  EventId id;
  uint64_t hash = 0;
};

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_FORMAT_ID_ROW_H_
