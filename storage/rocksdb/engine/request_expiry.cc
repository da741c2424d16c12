#include "storage/rocksdb/engine/request_expiry.h"

#include <string>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "storage/decide_mutation.h"
#include "storage/records.pb.h"

namespace owo::storage {
namespace {

class ExpiredRequests : public rocksdb::CompactionFilter {
 public:
  explicit ExpiredRequests(Micros now) : now_(now) {}
  const char* Name() const override { return "owo.expired_requests"; }
  bool Filter(int /*level*/, const rocksdb::Slice& /*key*/, const rocksdb::Slice& value,
              std::string* /*new_value*/, bool* /*value_changed*/) const override {
    RequestRecord record;
    return record.ParseFromArray(value.data(), static_cast<int>(value.size())) &&
           RequestExpired(record.committed_us(), now_);
  }

 private:
  const Micros now_;
};

class Factory : public rocksdb::CompactionFilterFactory {
 public:
  const char* Name() const override { return "owo.request_expiry"; }
  std::unique_ptr<rocksdb::CompactionFilter> CreateCompactionFilter(
      const rocksdb::CompactionFilter::Context& /*context*/) override {
    return std::make_unique<ExpiredRequests>(absl::ToUnixMicros(absl::Now()));
  }
};

}  // namespace

std::shared_ptr<rocksdb::CompactionFilterFactory> RequestExpiry() {
  return std::make_shared<Factory>();
}

}  // namespace owo::storage
