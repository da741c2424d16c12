// Backups of a store that serves: what a restored copy has, and what a backup costs.

#include <gmock/gmock.h>
#include <rocksdb/file_system.h>

#include <array>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "storage/disk_full.h"
#include "storage/rocksdb/backup/backup_catalog.h"
#include "storage/rocksdb/backup/restore.h"
#include "storage/rocksdb/backup/store_backups.h"
#include "storage/rocksdb/engine/preallocated_wal.h"
#include "storage/rocksdb/open.h"
#include "tests/storage/rocksdb/backup_testing.h"
#include "tests/storage/rocksdb/verified_store.h"
#include "tests/support/invoices.h"
#include "tests/support/loop_disk.h"
#include "tests/support/temp_dir.h"

namespace owo::storage {
namespace {

using ::testing::SizeIs;

// Writers that track with ids of their own, and invoice, until they are destroyed.
class Writers {
 public:
  static constexpr int kCount = 3;

  explicit Writers(Store& store) : store_(store) {
    for (int i = 0; i < kCount; ++i) {
      subjects_.push_back(AddSubject(store, absl::StrCat("writer-", i)));
    }
    for (int i = 0; i < kCount; ++i) threads_.emplace_back([this, i] { Write(i); });
  }
  ~Writers() {
    stopping_ = true;
    for (std::thread& thread : threads_) thread.join();
  }

  static std::string Id(int writer, int64_t event) { return absl::StrCat("e", writer, "-", event); }
  const Subject& subject(int writer) const { return subjects_[static_cast<size_t>(writer)]; }
  // The writer's events before this one are acknowledged.
  std::array<int64_t, kCount> Acknowledged() const {
    std::array<int64_t, kCount> all{};
    for (size_t i = 0; i < kCount; ++i) all[i] = acknowledged_[i];
    return all;
  }
  void AwaitMore(int64_t events) const {
    const int64_t until = acknowledged_[0] + events;
    while (acknowledged_[0] < until) std::this_thread::yield();
  }

 private:
  void Write(int writer) {
    const auto index = static_cast<size_t>(writer);
    for (int64_t i = 0; !stopping_; ++i) {
      const Subject& subject = subjects_[index];
      const auto outcome = TrackOne(store_, subject, subject.Event(Id(writer, i), 1));
      ASSERT_EQ(outcome.code, TrackCode::kCounted);
      acknowledged_[index] = i + 1;
      if (i % 50 != 49) continue;
      MustCreateInvoice(store_, subject, InvoiceId(static_cast<uint64_t>(writer) << 40 | i));
    }
  }

  Store& store_;
  std::vector<Subject> subjects_;
  std::array<std::atomic<int64_t>, kCount> acknowledged_{};
  std::atomic<bool> stopping_ = false;
  std::vector<std::thread> threads_;
};

// Runs of ids are ingested, accounts flushed and old events archived all the time.
TEST_F(BackupTest, HasEverythingThatWasAcknowledgedBeforeItUnderLoad) {
  OpenOptions options = Opening();
  options.unflushed_events_max = 100;
  options.cached_max = 10;
  options.memtable_bytes = 1 << 20;
  options.retain = {.age = kAge, .clock = Later, .pause = absl::Milliseconds(1)};
  std::vector<std::pair<uint32_t, std::array<int64_t, Writers::kCount>>> made;
  std::vector<Subject> subjects;
  {
    const auto store = Open(options);
    const Writers writers(*store);
    for (int i = 0; i < 8; ++i) {
      writers.AwaitMore(150);
      const auto acknowledged = writers.Acknowledged();
      made.emplace_back(MustBackUp(*store).id, acknowledged);
    }
    for (int i = 0; i < Writers::kCount; ++i) subjects.push_back(writers.subject(i));
  }
  std::filesystem::remove_all(Data());
  bool any_archive = false;
  for (const auto& [id, acknowledged] : made) {
    const auto restored = Restore(id);
    ASSERT_TRUE(restored.ok()) << restored.status();
    ExpectSound(Restored(id));
    any_archive |= std::filesystem::exists(Restored(id) + "/sealed");
    const auto store = Open({.data_dir = Restored(id)});
    ASSERT_NE(store, nullptr);
    for (int writer = 0; writer < Writers::kCount; ++writer) {
      const auto index = static_cast<size_t>(writer);
      std::vector<TrackEvent> repeated;
      for (int64_t i = 0; i < acknowledged[index]; ++i) {
        repeated.push_back(subjects[index].Event(Kept(Writers::Id(writer, i)), 1));
      }
      const auto outcomes = TrackAll(*store, subjects[index], repeated);
      ASSERT_THAT(outcomes, SizeIs(repeated.size()));
      for (size_t i = 0; i < outcomes.size(); ++i) {
        ASSERT_TRUE(outcomes[i].duplicate)
            << "backup " << id << " lacks event " << i << " of writer " << writer;
      }
    }
  }
  EXPECT_TRUE(any_archive);
}

// A file system that calls back when the write-ahead logs are listed.
class ListedLogs : public rocksdb::FileSystemWrapper {
 public:
  using FileSystemWrapper::FileSystemWrapper;
  const char* Name() const override { return "owo.listed_logs"; }
  rocksdb::IOStatus GetChildren(const std::string& dir, const rocksdb::IOOptions& options,
                                std::vector<std::string>* names,
                                rocksdb::IODebugContext* debug) override {
    if (on_list && absl::EndsWith(dir, "/data/db")) on_list();
    return target()->GetChildren(dir, options, names, debug);
  }
  rocksdb::IOStatus LinkFile(const std::string& from, const std::string& to,
                             const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* debug) override {
    ++ingested;
    return target()->LinkFile(from, to, options, debug);
  }

  std::function<void()> on_list;
  std::atomic<int> ingested = 0;  // runs of ids
};

// RocksDB lists the tables before the logs. If a run is ingested in between, the logs that are
// copied may say that replays need not restore its ids, and the copied tables lack it.
TEST_F(BackupTest, LacksNoIdsOfARunThatIsIngestedMeanwhile) {
  const auto files = std::make_shared<ListedLogs>(rocksdb::FileSystem::Default());
  const std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(files);
  OpenOptions options = Opening();
  options.unflushed_events_max = 50;
  options.env = env.get();
  const auto store = Open(options);
  const Subject subject = AddSubject(*store, "acme");
  int64_t events = 0;
  const auto track = [&] {
    TrackOne(*store, subject, subject.Event(absl::StrCat("e", events), 1));
    ++events;
  };
  for (int i = 0; i < 20; ++i) track();
  ASSERT_EQ(files->ingested, 0);
  absl::Notification counted;
  std::unique_ptr<std::thread> writer;
  files->on_list = [&] {
    if (writer != nullptr) return;
    writer = std::make_unique<std::thread>([&] {
      // Enough for several runs, and for commits that know that those are stored.
      while (events < 400) track();
      counted.Notify();
    });
    // The run cannot be ingested before the files are captured, so the writer ends up waiting.
    counted.WaitForNotificationWithTimeout(absl::Seconds(1));
  };
  const BackupInfo made = MustBackUp(*store);
  ASSERT_NE(writer, nullptr);
  writer->join();
  files->on_list = nullptr;
  ASSERT_GT(files->ingested, 0);

  ASSERT_TRUE(Restore(made.id).ok());
  ExpectSound(Restored(made.id));
}

// A copy of a log has what RocksDB wrote, not the zeros that commits overwrite meanwhile.
TEST(LogSizeTest, IsWithoutZerosWhileTheLogIsWritten) {
  const std::unique_ptr<rocksdb::Env> base(rocksdb::NewMemEnv(rocksdb::Env::Default()));
  const std::unique_ptr<rocksdb::Env> env = NewPreallocatedWalEnv(*base);
  const auto size = [](rocksdb::Env& of) {
    uint64_t bytes = 0;
    EXPECT_TRUE(of.GetFileSize("/000001.log", &bytes).ok());
    return bytes;
  };
  std::unique_ptr<rocksdb::WritableFile> log;
  ASSERT_TRUE(env->NewWritableFile("/000001.log", &log, rocksdb::EnvOptions()).ok());
  ASSERT_TRUE(log->Append("commit").ok());
  EXPECT_EQ(size(*env), 6);
  const uint64_t with_zeros = size(*base);
  EXPECT_GT(with_zeros, 100'000);
  ASSERT_TRUE(log->Append("commit").ok());
  EXPECT_EQ(size(*env), 12);
  ASSERT_TRUE(log->Close().ok());
  log.reset();
  EXPECT_EQ(size(*env), with_zeros);
}

TEST_F(BackupTest, CopiesWhatChanged) {
  const auto store = Open(Opening());
  const Subject subject = AddSubject(*store, "acme");
  const auto track = [&](int from, int to) {
    for (int i = from; i < to;) {
      std::vector<TrackEvent> events;
      for (; i < to && events.size() < 1000; ++i) {
        events.push_back(subject.Event(absl::StrCat("event-of-some-length-", i), 1));
      }
      TrackAll(*store, subject, std::move(events));
    }
  };
  track(0, 200'000);
  const BackupInfo first = MustBackUp(*store);
  EXPECT_GT(first.bytes, 5 << 20);
  EXPECT_EQ(first.copied_bytes, first.bytes);
  const BackupInfo unchanged = MustBackUp(*store);
  EXPECT_LT(unchanged.copied_bytes, 160 << 10);  // logs, manifest and options
  track(200'000, 201'000);
  const BackupInfo changed = MustBackUp(*store);
  EXPECT_LT(changed.copied_bytes, unchanged.copied_bytes + (200 << 10));
  EXPECT_GE(changed.bytes, first.bytes);
}

TEST_F(BackupTest, PruningKeepsTheNewestAndTheFilesThatTheyShare) {
  OpenOptions options = Opening();
  options.backup.keep = 3;
  options.unflushed_events_max = 20;
  const auto store = Open(options);
  const Subject subject = AddSubject(*store, "acme");
  uint32_t last = 0;
  for (int i = 0; i < 7; ++i) {
    for (int j = 0; j < 30; ++j) {
      TrackOne(*store, subject, subject.Event(absl::StrCat("e", i, "-", j), 1));
    }
    last = MustBackUp(*store).id;
  }
  const auto listed = ListBackups(Backup(), nullptr);
  ASSERT_TRUE(listed.ok()) << listed.status();
  ASSERT_THAT(*listed, SizeIs(3));
  EXPECT_EQ(listed->back().info.id, last);
  // Nothing is left of the others.
  uint64_t listed_bytes = 0;
  for (const ListedBackup& backup : *listed) listed_bytes += backup.info.copied_bytes;
  uint64_t stored_bytes = 0;
  for (const std::string& file : FilesOf(Backup())) {
    if (!absl::StrContains(file, "/meta/")) stored_bytes += std::filesystem::file_size(file);
  }
  EXPECT_EQ(stored_bytes, listed_bytes);

  EXPECT_EQ(PruneBackups(Backup(), 1, nullptr).value_or(0), 2);
  ASSERT_TRUE(Restore(last).ok());
  ExpectSound(Restored(last));
}

TEST_F(BackupTest, EachDamagedFileIsFoundAndRefused) {
  {
    OpenOptions options = Opening();
    options.unflushed_events_max = 20;
    const auto store = Open(options);
    const Subject subject = AddSubject(*store, "acme");
    for (int i = 0; i < 100; ++i) TrackOne(*store, subject, subject.Event(absl::StrCat("e", i), 1));
    MustBackUp(*store);
  }
  ASSERT_TRUE(VerifyBackups(Backup(), 0, nullptr)->front().status.ok());
  Random random;
  int damaged = 0;
  for (const std::string& path : FilesOf(Backup())) {
    std::string bytes;
    ASSERT_TRUE(rocksdb::ReadFileToString(rocksdb::Env::Default(), path, &bytes).ok());
    if (bytes.empty()) continue;
    std::string other = bytes;
    const bool is_meta = absl::StrContains(path, "/meta/");
    // Of the metadata only what this program wrote has a checksum, and the names and sums of files.
    const size_t first = is_meta ? bytes.find("metadata ") + 9 : 0;
    const size_t at = static_cast<size_t>(random.Between(
        static_cast<int64_t>(first), static_cast<int64_t>(is_meta ? first + 8 : bytes.size() - 1)));
    other[at] = static_cast<char>(other[at] == '7' ? '8' : '7');
    if (other == bytes) continue;
    ASSERT_TRUE(rocksdb::WriteStringToFile(rocksdb::Env::Default(), other, path).ok());
    const auto verified = VerifyBackups(Backup(), 0, nullptr);
    ASSERT_TRUE(verified.ok()) << path << ": " << verified.status();
    ASSERT_THAT(*verified, SizeIs(1));
    EXPECT_TRUE(absl::IsDataLoss(verified->front().status)) << path << verified->front().status;
    const auto restored = Restore();
    EXPECT_TRUE(absl::IsDataLoss(restored.status())) << path << ": " << restored.status();
    if (std::filesystem::exists(Restored())) {
      EXPECT_FALSE(OpenRocksStore({.data_dir = Restored()}).ok()) << path;
    }
    ASSERT_TRUE(rocksdb::WriteStringToFile(rocksdb::Env::Default(), bytes, path).ok());
    ++damaged;
  }
  EXPECT_GT(damaged, 5);
  EXPECT_TRUE(Restore().ok());
}

TEST_F(BackupTest, AMissingFileIsFoundAndAnEarlierBackupIsRestored) {
  {
    const auto store = Open(Opening());
    AddSubject(*store, "acme");
    MustBackUp(*store);
    AddSubject(*store, "other");
    MustBackUp(*store);
  }
  std::filesystem::remove(Backup() + "/db/private/2/CURRENT");
  const auto listed = ListBackups(Backup(), nullptr);
  ASSERT_TRUE(listed.ok()) << listed.status();
  ASSERT_THAT(*listed, SizeIs(2));
  EXPECT_TRUE(absl::IsDataLoss(listed->back().damage)) << listed->back().damage;
  EXPECT_TRUE(absl::IsDataLoss(Restore(2).status()));
  const auto restored = Restore();
  ASSERT_TRUE(restored.ok()) << restored.status();
  EXPECT_EQ(restored->backup.id, 1);
}

TEST_F(BackupTest, AFullDiskOfTheBackupsDoesNotHurtTheStore) {
  std::string why_not;
  const auto disk = LoopDisk::Make({.mib = 24}, why_not);
  if (disk == nullptr) GTEST_SKIP() << why_not;
  OpenOptions options = Opening();
  options.backup.dir = disk->path() + "/backup";
  const auto store = Open(options);
  const Subject subject = AddSubject(*store, "acme");
  MustBackUp(*store);
  disk->LeaveFree(1 << 20);
  std::vector<TrackEvent> events;
  for (int i = 0; i < 30'000; ++i) {
    events.push_back(subject.Event(Kept(absl::StrCat("an-event-with-a-long-id-", i)), 1));
  }
  TrackAll(*store, subject, events);
  const auto failed = store->backups()->Create();
  EXPECT_TRUE(IsDiskFull(failed.status())) << failed.status();
  EXPECT_TRUE(store->Writable().ok());
  TrackOne(*store, subject, subject.Event("after", 1));
  EXPECT_THAT(*ListBackups(options.backup.dir, nullptr), SizeIs(1));

  disk->LeaveFree(20 << 20);
  const BackupInfo made = MustBackUp(*store);
  ASSERT_TRUE(RestoreBackup({.from = options.backup.dir,
                             .backup = made.id,
                             .data_dir = Restored(),
                             .skip_numbers = 0})
                  .ok());
  ExpectSound(Restored());
}

TEST_F(BackupTest, RunsOnASchedule) {
  absl::Mutex mutex;
  std::vector<uint32_t> made;
  OpenOptions options = Opening();
  options.backup.every = absl::Milliseconds(20);
  options.backup.on_backup = [&](const BackupInfo& backup) {
    const absl::MutexLock lock(&mutex);
    made.push_back(backup.id);
  };
  const auto await = [&](size_t count) {
    const absl::MutexLock lock(&mutex);
    const auto enough = [&] { return made.size() >= count; };
    mutex.Await(absl::Condition(&enough));
  };
  {
    const auto store = Open(options);
    await(3);
  }
  const uint32_t newest = made.back();
  made.clear();
  options.backup.every = absl::Hours(1);
  const auto store = Open(options);
  await(1);
  EXPECT_EQ(made.front(), newest);  // reported, so that its age is known
}

TEST_F(BackupTest, FailuresOfTheScheduleAreReported) {
  std::ofstream(Backup()) << "not a directory";
  absl::Notification failed;
  OpenOptions options = Opening();
  options.backup.every = absl::Hours(1);
  options.backup.on_failure = [&](const absl::Status&) { failed.Notify(); };
  const auto store = Open(options);
  failed.WaitForNotification();
  AddSubject(*store, "acme");
}

TEST_F(BackupTest, IsRefusedInsideTheDataDirectory) {
  for (const std::string& dir : {Data(), Data() + "/backup", Data() + "/x/../db/../b"}) {
    OpenOptions options = Opening();
    options.backup.dir = dir;
    EXPECT_TRUE(absl::IsInvalidArgument(OpenRocksStore(options).status())) << dir;
  }
}

TEST_F(BackupTest, TheCommandBacksUpAStoreThatIsClosed) {
  EXPECT_TRUE(absl::IsNotFound(BackUpStopped(Opening()).status()));
  EXPECT_FALSE(std::filesystem::exists(Data()));
  {
    const auto store = Open({.data_dir = Data()});
    AddSubject(*store, "acme");
    EXPECT_TRUE(IsInUse(BackUpStopped(Opening()).status()));
  }
  ASSERT_TRUE(BackUpStopped(Opening()).ok());
  ASSERT_TRUE(Restore().ok());
  EXPECT_TRUE(
      Open({.data_dir = Restored()})->FindCustomer(kReadAll, kDefaultTenant, "acme")->has_value());
}

}  // namespace
}  // namespace owo::storage
