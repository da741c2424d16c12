// A JSON document with access by path.
//
//   Json usage(R"({"features": [{"estimated_cost": "5340"}]})");
//   usage["features.0.estimated_cost"]   // "5340"
//   usage.Size("features")               // 1

#ifndef OWO_TESTS_END_TO_END_JSON_H_
#define OWO_TESTS_END_TO_END_JSON_H_

#include <google/protobuf/struct.pb.h>

#include <string>
#include <string_view>

namespace owo {

class Json {
 public:
  Json() : Json("{}") {}
  explicit Json(const std::string& text);  // throws if it is not JSON

  // Returns the number, string or boolean at a path of names and indexes, as text. "" if there is
  // none.
  std::string operator[](std::string_view path) const;
  // Returns the length of the list at the path; 0 if there is none.
  int Size(std::string_view path) const;

  const std::string& text() const { return text_; }

 private:
  const google::protobuf::Value* Find(std::string_view path) const;

  std::string text_;
  google::protobuf::Value root_;
};

}  // namespace owo

#endif  // OWO_TESTS_END_TO_END_JSON_H_
