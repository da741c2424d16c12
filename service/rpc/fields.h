// Reads the fields of a request into valid values, and collects everything that is wrong with them.
//
//   Violations violations;
//   Fields fields(violations);
//   query.customer = fields.Customer("customer", request.customer());
//   query.limit = fields.PageSize(request.page_size());
//   if (!violations.empty()) return violations.ToStatus();
//
// Readers give a value in every case; where it is wrong they record a violation, and the value must
// not be used.

#ifndef OWO_SERVICE_RPC_FIELDS_H_
#define OWO_SERVICE_RPC_FIELDS_H_

#include <google/protobuf/map.h>
#include <google/protobuf/timestamp.pb.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service/ledger/clock.h"
#include "service/ledger/errors.h"
#include "service/rating/decimal.h"
#include "service/rpc/page_token.h"

namespace owo::rpc {

// What is wrong with a request: the first kKept things, which is all that an answer has room for.
class Violations {
 public:
  static constexpr size_t kKept = 32;

  void Add(std::string field, std::string description);
  bool empty() const { return list_.empty(); }
  absl::Status ToStatus() const;  // REQUIRES: !empty()

 private:
  std::vector<ledger::FieldViolation> list_;
};

// Lengths in bytes.
struct Length {
  size_t min = 0;
  size_t max = 0;
};

// A decimal's bounds, both inclusive, and how they are said.
struct DecimalBounds {
  rating::Decimal min;
  rating::Decimal max;
  std::string_view words;  // "≥ 0 and < 10^15"
};

// The fields of one message of a request.
class Fields {
 public:
  static constexpr int32_t kPageSizeMax = 500;
  static constexpr int32_t kEventPageSizeMax = 1000;

  explicit Fields(Violations& violations, std::string path = "")
      : violations_(violations), path_(std::move(path)) {}

  // The fields of the message in `field`, or of the one at `index` of it.
  Fields In(std::string_view field) const;
  Fields In(std::string_view field, size_t index) const;

  // The path of a field in the request: "plans[0].slug".
  std::string PathOf(std::string_view field) const;
  void Wrong(std::string_view field, std::string_view description);

  void CheckLength(std::string_view field, std::string_view value, Length length);
  std::string Text(std::string_view field, std::string_view value, Length length);
  // A text that people read and compare: without control, format, separator (but for inner spaces)
  // and private-use characters, and no space at either end.
  std::string Printable(std::string_view field, std::string_view value, Length length);
  // A text that only programs compare: without control characters.
  void CheckOpaque(std::string_view field, std::string_view value, Length length);
  // An IANA name that the machine knows; "UTC" when empty.
  std::string TimeZone(std::string_view field, std::string_view value);
  // A slug; `required` or else it may be empty.
  std::string Slug(std::string_view field, std::string_view value, bool required = true);
  // What names a customer: an id or an email.
  std::string Customer(std::string_view field, std::string_view value, bool required = true);
  std::string Email(std::string_view field, const std::string& value);
  std::string RequestId(const std::string& value);
  rating::Decimal Decimal(std::string_view field, std::string_view text,
                          const DecimalBounds& bounds);
  // Whole microseconds; a finer part is cut off.
  storage::Micros Time(std::string_view field, const google::protobuf::Timestamp& time);
  // A page's size, with its default filled in.
  size_t PageSize(int32_t value, int32_t max = kPageSizeMax);
  // The position in a page token, if it is one of this query that `valid` accepts; "" for none.
  std::string PageToken(const PageTokens& tokens, const std::string& token,
                        bool (*valid)(const std::string& cursor));

  using TextMap = google::protobuf::Map<std::string, std::string>;
  // Checks a map: at most `entries_max` entries, keys of 1–64 bytes, values of at most `value_max`.
  void CheckMap(std::string_view field, const TextMap& map, size_t entries_max, size_t value_max);
  std::map<std::string, std::string> Metadata(std::string_view field, const TextMap& map);

 private:
  Violations& violations_;
  const std::string path_;
};

// Hostile text as it may stand in a message: short and in ASCII.
std::string Quoted(std::string_view text);

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_FIELDS_H_
