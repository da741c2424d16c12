// Parses the fields of a request into valid values, and collects all violations.
//
//   Violations violations;
//   Fields fields(violations);
//   query.customer = fields.Customer("customer", request.customer());
//   query.limit = fields.PageSize(request.page_size());
//   if (!violations.empty()) return violations.ToStatus();
//
// Every function returns a value. If the field is wrong, it records a violation, and the value must
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

// The violations of a request. Only the first kKept are kept, which is all that an answer has room
// for.
class Violations {
 public:
  static constexpr size_t kKept = 32;

  void Add(std::string field, std::string description);
  bool empty() const { return list_.empty(); }
  const std::vector<ledger::FieldViolation>& list() const { return list_; }
  absl::Status ToStatus() const;  // REQUIRES: !empty()

 private:
  std::vector<ledger::FieldViolation> list_;
};

// Lengths in bytes.
struct Length {
  size_t min = 0;
  size_t max = 0;
};

// The bounds of a decimal, both inclusive, and their text in an error message.
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

  // The fields of the message in `field`, or of its element at `index`.
  Fields In(std::string_view field) const;
  Fields In(std::string_view field, size_t index) const;

  // The path of a field in the request: "plans[0].slug".
  std::string PathOf(std::string_view field) const;
  void Wrong(std::string_view field, std::string_view description);

  void CheckLength(std::string_view field, std::string_view value, Length length);
  std::string Text(std::string_view field, std::string_view value, Length length);
  // A text that people read and compare. It must not contain control, format or private-use
  // characters, separators other than inner spaces, or spaces at either end.
  std::string Printable(std::string_view field, std::string_view value, Length length);
  // A text that only programs compare. It must not contain control characters.
  void CheckOpaque(std::string_view field, std::string_view value, Length length);
  // An IANA time zone that the zone database contains; "UTC" if empty.
  std::string TimeZone(std::string_view field, std::string_view value);
  // A slug; may be empty unless `required`.
  std::string Slug(std::string_view field, std::string_view value, bool required = true);
  // An id or an email of a customer.
  std::string Customer(std::string_view field, std::string_view value, bool required = true);
  std::string Email(std::string_view field, const std::string& value);
  std::string RequestId(const std::string& value);
  rating::Decimal Decimal(std::string_view field, std::string_view text,
                          const DecimalBounds& bounds);
  // Microseconds; finer digits are truncated.
  storage::Micros Time(std::string_view field, const google::protobuf::Timestamp& time);
  // The size of a page, with the default applied.
  size_t PageSize(int32_t value, int32_t max = kPageSizeMax);
  // The cursor in a page token, if the token belongs to this query and `valid` accepts the cursor;
  // "" if there is no token.
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

// Escapes and shortens untrusted text for a message: short, and in ASCII.
std::string Quoted(std::string_view text);

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_FIELDS_H_
