#include "storage/rocksdb/read/access_rows.h"

#include <string_view>

#include "storage/convert.h"
#include "storage/rocksdb/format/keys.h"
#include "storage/util/try.h"

namespace owo::storage {

absl::StatusOr<uint64_t> ReadAccessGeneration(const Database& database, const ReadOptions& read) {
  OWO_TRY(const auto row, database.Get(read, ColumnFamily::kMeta, keys::AccessState()));
  if (!row.has_value()) return uint64_t{0};
  OWO_TRY(const AccessStateRecord state, ParseRow<AccessStateRecord>(*row));
  return state.generation();
}

absl::StatusOr<AccessRecord> ReadAccessRows(const Database& database, const ReadOptions& read) {
  AccessRecord access;
  const auto it = database.Iterate(read, ColumnFamily::kMeta);  // of one moment
  for (it->SeekToFirst(); it->Valid(); it->Next()) {
    const std::string_view value = ToView(it->value());
    switch (keys::AccessRowOf(ToView(it->key()))) {
      case keys::AccessRow::kNone:
        break;
      case keys::AccessRow::kState: {
        OWO_TRY(const AccessStateRecord state, ParseRow<AccessStateRecord>(value));
        access.set_generation(state.generation());
        break;
      }
      case keys::AccessRow::kTenantProfile: {
        OWO_TRY(*access.add_tenants(), ParseRow<TenantProfileRecord>(value));
        break;
      }
      case keys::AccessRow::kApiKey: {
        OWO_TRY(*access.add_keys(), ParseRow<ApiKeyRecord>(value));
        break;
      }
      case keys::AccessRow::kApiKeyUse: {
        OWO_TRY(*access.add_uses(), ParseRow<ApiKeyUseRecord>(value));
        break;
      }
    }
  }
  OWO_RETURN_IF_ERROR(FromRead(read, it->status()));
  return access;
}

}  // namespace owo::storage
