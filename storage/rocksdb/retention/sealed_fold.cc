#include "storage/rocksdb/retention/sealed_fold.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/convert.h"
#include "storage/rocksdb/engine/replace_file.h"
#include "storage/rocksdb/format/keys.h"
#include "storage/rocksdb/retention/seal.h"
#include "storage/util/try.h"

namespace owo::storage {
namespace {

constexpr size_t kSealedCachedMax = 20'000;  // accounts and counters
constexpr size_t kMemtableBytes = 8 << 20;
constexpr size_t kCacheBytes = 8 << 20;

std::string Directory(const std::string& data_dir) { return absl::StrCat(data_dir, "/sealed"); }

}  // namespace

absl::StatusOr<bool> SealedFold::Exists(const std::string& data_dir, rocksdb::Env* env) {
  return HasFile(env != nullptr ? *env : *rocksdb::Env::Default(),
                 absl::StrCat(Directory(data_dir), "/WATERMARK"));
}

absl::StatusOr<std::unique_ptr<SealedFold>> SealedFold::Open(const std::string& data_dir,
                                                             rocksdb::Env* env) {
  OWO_TRY(auto database, Database::Open({.data_dir = Directory(data_dir),
                                         .memtable_bytes = kMemtableBytes,
                                         .cache_bytes = kCacheBytes,
                                         .env = env}));
  auto fold = std::unique_ptr<SealedFold>(new SealedFold(std::move(database)));
  OWO_RETURN_IF_ERROR(fold->Load());
  return fold;
}

SealedFold::SealedFold(std::unique_ptr<Database> database)
    : database_(std::move(database)),
      pending_(*database_, /*left_out=*/Space::kUsageEvents),
      books_(pending_, published_),
      fold_(books_, /*ids=*/nullptr, pending_) {}

absl::Status SealedFold::Load() {
  OWO_TRY(const auto sealed, pending_.GetRecord<SealedRecord>(Space::kMeta, keys::kSealed));
  sealed_.set_first_sequence(1);
  if (sealed.has_value()) sealed_ = *sealed;
  next_ = sealed_.first_sequence();
  events_ = sealed_.events();
  ids_sum_ = sealed_.ids_sum();
  books_.Start(next_);
  return absl::OkStatus();
}

absl::Status SealedFold::Take(uint64_t sequence, const JournalRecord& record) {
  EventLocation location{.sequence = sequence};
  for (const JournalChange& change : record.changes()) {
    const TenantId tenant{change.tenant()};
    if (change.change_case() != JournalChange::kEvents) {
      OWO_RETURN_IF_ERROR(fold_.Apply(tenant, change));
      continue;
    }
    OWO_RETURN_IF_ERROR(
        ReadEvents(change.events(), record.committed_us(), [&](const CountedEvent& event) {
          OWO_RETURN_IF_ERROR(Count(tenant, event, location));
          ++location.index;
          return absl::OkStatus();
        }));
  }
  next_ = sequence + 1;
  return absl::OkStatus();
}

absl::Status SealedFold::Count(TenantId tenant, const CountedEvent& event, EventLocation location) {
  const auto [digest, is_new] = digests_.try_emplace(keys::Digest(tenant, event.counter));
  if (is_new) {
    OWO_TRY(auto row, database_->Get(Space::kUsage, digest->first));
    digest->second = row.has_value() ? *std::move(row) : EmptyDigest();
  }
  digest->second = AddToDigest(digest->second, event);
  ++events_;
  ids_sum_ += IdSum(tenant, event.id, IdRowOf(event, location.sequence));
  return fold_.Count(tenant, event, location).status();
}

absl::Status SealedFold::Write() {
  books_.Flush(next_, next_ - 1);
  for (const auto& [key, digest] : digests_) pending_.PutBlind(Space::kUsage, key, digest);
  SealedRecord sealed;
  sealed.set_first_sequence(next_);
  sealed.set_events(events_);
  sealed.set_ids_sum(ids_sum_);
  pending_.PutBlind(Space::kMeta, keys::kSealed, sealed.SerializeAsString());
  OWO_RETURN_IF_ERROR(pending_.Write());
  pending_.Clear();
  digests_.clear();
  books_.Publish(kSealedCachedMax);
  sealed_ = std::move(sealed);
  books_.Start(next_);
  return absl::OkStatus();
}

absl::StatusOr<std::optional<SealRecord>> SealedFold::Seal(TenantId tenant,
                                                           const CounterKey& counter) const {
  OWO_TRY(const auto row, database_->Get(Space::kUsage, keys::Counter(tenant, counter)));
  OWO_TRY(auto digest, database_->Get(Space::kUsage, keys::Digest(tenant, counter)));
  if (!row.has_value() || !digest.has_value()) return std::optional<SealRecord>();
  SealRecord seal;
  OWO_TRY(*seal.mutable_counter(), ParseRow<CounterRecord>(*row));
  seal.set_digest(*std::move(digest));
  return std::optional<SealRecord>(std::move(seal));
}

}  // namespace owo::storage
