// `buf curl`, as README shows it: by reflection, and with the file of descriptors.

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "tests/end_to_end/json.h"
#include "tests/end_to_end/server_process.h"
#include "tests/support/temp_dir.h"

namespace owo {
namespace {

class BufTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!std::ifstream(OWO_BUF)) GTEST_SKIP() << "buf is not installed: npm ci";
  }

  ProgramRun Curl(const std::vector<std::string>& schema, const std::string& method,
                  const std::string& request) {
    std::vector<std::string> command = {OWO_BUF, "curl", "--protocol=grpc",
                                        "--http2-prior-knowledge", "--data=" + request};
    command.insert(command.end(), schema.begin(), schema.end());
    command.push_back("http://" + server_.endpoint() + "/owo.billing.v1." + method);
    return RunProgram(command);
  }

  const std::vector<std::string> no_schema_;
  const std::vector<std::string> file_{"--schema", OWO_DESCRIPTOR_SET};
  const TempDir dir_;
  ServerProcess server_{dir_.path() + "/data"};
};

TEST_F(BufTest, CallsByReflectionAndByTheFile) {
  int customers = 0;
  for (const auto& schema : {no_schema_, file_}) {
    const std::string id = "c" + std::to_string(++customers);
    const ProgramRun created =
        Curl(schema, "Customers/CreateCustomer", R"({"customer": {"id": ")" + id + R"("}})");
    ASSERT_EQ(created.exit_status, 0) << created.output;
    EXPECT_EQ(Json(created.output)["customer.id"], id);
  }
}

// buf shows details as bytes, whatever it knows of the API; the file says what is in them.
TEST_F(BufTest, ConvertsTheDetailsOfErrors) {
  constexpr int kNotFound = 5;
  const ProgramRun unknown = Curl(file_, "Billing/Usage", R"({"customer": "nobody"})");
  EXPECT_EQ(unknown.exit_status, kNotFound << 3) << unknown.output;
  const Json error(unknown.output);
  EXPECT_EQ(error["details.0.type"], "google.rpc.ErrorInfo");

  const std::string detail = dir_.path() + "/detail";
  std::string bytes;
  ASSERT_TRUE(absl::Base64Unescape(error["details.0.value"], &bytes));
  std::ofstream(detail, std::ios::binary) << bytes;
  const std::string json = dir_.path() + "/detail.json";
  const ProgramRun converted =
      RunProgram({OWO_BUF, "convert", OWO_DESCRIPTOR_SET, "--type=google.rpc.ErrorInfo",
                  "--from=" + detail + "#format=binpb", "--to=" + json});
  ASSERT_EQ(converted.exit_status, 0) << converted.output;
  std::ifstream in(json);
  const Json shown(std::string(std::istreambuf_iterator<char>(in), {}));
  EXPECT_EQ(shown["reason"], "CUSTOMER_NOT_FOUND");
  EXPECT_EQ(shown["metadata.customer"], "nobody");
}

}  // namespace
}  // namespace owo
