#include "tests/support/faulty_disk_state.h"

#include <algorithm>

namespace owo {
void FaultyDiskState::Overwritten(const std::string& file, uint64_t offset,
                                  std::string_view former) {
  const std::lock_guard lock(mutex_);
  while (!former.empty()) {
    const size_t size = std::min<size_t>(former.size(), kSectorBytes - offset % kSectorBytes);
    overwritten_[file][offset / kSectorBytes].emplace_back(offset, former.substr(0, size));
    offset += size;
    former.remove_prefix(size);
  }
}

void FaultyDiskState::RestorePower(rocksdb::Env& disk, Random& random) {
  const std::lock_guard lock(mutex_);
  std::erase_if(files_, [&disk](const auto& entry) {
    return !entry.second.listed && disk.DeleteFile(entry.first).ok();
  });
  for (auto& [name, file] : files_) {
    std::string bytes;
    if (!rocksdb::ReadFileToString(&disk, name, &bytes).ok() || bytes.size() <= file.synced) {
      continue;
    }
    bytes.resize(static_cast<size_t>(
        random.Between(static_cast<int64_t>(file.synced), static_cast<int64_t>(bytes.size()))));
    rocksdb::WriteStringToFile(&disk, bytes, name).PermitUncheckedError();
    file.synced = bytes.size();
  }
  for (auto& [name, sectors] : overwritten_) {
    std::string bytes;
    if (!rocksdb::ReadFileToString(&disk, name, &bytes).ok()) continue;
    for (auto& [sector, former] : sectors) {
      const auto kept = random.Between(0, static_cast<int64_t>(former.size()));
      for (; former.size() > static_cast<size_t>(kept); former.pop_back()) {
        const auto& [offset, what] = former.back();
        if (offset + what.size() <= bytes.size()) bytes.replace(offset, what.size(), what);
      }
    }
    rocksdb::WriteStringToFile(&disk, bytes, name).PermitUncheckedError();
  }
  overwritten_.clear();
  writes_max_ = INT64_MAX;
}

}  // namespace owo
