// The rule that components form no cycle. A component is a header with its source file: a.h and
// a.cc. Where two include each other, neither can be read, tested or replaced alone.
//
//   CheckComponents(LoadSourceTree(root))
//     → "storage/a.h:3: a cycle of components: storage/a → storage/b → storage/a"

#ifndef OWO_TESTS_ARCHITECTURE_COMPONENT_RULES_H_
#define OWO_TESTS_ARCHITECTURE_COMPONENT_RULES_H_

#include "tests/architecture/source_tree.h"

namespace owo::architecture {

// No component includes itself through others. Each cycle is reported once, at the include that
// closes it; while there is one, others that share components with it may stay unreported.
Violations CheckComponents(const std::vector<SourceFile>& tree);

}  // namespace owo::architecture

#endif  // OWO_TESTS_ARCHITECTURE_COMPONENT_RULES_H_
