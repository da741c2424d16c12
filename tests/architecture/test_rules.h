// The rule that the build runs every test.
//
//   CheckTestsAreRegistered(LoadSourceTree(root))
//     → "tests/rating/price_test.cc:1: no owo_tests() that the build reaches has price_test.cc"

#ifndef OWO_TESTS_ARCHITECTURE_TEST_RULES_H_
#define OWO_TESTS_ARCHITECTURE_TEST_RULES_H_

#include "tests/architecture/source_tree.h"

namespace owo::architecture {

// Requires that every *_test.cc below tests/ is a source of an owo_tests() in the CMakeLists.txt of
// its directory, and that the parent directory adds this directory by add_subdirectory(), up to
// tests/CMakeLists.txt.
Violations CheckTestsAreRegistered(const std::vector<SourceFile>& tree);

}  // namespace owo::architecture

#endif  // OWO_TESTS_ARCHITECTURE_TEST_RULES_H_
