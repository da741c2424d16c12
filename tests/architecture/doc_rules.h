// The rule that the documentation names files and symbols that exist.
//
//   CheckDocs(LoadSourceTree(root))
//     → "docs/architecture.md:7: no file ends with service/rating/rates.h"
//       "docs/architecture.md:9: storage/a.cc does not contain Write"

#ifndef OWO_TESTS_ARCHITECTURE_DOC_RULES_H_
#define OWO_TESTS_ARCHITECTURE_DOC_RULES_H_

#include "tests/architecture/source_tree.h"

namespace owo::architecture {

// In docs/*.md, each `path.cc` or `path.h` (also .proto, .sh) must be the end of a file's path, and
// in a table row with a cell "`path`: `Symbol`, `Other`", the file must contain these words.
// Decision pages tell history, so they are not checked.
Violations CheckDocs(const std::vector<SourceFile>& tree);

}  // namespace owo::architecture

#endif  // OWO_TESTS_ARCHITECTURE_DOC_RULES_H_
