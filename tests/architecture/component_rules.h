// The rule that components form no cycle. A component is a header with its source file: a.h and
// a.cc. Two components that include each other cannot be read, tested or replaced separately.
//
//   CheckComponents(LoadSourceTree(root))
//     → "storage/a.h:3: a cycle of components: storage/a → storage/b → storage/a"

#ifndef OWO_TESTS_ARCHITECTURE_COMPONENT_RULES_H_
#define OWO_TESTS_ARCHITECTURE_COMPONENT_RULES_H_

#include "tests/architecture/source_tree.h"

namespace owo::architecture {

// Reports each cycle once, at the include that closes it. While there is a cycle, other cycles that
// share components with it may not be reported.
Violations CheckComponents(const std::vector<SourceFile>& tree);

}  // namespace owo::architecture

#endif  // OWO_TESTS_ARCHITECTURE_COMPONENT_RULES_H_
