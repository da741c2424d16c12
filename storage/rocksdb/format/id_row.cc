#include "storage/rocksdb/format/id_row.h"

#include "storage/util/varint.h"

namespace owo::storage {
namespace {

uint64_t Mix(uint64_t x) {  // the finaliser of SplitMix64: on disk, never change
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

}  // namespace

std::string PackIdRow(const IdRow& row) {
  const uint64_t fingerprint = row.fingerprint;
  std::string bytes(reinterpret_cast<const char*>(&fingerprint), sizeof fingerprint);
  bytes.push_back(static_cast<char>(row.over));
  AppendVarint64(bytes, row.sequence);
  return bytes;
}

absl::StatusOr<IdRow> UnpackIdRow(std::string_view bytes) {
  ByteReader in(bytes);
  IdRow row;
  const std::string_view fingerprint = in.Take(sizeof row.fingerprint);
  if (in.ok()) fingerprint.copy(reinterpret_cast<char*>(&row.fingerprint), fingerprint.size());
  row.over = in.Byte() & 1;
  row.sequence = in.Varint64();
  if (!in.AtEnd()) return absl::DataLossError("an id row does not parse");
  return row;
}

uint64_t Fingerprint(CustomerNo customer, FeatureNo feature, Quantity quantity) {
  uint64_t h = Mix(static_cast<uint64_t>(customer) + 0x9e3779b97f4a7c15);
  h = Mix(h ^ static_cast<uint32_t>(feature));
  h = Mix(h ^ absl::Int128Low64(quantity.units));
  return Mix(h ^ static_cast<uint64_t>(absl::Int128High64(quantity.units)));
}

}  // namespace owo::storage
