#include "tests/support/faulty_disk_state.h"

namespace owo {

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
  for (auto& [name, former] : overwritten_) {
    std::string bytes;
    if (!rocksdb::ReadFileToString(&disk, name, &bytes).ok()) continue;
    const auto kept = random.Between(0, static_cast<int64_t>(former.size()));
    for (; former.size() > static_cast<size_t>(kept); former.pop_back()) {
      bytes.replace(former.back().first, former.back().second.size(), former.back().second);
    }
    rocksdb::WriteStringToFile(&disk, bytes, name).PermitUncheckedError();
  }
  overwritten_.clear();
  writes_max_ = INT64_MAX;
}

}  // namespace owo
