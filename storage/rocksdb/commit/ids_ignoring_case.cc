#include "storage/rocksdb/commit/ids_ignoring_case.h"

#include <rocksdb/write_batch.h>

#include <memory>
#include <optional>
#include <string>

#include "storage/rocksdb/format/keys.h"
#include "storage/util/try.h"

namespace owo::storage {
namespace {

constexpr size_t kWriteBytes = 1 << 20;

// Puts rows into a batch, which it writes whenever that is large.
class IdPutter {
 public:
  explicit IdPutter(Database& database) : database_(database) {}

  absl::Status Put(TenantId tenant, std::string_view id, CustomerNo customer) {
    any_ = true;
    batch_.Put(database_.handle(ColumnFamily::kCustomers),
               keys::IdIgnoringCase(tenant, id, customer), rocksdb::Slice());
    if (batch_.GetDataSize() < kWriteBytes) return absl::OkStatus();
    OWO_RETURN_IF_ERROR(database_.Write(batch_));
    batch_.Clear();
    return absl::OkStatus();
  }

  // Writes the rest, with the format.
  absl::Status Finish() {
    if (!any_) return absl::OkStatus();
    batch_.Put(ToSlice(keys::kFormat), ToSlice(kFormatVersion));
    return database_.Write(batch_);
  }

 private:
  Database& database_;
  rocksdb::WriteBatch batch_;
  bool any_ = false;
};

}  // namespace

absl::Status PutIdsIgnoringCase(Database& database) {
  OWO_TRY(const auto format, database.Get(ColumnFamily::kMeta, keys::kFormat));
  if (format == kFormatVersion || format == kFormerAccessFormat) return absl::OkStatus();
  IdPutter putter(database);
  const auto it = database.Iterate(ColumnFamily::kCustomers);
  it->SeekToFirst();
  while (it->Valid()) {
    const std::optional<TenantId> tenant = keys::ParseTenant(ToView(it->key()));
    if (!tenant.has_value()) return absl::DataLossError("a customer's key does not parse");
    const std::string prefix = keys::CustomerId(*tenant, "");
    for (it->Seek(ToSlice(prefix)); it->Valid() && it->key().starts_with(ToSlice(prefix));
         it->Next()) {
      const std::string_view id = ToView(it->key()).substr(prefix.size());
      if (!keys::HasIdIgnoringCase(id)) continue;
      const std::optional<CustomerNo> number = keys::ParseCustomerValue(ToView(it->value()));
      if (!number.has_value()) return absl::DataLossError("a customer's number does not parse");
      OWO_RETURN_IF_ERROR(putter.Put(*tenant, id, *number));
    }
    const std::string end = keys::EndOf(keys::Tenant(*tenant));
    if (end.empty()) break;  // it is the last tenant that there can be
    it->Seek(ToSlice(end));
  }
  OWO_RETURN_IF_ERROR(FromRocks(it->status()));
  return putter.Finish();
}

}  // namespace owo::storage
