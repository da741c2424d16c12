// Connections on which a client behaves as no gRPC library does: it opens calls and does not take
// their answers, or says nothing at all.
//
//   RawConnection connection(port);
//   connection.OpenCalls("/owo.billing.v1.Metering/ListEvents", request, 100);
//   connection.AwaitAnswers(100);   // each call has an answer begun, or was refused

#ifndef OWO_TESTS_END_TO_END_RAW_HTTP2_H_
#define OWO_TESTS_END_TO_END_RAW_HTTP2_H_

#include <string>
#include <string_view>

namespace owo {

// A TCP connection to a server of this machine.
class RawSocket {
 public:
  explicit RawSocket(const std::string& endpoint);  // "127.0.0.1:41234"
  ~RawSocket();
  RawSocket(const RawSocket&) = delete;
  RawSocket& operator=(const RawSocket&) = delete;

  // False if the server has closed the connection.
  bool Send(std::string_view bytes) const;
  // As many bytes; fewer if the server has closed the connection.
  std::string Read(size_t bytes) const;

 private:
  int socket_ = -1;
};

// HTTP/2 with a window of no bytes: the server can send headers but no part of an answer.
class RawConnection {
 public:
  explicit RawConnection(const std::string& endpoint);

  bool OpenCalls(std::string_view path, std::string_view request, int calls);
  // Reads until the server has begun to answer, or has reset, as many calls; fewer if it has closed
  // the connection.
  int AwaitAnswers(int calls);

 private:
  RawSocket socket_;
  uint32_t next_stream_ = 1;
};

}  // namespace owo

#endif  // OWO_TESTS_END_TO_END_RAW_HTTP2_H_
