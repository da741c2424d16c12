// The rule that no test is forgotten.
//
//   CheckTestsAreRegistered(LoadSourceTree(root))
//     → "tests/rating/price_test.cc:1: no owo_tests() that the build reaches has price_test.cc"

#ifndef OWO_TESTS_ARCHITECTURE_TEST_RULES_H_
#define OWO_TESTS_ARCHITECTURE_TEST_RULES_H_

#include "tests/architecture/source_tree.h"

namespace owo::architecture {

// Every *_test.cc below tests/ is a source of an owo_tests() of the CMakeLists.txt in its
// directory, and that directory by an add_subdirectory() of the one above, up to
// tests/CMakeLists.txt.
Violations CheckTestsAreRegistered(const std::vector<SourceFile>& tree);

}  // namespace owo::architecture

#endif  // OWO_TESTS_ARCHITECTURE_TEST_RULES_H_
