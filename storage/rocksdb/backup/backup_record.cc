#include "storage/rocksdb/backup/backup_record.h"

#include <rocksdb/file_checksum.h>

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "storage/convert.h"
#include "storage/rocksdb/format/keys.h"
#include "storage/util/try.h"

namespace owo::storage {
namespace {

constexpr size_t kSumBytes = 4;
// RocksDB keeps at most 1 MiB of metadata.
constexpr size_t kNumbersMax = 10'000;

std::string Crc32c(std::string_view bytes) {
  const auto sum = rocksdb::GetFileChecksumGenCrc32cFactory()->CreateFileChecksumGenerator({});
  sum->Update(bytes.data(), bytes.size());
  sum->Finalize();
  return sum->GetChecksum();
}

}  // namespace

std::string PackBackupRecord(const BackupRecord& record) {
  std::string bytes = record.SerializeAsString();
  bytes.append(Crc32c(bytes));
  return bytes;
}

absl::StatusOr<BackupRecord> ParseBackupRecord(std::string_view bytes) {
  const size_t size = bytes.size() - std::min(bytes.size(), kSumBytes);
  BackupRecord record;
  if (bytes.substr(size) != Crc32c(bytes.substr(0, size)) ||
      !record.ParseFromArray(bytes.data(), static_cast<int>(size))) {
    return absl::DataLossError("what the backup says of itself is damaged");
  }
  return record;
}

absl::StatusOr<std::vector<LastNumber>> ReadLastNumbers(const Database& database) {
  std::vector<LastNumber> numbers;
  const auto it = database.Iterate(ColumnFamily::kMeta);
  for (it->SeekToFirst(); it->Valid(); it->Next()) {
    const std::optional<TenantId> tenant = keys::ParseTenant(ToView(it->key()));
    if (!tenant.has_value() || keys::Tenant(*tenant) != ToView(it->key())) continue;
    OWO_TRY(const TenantRecord row, ParseRow<TenantRecord>(ToView(it->value())));
    const size_t first = numbers.size();
    for (const auto& [series, last] : row.last_sequence()) {
      numbers.push_back({.tenant = *tenant, .series = series, .last = last});
    }
    std::sort(numbers.begin() + static_cast<ptrdiff_t>(first), numbers.end(),
              [](const LastNumber& a, const LastNumber& b) { return a.series < b.series; });
  }
  OWO_RETURN_IF_ERROR(FromRocks(it->status()));
  return numbers;
}

absl::Status Describe(const Database& database, BackupRecord& record) {
  OWO_TRY(const auto format, database.Get(ColumnFamily::kMeta, keys::kFormat));
  record.set_format(format.value_or(""));
  // What an iterator shows was synced before, as RocksDB syncs a commit before it shows it.
  const auto journal = database.Iterate(ColumnFamily::kJournal);
  journal->SeekToLast();
  OWO_RETURN_IF_ERROR(FromRocks(journal->status()));
  if (journal->Valid()) record.set_sequence(keys::TrailingNumber(ToView(journal->key())));
  OWO_TRY(const std::vector<LastNumber> numbers, ReadLastNumbers(database));
  record.set_numbers_left_out(numbers.size() > kNumbersMax);
  if (record.numbers_left_out()) return absl::OkStatus();
  for (const LastNumber& number : numbers) {
    LastNumberRecord& added = *record.add_numbers();
    added.set_tenant(static_cast<uint32_t>(number.tenant));
    added.set_series(number.series);
    added.set_last(number.last);
  }
  return absl::OkStatus();
}

}  // namespace owo::storage
