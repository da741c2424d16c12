// Opens a store by its URL, which names its kind and the place of the data.
//
//   OWO_TRY(std::unique_ptr<Store> store, OpenStore("rocksdb:/var/lib/owo", options));
//
// The kinds:
//
//   rocksdb:DIR    the embedded store, in a directory of this machine: storage/rocksdb/open.h
//
// A URL without a kind is a directory: "./var" is "rocksdb:./var".

#ifndef OWO_STORAGE_OPEN_OPEN_STORE_H_
#define OWO_STORAGE_OPEN_OPEN_STORE_H_

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "storage/rocksdb/open.h"
#include "storage/store.h"

namespace owo::storage {

inline constexpr char kRocksKind[] = "rocksdb";

struct StoreUrl {
  std::string kind = kRocksKind;
  std::string place;  // for "rocksdb": a directory

  std::string ToString() const { return kind + ":" + place; }
};

// A kind is letters, digits, "+" and "-" up to the first colon, so a directory whose name has a
// colon may need the kind in front: "rocksdb:a:b". INVALID_ARGUMENT if the kind is unknown, or the
// place is empty; the message lists the kinds.
absl::StatusOr<StoreUrl> ParseStoreUrl(std::string_view url);

// `options.data_dir` is ignored: the URL has it. Errors: those of ParseStoreUrl() and of the
// kind's own open function.
absl::StatusOr<std::unique_ptr<Store>> OpenStore(std::string_view url, OpenOptions options);

}  // namespace owo::storage

#endif  // OWO_STORAGE_OPEN_OPEN_STORE_H_
