// A real file system of the test's own: ext4 in a file, on a loop device.
//
//   std::string why_not;
//   const auto disk = LoopDisk::Make({.mib = 24}, why_not);
//   if (disk == nullptr) GTEST_SKIP() << why_not;
//   OpenRocksStore({.data_dir = disk->path() + "/data"});
//
// Only the thread that makes it and what that starts from then on, threads and processes, see it
// mounted. When they are gone, be it by SIGKILL, nothing of it is left: neither mount nor device
// nor file.

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
  // Null where this process may not mount, or the system has no ext4 or no loop devices: `why_not`
  // then says so. Throws when anything else fails.
  static std::unique_ptr<LoopDisk> Make(const LoopDiskOptions& options, std::string& why_not);
  ~LoopDisk();
  LoopDisk(const LoopDisk&) = delete;
  LoopDisk& operator=(const LoopDisk&) = delete;

  const std::string& path() const { return mount_.path(); }

  // What may still be written, in bytes.
  int64_t Free() const;
  // Takes space, or gives back what it took, until about so much is free. What others hold they
  // keep.
  void LeaveFree(int64_t bytes);

  // From here on it is mounted read-only. REQUIRES: no file is open for writing.
  void MakeReadOnly();
  // From here on every write fails, as when the power is cut: what was not synced is lost.
  void CutPower();
  // The same disk, mounted again. REQUIRES: nobody uses it.
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
