// A closed store with the result of a workload. Tests damage its rows directly, and check whether
// the damage is detected.
//
//   Live(100);
//   DamageRecord<CounterRecord>(ColumnFamily::kUsage, 'c', [](auto& r) { r.set_events(7); });
//   EXPECT_THAT(Differing(), ElementsAre("counters"));
#ifndef OWO_TESTS_STORAGE_ROCKSDB_VERIFIED_STORE_H_
#define OWO_TESTS_STORAGE_ROCKSDB_VERIFIED_STORE_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "storage/rocksdb/open.h"
#include "storage/rocksdb/verify/verify.h"
#include "tests/storage/rocksdb/workload.h"
#include "tests/support/rows.h"

namespace owo::storage {

inline constexpr char kVerifiedData[] = "/data";
inline constexpr size_t kTenantKeySize = 4;

// The age from which events are dropped.
inline constexpr Micros kAge = 30 * kDay;
// Records have real times. This time is after them, and a year after the times that tests use.
inline Micros Later() { return std::max(absl::ToUnixMicros(absl::Now()), kNow) + 365 * kDay; }

class VerifiedStoreTest : public ::testing::Test {
 protected:
  // Runs a workload with restarts and frequent flushes, and closes the store.
  void Live(int steps) {
    Workload workload;
    for (int done = 0; done < steps;) {
      auto store = OpenRocksStore({.data_dir = kVerifiedData,
                                   .unflushed_events_max = 40,
                                   .cached_max = 30,
                                   .env = memory_.get()});
      ASSERT_TRUE(store.ok()) << store.status();
      const int until = done + static_cast<int>(random_.Between(1, steps / 2));
      for (; done < std::min(steps, until); ++done) workload.Step(**store, random_);
    }
  }

  absl::StatusOr<VerifyReport> TryVerify() {
    return VerifyRocksStore({.data_dir = kVerifiedData, .env = memory_.get()}, nullptr);
  }
  // Returns the kinds of rows that differ.
  std::vector<std::string> Differing() {
    const auto report = TryVerify();
    if (!report.ok()) return {report.status().ToString()};
    std::vector<std::string> kinds;
    for (const VerifyReport::Kind& kind : report->kinds()) {
      if (kind.differences > 0) kinds.push_back(kind.name);
    }
    if (!kinds.empty()) std::cout << report->ToString();
    return kinds;
  }

  using Harm = std::function<void(const Database&, rocksdb::WriteBatch&)>;
  void Damage(const Harm& harm) {
    const auto database = OpenDatabase(kVerifiedData, memory_.get());
    rocksdb::WriteBatch batch;
    harm(*database, batch);
    ASSERT_GT(batch.Count(), 0) << "nothing was there to be damaged";
    ASSERT_TRUE(database->Write(batch).ok());
  }

  // Changes the value of a random row of the column family with this letter after the tenant (0:
  // any row).
  void DamageRow(ColumnFamily family, char letter,
                 const std::function<std::string(std::string)>& change) {
    Damage([&](const Database& database, rocksdb::WriteBatch& batch) {
      const auto row = AnyRow(database, family, letter);
      batch.Put(database.handle(family), row.first, change(row.second));
    });
  }
  void DeleteRow(ColumnFamily family, char letter) {
    Damage([&](const Database& database, rocksdb::WriteBatch& batch) {
      batch.Delete(database.handle(family), AnyRow(database, family, letter).first);
    });
  }
  template <typename Record>
  void DamageRecord(ColumnFamily family, char letter, const std::function<void(Record&)>& change) {
    DamageRow(family, letter, [&change](const std::string& value) {
      Record record;
      EXPECT_TRUE(record.ParseFromString(value));
      change(record);
      return record.SerializeAsString();
    });
  }

  std::pair<std::string, std::string> AnyRow(const Database& database, ColumnFamily family,
                                             char letter) {
    std::vector<std::pair<std::string, std::string>> rows;
    const auto it = database.Iterate(family);
    for (it->SeekToFirst(); it->Valid(); it->Next()) {
      const std::string key = it->key().ToString();
      const bool matches = letter == 0
                               ? family != ColumnFamily::kMeta || key.size() == kTenantKeySize
                               : key.size() > kTenantKeySize && key[kTenantKeySize] == letter;
      if (matches) rows.emplace_back(key, it->value().ToString());
    }
    EXPECT_FALSE(rows.empty());
    if (rows.empty()) return {};
    return rows[static_cast<size_t>(random_.Between(0, static_cast<int64_t>(rows.size()) - 1))];
  }

  // Changes the newest journal record with a change of this kind.
  void DamageJournal(JournalChange::ChangeCase kind,
                     const std::function<bool(JournalChange&, Micros)>& change) {
    Damage([&](const Database& database, rocksdb::WriteBatch& batch) {
      const auto it = database.Iterate(ColumnFamily::kJournal);
      for (it->SeekToLast(); it->Valid(); it->Prev()) {
        JournalRecord record;
        ASSERT_TRUE(record.ParseFromString(it->value().ToString()));
        for (JournalChange& each : *record.mutable_changes()) {
          if (each.change_case() != kind || !change(each, record.committed_us())) continue;
          batch.Put(database.handle(ColumnFamily::kJournal), it->key(), record.SerializeAsString());
          return;
        }
      }
    });
  }

  Random random_;
  std::unique_ptr<rocksdb::Env> memory_{rocksdb::NewMemEnv(rocksdb::Env::Default())};
};

}  // namespace owo::storage

#endif  // OWO_TESTS_STORAGE_ROCKSDB_VERIFIED_STORE_H_
