// Mutator: changes a valid input as a failing disk or an attacker might.
//
//   Mutator mutator(random, {"-", "."});             // words with a meaning in such inputs
//   std::string damaged = mutator.Mutate(input, another);
#ifndef OWO_TESTS_FUZZ_MUTATOR_H_
#define OWO_TESTS_FUZZ_MUTATOR_H_

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "storage/util/varint.h"
#include "tests/support/random.h"

namespace owo {

// Not thread-safe.
class Mutator {
 public:
  explicit Mutator(Random& random, std::vector<std::string> words = {})
      : random_(random), words_(std::move(words)) {}

  // Returns `input` after one to four changes. A change may splice in a part of `another`.
  std::string Mutate(std::string input, const std::string& another) {
    for (int64_t changes = random_.Between(1, 4); changes > 0; --changes) Change(input, another);
    return input;
  }

 private:
  static constexpr size_t kRunMax = 16;

  size_t UpTo(size_t limit) {
    return static_cast<size_t>(random_.Between(0, static_cast<int64_t>(limit)));
  }

  void Change(std::string& bytes, const std::string& another) {
    const size_t at = UpTo(bytes.size());
    const size_t run = UpTo(std::min(bytes.size() - at, kRunMax));
    switch (random_.Between(0, 7)) {
      case 0:
        if (at == bytes.size()) break;
        bytes[at] = static_cast<char>(bytes[at] ^ 1 << random_.Between(0, 7));
        break;
      case 1:
        bytes.insert(at, random_.Bytes(random_.Between(1, kRunMax)));
        break;
      case 2:
        bytes.erase(at, run);
        break;
      case 3:
        bytes.insert(at, bytes.substr(at, run));
        break;
      case 4:
        bytes.resize(at);
        break;
      case 5:
        bytes.replace(at, std::string::npos, another, UpTo(another.size()));
        break;
      case 6:
        bytes.replace(at, run, Number());
        break;
      default:
        bytes.replace(at, run, words_.empty() ? Number() : words_[UpTo(words_.size() - 1)]);
    }
  }

  // Returns a boundary value: a power of two or a neighbor of one, in one of the encodings of
  // lengths and numbers.
  std::string Number() {
    const uint64_t number =
        (uint64_t{1} << random_.Between(0, 63)) + static_cast<uint64_t>(random_.Between(-1, 1));
    std::string bytes;
    switch (random_.Between(0, 4)) {
      case 0:
        storage::AppendVarint64(bytes, number);
        break;
      case 1:
        storage::AppendVarint(bytes, absl::MakeUint128(number, random_.Word()));
        break;
      case 2:
        bytes.push_back(static_cast<char>(number));
        break;
      case 3:
        for (int shift = 56; shift >= 0; shift -= 8) {
          bytes.push_back(static_cast<char>(number >> shift));
        }
        break;
      default:
        bytes = std::to_string(number);
    }
    return bytes;
  }

  Random& random_;
  const std::vector<std::string> words_;
};

}  // namespace owo

#endif  // OWO_TESTS_FUZZ_MUTATOR_H_
