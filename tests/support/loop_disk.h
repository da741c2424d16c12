// A real file system for one test: ext4 in a file, on a loop device.
//
//   std::string why_not;
//   const auto disk = LoopDisk::Make({.mib = 24}, why_not);
//   if (disk == nullptr) GTEST_SKIP() << why_not;
//   OpenRocksStore({.data_dir = disk->path() + "/data"});
//
// Only the thread that makes it, and threads and processes that this thread starts later, see the
// mount. When they have ended, even by SIGKILL, mount, device and file are gone.

#ifndef OWO_TESTS_SUPPORT_LOOP_DISK_H_
#define OWO_TESTS_SUPPORT_LOOP_DISK_H_

#include <cstdint>
#include <memory>
#include <string>

#include "tests/support/temp_dir.h"

namespace owo {

struct LoopDiskOptions {
  int64_t mib = 64;
};

class LoopDisk {
 public:
  // Returns null, with the reason in `why_not`, if this process may not mount, or the system has no
  // ext4 or no loop devices. Throws on other errors.
  static std::unique_ptr<LoopDisk> Make(const LoopDiskOptions& options, std::string& why_not);
  ~LoopDisk();
  LoopDisk(const LoopDisk&) = delete;
  LoopDisk& operator=(const LoopDisk&) = delete;

  const std::string& path() const { return mount_.path(); }

  // Returns the free space, in bytes.
  int64_t Free() const;
  // Allocates space, or releases what it allocated, until about `bytes` are free. Space of other
  // files is not released.
  void LeaveFree(int64_t bytes);

  // Mounts the disk read-only. REQUIRES: no file is open for writing.
  void MakeReadOnly();
  // From now on every write fails, as after a power failure. What was not synced is lost.
  void CutPower();
  // Mounts the same disk again. REQUIRES: nothing on it is in use.
  void Remount();

 private:
  LoopDisk() = default;
  bool AttachAndMount(const LoopDiskOptions& options, std::string& why_not);

  const TempDir mount_;
  int device_ = -1;
  std::string device_path_;
  bool mounted_ = false;
};

}  // namespace owo

#endif  // OWO_TESTS_SUPPORT_LOOP_DISK_H_
