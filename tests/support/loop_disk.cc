#include "tests/support/loop_disk.h"

#include <fcntl.h>
#include <linux/loop.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <system_error>

#include "tests/crash/child.h"

namespace owo {
namespace {

constexpr char kMakeFileSystem[] = "/sbin/mkfs.ext4";
constexpr int kAttempts = 100;

// FS_IOC_SHUTDOWN, which no header defines.
constexpr uint64_t kShutdown = _IOR('X', 125, uint32_t);
constexpr uint32_t kWithoutFlush = 2;

[[noreturn]] void Throw(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

// A file descriptor that is closed at the end of the block.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }

 private:
  const int number_;
};

bool MayBeForbidden(int error) {
  return error == EPERM || error == EACCES || error == ENOENT || error == ENODEV ||
         error == ENXIO || error == ENOSYS;
}

// Returns false and sets the reason if the system does not permit this; throws on other errors.
bool Excuse(const std::string& what, std::string& why_not) {
  if (!MayBeForbidden(errno)) Throw(what);
  why_not = "no disk of its own for this test: " + what + ": " + std::strerror(errno);
  return false;
}

// Runs before threads are started: existing threads would not see the mount, and RocksDB keeps its
// threads from one test to the next.
const int unshare_error = unshare(CLONE_NEWNS) == 0 ? 0 : errno;

void MakeFileSystem(const std::string& path, int64_t mib) {
  const Descriptor image(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (image.number() < 0 || ftruncate(image.number(), mib << 20) != 0) Throw(path);
  Child child({kMakeFileSystem, "-q", "-F", "-m", "0", path}, Child::Reads::kStdoutAndStderr);
  if (child.Wait() != 0) {
    throw std::runtime_error(std::string(kMakeFileSystem) +
                             " failed: " + child.ReadLine().value_or(""));
  }
}

// Attaches the file to a free loop device, which holds it as long as it is open or mounted. Returns
// -1 on errors.
int Attach(int image, std::string& device_path) {
  const Descriptor control(open("/dev/loop-control", O_RDWR | O_CLOEXEC));
  if (control.number() < 0) return -1;
  loop_config config{};
  config.fd = static_cast<uint32_t>(image);
  config.info.lo_flags = LO_FLAGS_AUTOCLEAR;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const int free = ioctl(control.number(), LOOP_CTL_GET_FREE);
    if (free < 0) return -1;
    device_path = "/dev/loop" + std::to_string(free);
    const int device = open(device_path.c_str(), O_RDWR | O_CLOEXEC);
    if (device < 0) return -1;
    if (ioctl(device, LOOP_CONFIGURE, &config) == 0) return device;
    const int error = errno;
    close(device);
    errno = error;
    if (error != EBUSY) return -1;  // EBUSY: another process took the device
  }
  return -1;
}

}  // namespace

std::unique_ptr<LoopDisk> LoopDisk::Make(const LoopDiskOptions& options, std::string& why_not) {
  auto disk = std::unique_ptr<LoopDisk>(new LoopDisk);
  if (!disk->AttachAndMount(options, why_not)) return nullptr;
  return disk;
}

bool LoopDisk::AttachAndMount(const LoopDiskOptions& options, std::string& why_not) {
  if (unshare_error != 0) {
    errno = unshare_error;
    return Excuse("unshare", why_not);
  }
  if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
    return Excuse("private mounts", why_not);
  }
  const std::string image_path = path() + "/image";
  MakeFileSystem(image_path, options.mib);
  const Descriptor image(open(image_path.c_str(), O_RDWR | O_CLOEXEC));
  if (image.number() < 0 || unlink(image_path.c_str()) != 0) Throw(image_path);
  device_ = Attach(image.number(), device_path_);
  if (device_ < 0) return Excuse("a loop device", why_not);
  if (mount(device_path_.c_str(), path().c_str(), "ext4", 0, nullptr) != 0) {
    return Excuse("mount", why_not);
  }
  mounted_ = true;
  return true;
}

LoopDisk::~LoopDisk() {
  if (mounted_) umount2(path().c_str(), MNT_DETACH);
  if (device_ >= 0) close(device_);
}

int64_t LoopDisk::Free() const {
  struct statvfs facts {};
  if (statvfs(path().c_str(), &facts) != 0) Throw(path());
  return static_cast<int64_t>(facts.f_bavail * facts.f_frsize);
}

void LoopDisk::LeaveFree(int64_t bytes) {
  const std::string name = path() + "/ballast";
  const Descriptor ballast(open(name.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  const int64_t size = ballast.number() < 0 ? -1 : lseek(ballast.number(), 0, SEEK_END);
  if (size < 0) Throw(name);
  const int64_t wanted = std::max<int64_t>(size + Free() - bytes, 0);
  if (wanted <= size) {
    if (ftruncate(ballast.number(), wanted) != 0) Throw(name);
  } else if (const int error = posix_fallocate(ballast.number(), size, wanted - size); error != 0) {
    throw std::system_error(error, std::generic_category(), name);
  }
}

void LoopDisk::MakeReadOnly() {
  if (mount(nullptr, path().c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr) != 0) Throw(path());
}

void LoopDisk::CutPower() {
  const Descriptor root(open(path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  uint32_t how = kWithoutFlush;
  if (root.number() < 0 || ioctl(root.number(), kShutdown, &how) != 0) Throw("FS_IOC_SHUTDOWN");
}

void LoopDisk::Remount() {
  if (umount(path().c_str()) != 0) Throw("umount");
  mounted_ = false;
  if (mount(device_path_.c_str(), path().c_str(), "ext4", 0, nullptr) != 0) Throw("mount");
  mounted_ = true;
}

}  // namespace owo
