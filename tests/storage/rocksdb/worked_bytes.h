// The example bytes of docs/format.md, by name.
//
//   ```bytes journal
//   000000000000012c   sequence 300
//   ```
//
//   WorkedBytes().at("journal") == keys::Journal(300)
#ifndef OWO_TESTS_STORAGE_ROCKSDB_WORKED_BYTES_H_
#define OWO_TESTS_STORAGE_ROCKSDB_WORKED_BYTES_H_

#include <map>
#include <string>

namespace owo::storage {

// The first word of each line in a block is hex digits; the rest of the line describes them.
std::map<std::string, std::string> WorkedBytes();

}  // namespace owo::storage

#endif  // OWO_TESTS_STORAGE_ROCKSDB_WORKED_BYTES_H_
