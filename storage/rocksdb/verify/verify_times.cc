#include "storage/rocksdb/verify/verify_times.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "storage/rocksdb/format/keys.h"
#include "storage/rocksdb/verify/verify_text.h"
#include "storage/util/try.h"

namespace owo::storage {
namespace {

constexpr char kChunkTimes[] = "times of chunks";

std::string Text(const TimeBounds& times) {
  return absl::StrCat(times.least, " to ", times.greatest);
}

}  // namespace

absl::Status ChunkTimesCheck::Add(TenantId tenant, const CounterKey& key, uint64_t ordinal,
                                  Micros time) {
  const auto [at, is_new] = chunks_.try_emplace({tenant, key});
  Chunk& chunk = at->second;
  if (is_new) {
    OWO_TRY(chunk, Find(tenant, key, ordinal));
  }
  chunk.has.Extend(time);
  if (ordinal + 1 < chunk.end) return absl::OkStatus();
  if (chunk.says.has_value()) Compare(tenant, key, chunk);
  chunks_.erase(at);
  return absl::OkStatus();
}

absl::StatusOr<ChunkTimesCheck::Chunk> ChunkTimesCheck::Find(TenantId tenant, const CounterKey& key,
                                                             uint64_t ordinal) const {
  const std::string upper = keys::EndOf(keys::EventChunks(tenant, key));
  const rocksdb::Slice upper_bound = ToSlice(upper);
  rocksdb::ReadOptions options;
  options.iterate_upper_bound = &upper_bound;
  options.fill_cache = false;
  const auto it = stored_.Iterate(ColumnFamily::kUsageEvents, options);
  it->Seek(ToSlice(keys::EventChunk(tenant, key, ordinal + 1)));
  const absl::Status status = FromRocks(it->status());
  if (!status.ok() && !absl::IsDataLoss(status)) return status;
  if (!it->Valid()) return Chunk();
  Chunk chunk{.end = keys::TrailingNumber(ToView(it->key()))};
  const absl::StatusOr<ChunkHeader> header = ParseChunkHeader(ToView(it->value()));
  if (!header.ok() || header->size > chunk.end) return chunk;
  const uint64_t first = chunk.end - header->size;
  if (first > ordinal) {
    chunk.end = first;
    return chunk;
  }
  chunk.is_whole = first == ordinal;
  chunk.says = header->times;
  return chunk;
}

void ChunkTimesCheck::Compare(TenantId tenant, const CounterKey& key, const Chunk& chunk) {
  report_.Compared(kChunkTimes);
  // The records of its first events may be archived: those are not read.
  if (chunk.is_whole ? *chunk.says == chunk.has : chunk.says->Contains(chunk.has)) return;
  report_.Differs(kChunkTimes,
                  absl::StrCat(CounterText(tenant, key), ", before event ", chunk.end, ": stored ",
                               Text(*chunk.says), "; the journal has ", Text(chunk.has)));
}

}  // namespace owo::storage
