#include "tests/support/rows.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <gtest/gtest.h>

#include "storage/records.pb.h"
#include "storage/rocksdb/format/event_chunk.h"
#include "storage/rocksdb/format/keys.h"
#include "tests/support/hex.h"

namespace owo::storage {
namespace {

constexpr size_t kTenantSize = 4;

// The same record, with its maps in order.
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

// When an account was written behind is not part of what the journal folds to.
std::string WithoutPosition(std::string_view bytes) {
  AccountRecord record;
  if (!record.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return "does not parse: " + Hex(bytes);
  }
  record.clear_position();
  return record.SerializeAsString();
}

// The records that hold maps or positions; all others are what was written.
std::string Normal(Space space, std::string_view key, std::string_view value) {
  const char kind = key.size() > kTenantSize ? key[kTenantSize] : '\0';
  if (space == Space::kMeta && key.size() == kTenantSize) return InOrder<TenantRecord>(value);
  if (space == Space::kUsage && kind == 'a') return WithoutPosition(value);
  if (space == Space::kInvoices && kind == 'c') return InOrder<InvoiceRecord>(value);
  if (space == Space::kCustomers && kind == 'c') return InOrder<ContractRecord>(value);
  if (space == Space::kCustomers && kind == 'p') return InOrder<CustomerRecord>(value);
  return std::string(value);
}

// One row for each event, wherever its chunk was cut: the counter and the event's ordinal, in hex.
Rows EventsOf(const Database& database) {
  Rows events;
  const auto it = database.Iterate(Space::kUsageEvents);
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

Rows RowsOf(const Database& database, Space space) {
  Rows rows;
  const auto it = database.Iterate(space);
  for (it->SeekToFirst(); it->Valid(); it->Next()) {
    const std::string_view key = ToView(it->key());
    rows[Hex(key)] = Normal(space, key, ToView(it->value()));
  }
  EXPECT_TRUE(it->status().ok()) << it->status().ToString();
  return rows;
}

std::map<std::string, Rows> FoldedRows(const Database& database) {
  std::map<std::string, Rows> folded;
  for (const Space space : {Space::kMeta, Space::kIds, Space::kUsage, Space::kInvoices,
                            Space::kCatalog, Space::kCustomers}) {
    folded[kSpaceNames[static_cast<size_t>(space)]] = RowsOf(database, space);
  }
  folded["usage_events"] = EventsOf(database);
  folded[kSpaceNames[static_cast<size_t>(Space::kMeta)]].erase(Hex(keys::kBehind));
  std::erase_if(folded["customers"], [](const auto& row) {
    const std::string kind = row.first.substr(2 * kTenantSize, 2);
    return kind != Hex("c") && kind != Hex("s");
  });
  return folded;
}

std::unique_ptr<Database> OpenDatabase(const std::string& data_dir, rocksdb::Env* env) {
  auto database = Database::Open({.data_dir = data_dir, .env = env});
  EXPECT_TRUE(database.ok()) << database.status();
  return database.ok() ? *std::move(database) : nullptr;
}

}  // namespace owo::storage
