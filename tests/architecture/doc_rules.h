// The rule that the documentation names files and symbols that exist.
//
//   CheckDocs(LoadSourceTree(root))
//     → "docs/architecture.md:7: no file ends with service/rating/rates.h"
//       "docs/architecture.md:9: storage/a.cc does not define Write"

#ifndef OWO_TESTS_ARCHITECTURE_DOC_RULES_H_
#define OWO_TESTS_ARCHITECTURE_DOC_RULES_H_

#include "tests/architecture/source_tree.h"

namespace owo::architecture {

// In docs/*.md, each `path.cc` or `path.h` (also .proto, .sh) must be the end of a file's path, and
// in a table row with a cell "`path`: `Symbol`, `Other`" or "[`Symbol`, `Other`](path)", the file's
// code must have `Symbol(`, define it as a type or, if it is in lower case, have it as a word.
// Decision pages tell history, so they are not checked, except for the symbols of 0001, which say
// what another store must keep. In all of docs, no word like @RATIO@ may be left to be filled in.
Violations CheckDocs(const std::vector<SourceFile>& tree);

}  // namespace owo::architecture

#endif  // OWO_TESTS_ARCHITECTURE_DOC_RULES_H_
