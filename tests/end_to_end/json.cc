#include "tests/end_to_end/json.h"

#include <google/protobuf/util/json_util.h>

#include <stdexcept>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace owo {
namespace {

using google::protobuf::Value;

const Value* Child(const Value& value, const std::string& step) {
  if (value.has_struct_value()) {
    const auto& fields = value.struct_value().fields();
    const auto field = fields.find(step);
    return field == fields.end() ? nullptr : &field->second;
  }
  int index = 0;
  const bool there = value.has_list_value() && absl::SimpleAtoi(step, &index) && index >= 0 &&
                     index < value.list_value().values_size();
  return there ? &value.list_value().values(index) : nullptr;
}

}  // namespace

Json::Json(const std::string& text) : text_(text) {
  const auto status = google::protobuf::util::JsonStringToMessage(text, &root_);
  if (!status.ok()) throw std::runtime_error(status.ToString() + ": " + text);
}

const Value* Json::Find(std::string_view path) const {
  const Value* value = &root_;
  const std::vector<std::string> steps = absl::StrSplit(std::string(path), '.');
  for (const std::string& step : steps) {
    if (value == nullptr) break;
    value = Child(*value, step);
  }
  return value;
}

std::string Json::operator[](std::string_view path) const {
  const Value* const value = Find(path);
  if (value == nullptr) return "";
  if (value->has_bool_value()) return value->bool_value() ? "true" : "false";
  if (value->has_number_value()) return absl::StrCat(value->number_value());
  return value->string_value();
}

int Json::Size(std::string_view path) const {
  const Value* const value = Find(path);
  return value == nullptr ? 0 : value->list_value().values_size();
}

}  // namespace owo
