// A directory for one test, deleted with its contents at the end.
//
//   TempDir dir;
//   OpenRocksStore({.data_dir = dir.path()});
#ifndef OWO_TESTS_SUPPORT_TEMP_DIR_H_
#define OWO_TESTS_SUPPORT_TEMP_DIR_H_

#include <gtest/gtest.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

namespace owo {

class TempDir {
 public:
  TempDir() : path_((std::filesystem::path(::testing::TempDir()) / "owo-XXXXXX").string()) {
    if (mkdtemp(path_.data()) == nullptr) {
      throw std::system_error(errno, std::generic_category(), path_);
    }
  }
  ~TempDir() {
    std::error_code ignored;  // leftover files do not affect the result
    std::filesystem::remove_all(path_, ignored);
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace owo

#endif  // OWO_TESTS_SUPPORT_TEMP_DIR_H_
