#include "tests/storage/rocksdb/worked_bytes.h"

#include <gtest/gtest.h>

#include <fstream>

#include "absl/strings/escaping.h"

namespace owo::storage {

std::map<std::string, std::string> WorkedBytes() {
  constexpr std::string_view kOpen = "```bytes ";
  std::ifstream page(OWO_SOURCE_DIR "/docs/format.md");
  EXPECT_TRUE(page.is_open());
  std::map<std::string, std::string> bytes;
  std::string* block = nullptr;
  for (std::string line; std::getline(page, line);) {
    if (line.starts_with(kOpen)) {
      const auto [entry, is_new] = bytes.try_emplace(line.substr(kOpen.size()));
      EXPECT_TRUE(is_new) << "two blocks are named " << entry->first;
      block = &entry->second;
    } else if (line.starts_with("```")) {
      block = nullptr;
    } else if (block != nullptr) {
      block->append(absl::HexStringToBytes(line.substr(0, line.find(' '))));
    }
  }
  return bytes;
}

}  // namespace owo::storage
