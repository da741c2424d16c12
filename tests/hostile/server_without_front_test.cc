// What the server withstands by itself: a client of the same machine may be wrong, too.

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/end_to_end/http2_frames.h"
#include "tests/end_to_end/metered_customer.h"
#include "tests/end_to_end/raw_http2.h"
#include "tests/end_to_end/server_process.h"
#include "tests/hostile/front_process.h"
#include "tests/support/temp_dir.h"

namespace owo {
namespace {

using ::testing::Each;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kTrackPath[] = "/owo.billing.v1.Metering/Track";

class ServerWithoutFrontTest : public ::testing::Test {
 protected:
  std::vector<std::string> LogLines() const {
    std::ifstream log(log_path());
    std::vector<std::string> lines;
    for (std::string line; std::getline(log, line);) lines.push_back(line);
    return lines;
  }
  std::string log_path() const { return dir_.path() + "/log"; }

  const TempDir dir_;
  ServerProcess server_{dir_.path() + "/data",
                        {absl::StrCat("--memory_mib=", FrontedServer::kMemoryMib)},
                        {"/bin/sh", "-c", "exec \"$@\" 2>" + dir_.path() + "/log", "sh"}};
};

TEST_F(ServerWithoutFrontTest, PeersCanNeitherForgeLogLinesNorFillTheDisk) {
  constexpr uint32_t kStreams = 40'000;
  constexpr size_t kLogBytesMax = 64 << 10;
  for (const std::string& header : {Http2Header("grpc-timeout", "1S\nforged: a line\x1b[2J"),
                                    Http2Header("te", "nonsense\nforged: another")}) {
    const RawSocket socket(server_.endpoint(), {.timeout_ms = 5000});
    socket.Send(kHttp2Preface + Http2Frame(Http2Type::kSettings, 0, 0, ""));
    const std::string headers = CallHeaders(kTrackPath) + header;
    for (uint32_t stream = 1; stream < kStreams; stream += 2) {
      socket.Discard();
      if (!socket.Send(
              Http2Frame(Http2Type::kHeaders, kEndHeaders | kEndStream, stream, headers))) {
        break;  // it closed the connection
      }
    }
  }
  Owostack owo({.endpoint = server_.endpoint()});
  AddMeteredCustomer(owo);
  EXPECT_TRUE(owo.track_now(Call("after")).ok());
  EXPECT_THAT(LogLines(), Each(Not(StartsWith("forged"))));
  EXPECT_LE(std::filesystem::file_size(log_path()), kLogBytesMax);
}

}  // namespace
}  // namespace owo
