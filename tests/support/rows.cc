#include "tests/support/rows.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <gtest/gtest.h>

#include "absl/strings/escaping.h"
#include "storage/records.pb.h"
#include "storage/rocksdb/format/event_chunk.h"
#include "storage/rocksdb/format/keys.h"
#include "tests/support/hex.h"

namespace owo::storage {
namespace {

constexpr size_t kTenantSize = 4;

// Returns the same record, with its maps sorted by key.
template <typename Record>
std::string InOrder(std::string_view bytes) {
  Record record;
  if (!record.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return "does not parse: " + Hex(bytes);
  }
  std::string ordered;
  google::protobuf::io::StringOutputStream stream(&ordered);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  record.SerializeToCodedStream(&coded);
  coded.Trim();
  return ordered;
}

// The flushed sequence of an account does not follow from the journal.
std::string WithoutFlushedSequence(std::string_view bytes) {
  AccountRecord record;
  if (!record.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return "does not parse: " + Hex(bytes);
  }
  record.clear_flushed_sequence();
  return record.SerializeAsString();
}

// Normalizes records with maps or flushed sequences; returns all others unchanged.
std::string Normal(ColumnFamily family, std::string_view key, std::string_view value) {
  const char kind = key.size() > kTenantSize ? key[kTenantSize] : '\0';
  if (family == ColumnFamily::kMeta && key.size() == kTenantSize) {
    return InOrder<TenantRecord>(value);
  }
  if (family == ColumnFamily::kUsage && kind == 'a') return WithoutFlushedSequence(value);
  if (family == ColumnFamily::kInvoices && kind == 'c') return InOrder<InvoiceRecord>(value);
  if (family == ColumnFamily::kCustomers && kind == 'c') return InOrder<ContractRecord>(value);
  if (family == ColumnFamily::kCustomers && kind == 'p') return InOrder<CustomerRecord>(value);
  return std::string(value);
}

// Returns one row for each event, independent of chunk boundaries. The key is the counter and the
// event's ordinal, in hex.
Rows EventsOf(const Database& database) {
  Rows events;
  const auto it = database.Iterate(ColumnFamily::kUsageEvents);
  for (it->SeekToFirst(); it->Valid(); it->Next()) {
    const std::string_view key = ToView(it->key());
    const auto locations = ReadChunk(ToView(it->value()), 0, kChunkEventsMax);
    EXPECT_TRUE(locations.ok()) << Hex(key) << ": " << locations.status();
    if (!locations.ok()) continue;
    uint64_t ordinal = keys::TrailingNumber(key) - locations->size();
    for (const EventLocation& location : *locations) {
      const std::string counter = Hex(key.substr(0, key.size() - sizeof ordinal));
      EXPECT_TRUE(
          events
              .emplace(counter + " " + std::to_string(ordinal++),
                       std::to_string(location.sequence) + " " + std::to_string(location.index))
              .second)
          << "an event is in two chunks";
    }
  }
  EXPECT_TRUE(it->status().ok()) << it->status().ToString();
  return events;
}

}  // namespace

Rows RowsOf(const Database& database, ColumnFamily family) {
  Rows rows;
  const auto it = database.Iterate(family);
  for (it->SeekToFirst(); it->Valid(); it->Next()) {
    const std::string_view key = ToView(it->key());
    rows[Hex(key)] = Normal(family, key, ToView(it->value()));
  }
  EXPECT_TRUE(it->status().ok()) << it->status().ToString();
  return rows;
}

std::map<std::string, Rows> ReplayedRows(const Database& database) {
  std::map<std::string, Rows> replayed;
  for (const ColumnFamily family :
       {ColumnFamily::kMeta, ColumnFamily::kIds, ColumnFamily::kUsage, ColumnFamily::kInvoices,
        ColumnFamily::kCatalog, ColumnFamily::kCustomers}) {
    replayed[kColumnFamilyNames[static_cast<size_t>(family)]] = RowsOf(database, family);
  }
  replayed["usage_events"] = EventsOf(database);
  replayed[kColumnFamilyNames[static_cast<size_t>(ColumnFamily::kMeta)]].erase(
      Hex(keys::kReplayStart));
  // When keys were used is not in the journal.
  std::erase_if(
      replayed[kColumnFamilyNames[static_cast<size_t>(ColumnFamily::kMeta)]], [](const auto& row) {
        return keys::AccessRowOf(absl::HexStringToBytes(row.first)) == keys::AccessRow::kApiKeyUse;
      });
  std::erase_if(replayed["customers"], [](const auto& row) {
    const std::string kind = row.first.substr(2 * kTenantSize, 2);
    return kind != Hex("c") && kind != Hex("s");
  });
  return replayed;
}

std::unique_ptr<Database> OpenDatabase(const std::string& data_dir, rocksdb::Env* env) {
  auto database = Database::Open({.data_dir = data_dir, .env = env});
  EXPECT_TRUE(database.ok()) << database.status();
  return database.ok() ? *std::move(database) : nullptr;
}

}  // namespace owo::storage
