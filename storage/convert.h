// Converts values to and from the records that store them on disk.
//
//   const std::string row = ToRecord(counter).SerializeAsString();
//   OWO_TRY(const CounterRecord record, ParseRow<CounterRecord>(row));
//   OWO_TRY(const Counter same, FromRecord(counter.key, record));
//
// These are the only conversions between types.h and records.proto. What they write is read by
// every later release: fields keep their numbers and meanings, and tests hold the bytes. All
// functions are thread-safe.

#ifndef OWO_STORAGE_CONVERT_H_
#define OWO_STORAGE_CONVERT_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "storage/records.pb.h"
#include "storage/types.h"

namespace owo::storage {

// Parses a row. DATA_LOSS if the bytes do not parse, or are empty: no record is empty on disk, and
// a missing row must not become a record of defaults.
template <typename Record>
absl::StatusOr<Record> ParseRow(std::string_view bytes) {
  Record record;
  if (bytes.empty() || !record.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return absl::DataLossError("a " + record.GetTypeName() + " row does not parse");
  }
  return record;
}

// A quantity as a zigzag varint of up to 128 bits, at most 19 bytes.
std::string PackQuantity(Quantity q);
// The inverse; 0 if `bytes` is empty, as a field that was not set is. DATA_LOSS if it is anything
// but one varint.
absl::StatusOr<Quantity> UnpackQuantity(std::string_view bytes);

// Each ToRecord() has a FromRecord() that returns an equal value. Those that return a StatusOr fail
// with DATA_LOSS if the record was not made by ToRecord().
CounterKeyRecord ToRecord(const CounterKey& key);
CounterKey FromRecord(const CounterKeyRecord& record);

CounterTermsRecord ToRecord(const CounterTerms& terms);
CounterTerms FromRecord(const CounterTermsRecord& record);

CoverageRecord ToRecord(const Coverage& coverage);
absl::StatusOr<Coverage> FromRecord(const CoverageRecord& record);

// The record does not include the key, which the row's key holds.
CounterRecord ToRecord(const Counter& counter);
absl::StatusOr<Counter> FromRecord(const CounterKey& key, const CounterRecord& record);

}  // namespace owo::storage

#endif  // OWO_STORAGE_CONVERT_H_
