// Connections of clients that behave as no gRPC library does: they open calls and do not read the
// answers, or send nothing at all.
//
//   RawConnection connection(port);
//   connection.OpenCalls("/owo.billing.v1.Metering/ListEvents", request, 100);
//   connection.AwaitAnswers(100);   // an answer to each call has begun, or it was refused

#ifndef OWO_TESTS_END_TO_END_RAW_HTTP2_H_
#define OWO_TESTS_END_TO_END_RAW_HTTP2_H_

#include <string>
#include <string_view>

namespace owo {

struct RawSocketOptions {
  std::string source = "127.0.0.1";  // any address of 127.0.0.0/8: servers count by address
  int timeout_ms = 60'000;           // a test that would hang fails instead
  int receive_bytes = 0;             // of the kernel's buffer; 0: its default
};

// A TCP connection to a server on this machine.
class RawSocket {
 public:
  explicit RawSocket(const std::string& endpoint,  // "127.0.0.1:41234"
                     const RawSocketOptions& options = {});
  ~RawSocket();
  RawSocket(const RawSocket&) = delete;
  RawSocket& operator=(const RawSocket&) = delete;

  // Returns false if the server has closed the connection, or takes nothing.
  bool Send(std::string_view bytes) const;
  // Reads this many bytes; fewer if the server has closed the connection, or sends nothing.
  std::string Read(size_t bytes) const;
  // Reads and forgets what has arrived. Does not wait.
  void Discard() const;

 private:
  int socket_ = -1;
};

// Opens calls with empty requests on a connection of its own, from which nothing is ever read:
// neither settings nor answers. Returns whether the server closes the connection, now or within 20
// seconds.
bool IsDisconnectedIfUnread(const std::string& endpoint, std::string_view path, int calls);

// An HTTP/2 connection with a window of 0 bytes: the server can send headers, but no part of an
// answer.
class RawConnection {
 public:
  explicit RawConnection(const std::string& endpoint);

  // False if the server has closed the connection. Sends no more than the server's windows allow.
  bool OpenCalls(std::string_view path, std::string_view request, int calls);
  // Reads until the server has begun to answer, or has reset, as many calls of those opened so far;
  // fewer if it has closed the connection.
  int AwaitAnswers(int calls);

 private:
  bool SendMessage(std::string_view message);
  bool ReadFrame();
  void ReadSettings(std::string_view settings);

  RawSocket socket_;
  uint32_t next_stream_ = 1;
  int answered_ = 0;
  bool reset_ = false;  // the newest stream
  // Bytes that the server still takes: on the connection, on a new stream, on the newest stream.
  int64_t window_ = kFirstWindow;
  int64_t initial_window_ = kFirstWindow;
  int64_t stream_window_ = 0;

  static constexpr int64_t kFirstWindow = 65535;
};

}  // namespace owo

#endif  // OWO_TESTS_END_TO_END_RAW_HTTP2_H_
