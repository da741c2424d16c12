#include "tests/support/faulty_disk_state.h"

namespace owo {

void FaultyDiskState::RestorePower(rocksdb::Env& disk, Random& random) {
  const std::lock_guard lock(mutex_);
  std::erase_if(files_, [&disk](const auto& entry) {
    return !entry.second.listed && disk.DeleteFile(entry.first).ok();
  });
  for (auto& [name, file] : files_) {
    std::string bytes;
    const bool unsynced = rocksdb::ReadFileToString(&disk, name, &bytes).ok() &&
                          (bytes.size() > file.synced || !file.overwritten.empty());
    if (!unsynced) continue;
    bytes.resize(static_cast<size_t>(
        random.Between(static_cast<int64_t>(file.synced), static_cast<int64_t>(bytes.size()))));
    for (auto lost = random.Between(0, static_cast<int64_t>(file.overwritten.size())); lost > 0;
         --lost) {
      const auto& [offset, former] = file.overwritten.back();
      bytes.replace(offset, former.size(), former);
      file.overwritten.pop_back();
    }
    file.overwritten.clear();
    rocksdb::WriteStringToFile(&disk, bytes, name).PermitUncheckedError();
    file.synced = bytes.size();
  }
  writes_max_ = INT64_MAX;
}

}  // namespace owo
