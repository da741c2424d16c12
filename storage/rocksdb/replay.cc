#include "storage/rocksdb/replay.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "storage/rocksdb/books.h"
#include "storage/rocksdb/fold.h"
#include "storage/rocksdb/keys.h"
#include "storage/rocksdb/pending.h"
#include "storage/try.h"

namespace owo::storage {
namespace {

constexpr size_t kCachedMax = 200'000;

uint64_t SequenceOf(std::string_view key) {
  return static_cast<uint64_t>(keys::TrailingCustomer(key));
}

}  // namespace

absl::StatusOr<uint64_t> LastSequence(const Database& database) {
  const auto it = database.Iterate(Space::kJournal);
  it->SeekToLast();
  if (it->Valid()) return SequenceOf(ToView(it->key()));
  OWO_RETURN_IF_ERROR(FromRocks(it->status()));
  return 0;
}

absl::StatusOr<uint64_t> ReplayJournal(const Database& source, Database& target) {
  Pending pending(target);
  Books books(pending);
  Fold fold(books, pending);
  uint64_t last = 0;
  const auto it = source.Iterate(Space::kJournal);
  for (it->SeekToFirst(); it->Valid(); it->Next()) {
    const uint64_t sequence = SequenceOf(ToView(it->key()));
    if (sequence != last + 1) {
      return absl::DataLossError(absl::StrCat("journal record ", last + 1, " is missing"));
    }
    OWO_TRY(const JournalRecord record, ParseRow<JournalRecord>(ToView(it->value())));
    OWO_RETURN_IF_ERROR(fold.Replay(record, sequence));
    books.Flush();
    OWO_RETURN_IF_ERROR(pending.Write());
    pending.Clear();
    books.Settle(kCachedMax);
    last = sequence;
  }
  OWO_RETURN_IF_ERROR(FromRocks(it->status()));
  return last;
}

}  // namespace owo::storage
