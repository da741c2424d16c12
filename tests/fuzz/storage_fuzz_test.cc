// Rows and keys, with arbitrary damage.

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/convert.h"
#include "storage/rocksdb/engine/wal_format.h"
#include "storage/rocksdb/format/event_chunk.h"
#include "storage/rocksdb/format/keys.h"
#include "storage/rocksdb/ids/ids.h"
#include "storage/util/varint.h"
#include "tests/fuzz/any_values.h"
#include "tests/fuzz/fuzz.h"

namespace owo::storage {
namespace {

constexpr absl::StatusCode kDamage = absl::StatusCode::kDataLoss;

// For parsers that return nullopt instead of an error.
template <typename Value, typename Found>
absl::StatusOr<Value> OrDamage(const Found& found) {
  if (!found.has_value()) return absl::DataLossError("not what it should be");
  return Value(*found);
}

TEST(StorageFuzzTest, Varints) {
  using Numbers = std::tuple<uint64_t, uint32_t, absl::uint128, absl::int128, uint8_t, std::string>;
  const auto any = [](Random& random) {
    return Numbers(random.OfAnySize(), AnyShortNumber(random),
                   static_cast<absl::uint128>(AnyAmount(random).units), AnyAmount(random).units,
                   static_cast<uint8_t>(random.Word()), random.Bytes(random.Between(0, 20)));
  };
  const auto encode = [](const Numbers& numbers) {
    std::string bytes;
    AppendVarint64(bytes, std::get<0>(numbers));
    AppendVarint64(bytes, std::get<1>(numbers));
    AppendVarint(bytes, std::get<2>(numbers));
    AppendSigned128(bytes, std::get<3>(numbers));
    bytes.push_back(static_cast<char>(std::get<4>(numbers)));
    AppendVarint64(bytes, std::get<5>(numbers).size());
    return bytes + std::get<5>(numbers);
  };
  const auto decode = [](std::string_view bytes) -> absl::StatusOr<Numbers> {
    ByteReader in(bytes);
    Numbers numbers;
    std::get<0>(numbers) = in.Varint64();
    std::get<1>(numbers) = in.Varint32();
    std::get<2>(numbers) = in.Varint128();
    std::get<3>(numbers) = in.Signed128();
    std::get<4>(numbers) = in.Byte();
    std::get<5>(numbers) = std::string(in.Take(in.Varint64()));
    if (!in.AtEnd()) return absl::DataLossError("not these numbers");
    EXPECT_EQ(ByteReader(bytes).Varint128(), std::get<0>(numbers)) << "cut to 64 bits";
    return numbers;
  };
  Fuzz(5000, any, encode, decode, kDamage);
}

TEST(StorageFuzzTest, IdRows) {
  const auto any = [](Random& random) {
    IdRow row{.fingerprint = random.Word()};
    row.sequence = random.OfAnySize() >> 1;
    row.over = random.OneIn(2) ? 1 : 0;
    return row;
  };
  Fuzz(5000, any, PackIdRow, UnpackIdRow, kDamage);
}

TEST(StorageFuzzTest, Quantities) { Fuzz(5000, AnyAmount, PackQuantity, UnpackQuantity, kDamage); }

TEST(StorageFuzzTest, Counters) {
  const auto any = [](Random& random) {
    return Counter{.terms = AnyCounterTerms(random),
                   .total = AnyAmount(random),
                   .events = random.OfAnySize(),
                   .covered = random.OneIn(4) ? Coverage() : AnyCover(random),
                   .open = random.OneIn(2)};
  };
  const auto encode = [](const Counter& counter) { return ToRecord(counter).SerializeAsString(); };
  const auto decode = [](std::string_view bytes) -> absl::StatusOr<Counter> {
    CounterRecord record;
    if (!record.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
      return absl::DataLossError("not a record");
    }
    return FromRecord(CounterKey(), record);
  };
  Fuzz(2000, any, encode, decode, kDamage);
}

TEST(StorageFuzzTest, CounterKeys) {
  using Key = std::pair<TenantId, CounterKey>;
  const auto any = [](Random& random) {
    return Key(TenantId{AnyShortNumber(random)}, AnyCounterKey(random));
  };
  const auto encode = [](const Key& key) { return keys::Counter(key.first, key.second); };
  const auto decode = [](std::string_view bytes) -> absl::StatusOr<Key> {
    const auto key = OrDamage<CounterKey>(keys::ParseCounter(bytes));
    if (!key.ok()) return key.status();
    return Key(keys::ParseTenant(bytes).value(), *key);
  };
  Fuzz(5000, any, encode, decode, kDamage);
}

TEST(StorageFuzzTest, CoveredRanges) {
  using Row = std::pair<uint64_t, std::string>;
  const auto any = [](Random& random) {
    return Row(random.OfAnySize(), random.Bytes(random.Between(1, 20)));
  };
  const auto encode = [](const Row& row) {
    return keys::CoveredValue({.first = row.first, .invoice = row.second});
  };
  const auto decode = [](std::string_view bytes) -> absl::StatusOr<Row> {
    const auto cover = OrDamage<keys::Cover>(keys::ParseCovered(bytes));
    if (!cover.ok()) return cover.status();
    return Row(cover->first, cover->invoice);
  };
  Fuzz(5000, any, encode, decode, kDamage);
}

// The parts at the ends of a key can be read from keys of any length.
TEST(StorageFuzzTest, EndsOfKeys) {
  const auto any = [](Random& random) {
    return keys::Invoice(TenantId{AnyShortNumber(random)}, CustomerNo{random.OfAnySize()},
                         random.Bytes(16));
  };
  FuzzBytes(3000, any, [](std::string_view bytes, bool) {
    const std::string key(bytes);
    const auto tenant = keys::ParseTenant(bytes);
    EXPECT_EQ(tenant.has_value(), key.size() >= 4);
    EXPECT_TRUE(!tenant.has_value() || key.starts_with(keys::Tenant(*tenant)));
    const std::string number = keys::CustomerValue(keys::TrailingCustomer(bytes));
    EXPECT_TRUE(key.ends_with(number) || key.size() < 8);
    const std::string invoice = keys::TrailingInvoice(bytes);
    EXPECT_EQ(invoice.size(), key.size() < 16 ? 0 : 16);
    EXPECT_TRUE(key.ends_with(keys::InvoiceId(TenantId(), invoice).substr(5)));
    const std::string end = keys::EndOf(key);
    EXPECT_TRUE(end.empty() ? key.find_first_not_of('\xff') == key.npos : end > key + '\xff');
    return !invoice.empty();
  });
}

TEST(StorageFuzzTest, EventChunks) {
  using Locations = std::vector<EventLocation>;
  const auto any = [](Random& random) {
    Locations locations;
    EventLocation location{.sequence = random.OfAnySize() / 4};
    for (int64_t i = random.Between(1, 30); i > 0; --i) {
      const uint64_t later = random.OneIn(3) ? 1 + random.OfAnySize() / 256 : 0;
      if (later > 0) location = {.sequence = location.sequence + later};
      location.index += 1 + (random.OneIn(2) ? 0 : random.OfAnySize() / 256);
      locations.push_back(location);
    }
    return locations;
  };
  const auto encode = [](const Locations& locations) {
    EventChunk chunk;
    for (const EventLocation& location : locations) {
      chunk.Add(location, static_cast<Micros>(location.sequence * 7));
    }
    return chunk.Finish();
  };
  const auto decode = [](std::string_view bytes) {
    auto all = ReadChunk(bytes, 0, kChunkEventsMax);
    if (!all.ok()) return all;
    const ChunkHeader header = ParseChunkHeader(bytes).value();
    EXPECT_EQ(header.size, all->size());
    EXPECT_TRUE(!header.times.has_value() || header.times->least <= header.times->greatest);
    const size_t half = all->size() / 2;
    const auto middle = all->begin() + static_cast<std::ptrdiff_t>(half);
    const auto front = ReadChunk(bytes, 0, half);
    EXPECT_TRUE(front.ok() && *front == Locations(all->begin(), middle));
    const auto back = ReadChunk(bytes, half, kChunkEventsMax);
    EXPECT_TRUE(back.ok() && *back == Locations(middle, all->end()));
    return all;
  };
  Fuzz(2000, any, encode, decode, kDamage);
}

// RocksDB's manifest: records with a checksum and a length.
TEST(StorageFuzzTest, Manifests) {
  const auto any = [](Random& random) {
    std::string log;
    for (int64_t records = random.Between(1, 6); records > 0; --records) {
      const auto size = static_cast<size_t>(random.Between(0, 40));
      log += random.Bytes(4);
      log.push_back(static_cast<char>(size));
      log.push_back('\0');
      log += "\x01" + random.Bytes(static_cast<int64_t>(size));
    }
    return log;
  };
  FuzzBytes(1000, any, [](std::string_view log, bool whole) {
    const bool damaged = HasDamagedLength(log);
    EXPECT_FALSE(whole && damaged);
    return !damaged;
  });
}

TEST(StorageFuzzTest, WriteAheadLogs) {
  const auto any = [](Random& random) {
    std::string log = random.Bytes(random.Between(0, 100));
    log.resize(static_cast<size_t>(random.Between(0, 70'000)));
    return log;
  };
  FuzzBytes(500, any, [](std::string_view log, bool /*whole*/) {
    EXPECT_LE(ValidPrefixSize(log).value_or(0), log.size());
    return true;  // every byte sequence is a valid log
  });
}

}  // namespace
}  // namespace owo::storage
