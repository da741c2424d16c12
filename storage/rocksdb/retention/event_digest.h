// Digests of events that expire. They are kept, and prove what the deleted events were.
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

// The digest of no events: 32 zero bytes.
std::string EmptyDigest();
// Returns the digest after one more event: the SHA-256 over the previous digest and, after it, the
// event as it is packed in a record that was committed at time 0.
std::string AddToDigest(std::string_view digest, const CountedEvent& event);

// A hash of a row of the index of ids, the same on every machine. Its sums are stored on disk, so
// it must never change.
uint64_t IdSum(TenantId tenant, const EventId& id, const IdRow& row);

}  // namespace owo::storage

#endif  // OWO_STORAGE_ROCKSDB_RETENTION_EVENT_DIGEST_H_
