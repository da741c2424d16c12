// What stays of events that are dropped: sums that tell what they were.
//
//   std::string digest = EmptyDigest();
//   digest = AddToDigest(digest, event);        // in order of arrival
//   sum += IdSum(tenant, event.id, row);        // in any order

#ifndef OWO_STORAGE_ROCKSDB_RETENTION_EVENT_DIGEST_H_
#define OWO_STORAGE_ROCKSDB_RETENTION_EVENT_DIGEST_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "storage/rocksdb/format/journal.h"
#include "storage/rocksdb/ids/ids.h"
#include "storage/types.h"

namespace owo::storage {

// Of no events: 32 zeros.
std::string EmptyDigest();
// SHA-256 of the digest of the events before, and the event as a record committed at 0 packs it.
std::string AddToDigest(std::string_view digest, const CountedEvent& event);

// A hash of a row of the index of ids, the same on every machine. On disk, added up: never change.
uint64_t IdSum(TenantId tenant, const EventId& id, const IdRow& row);

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_RETENTION_EVENT_DIGEST_H_
