// A TLS client that is not gRPC's, to see what a server offers.
//
//   const RawTls tls = ConnectTls(port, TLS1_2_VERSION);
//   EXPECT_EQ(tls.alpn, "h2");

#ifndef OWO_TESTS_TLS_RAW_TLS_H_
#define OWO_TESTS_TLS_RAW_TLS_H_

#include <openssl/ssl.h>

#include <string>

namespace owo {

// The result of a handshake, which verifies nothing.
struct RawTls {
  std::string
      error;  // "": it succeeded; else OpenSSL's reason, of the alert if the server sent one
  std::string version;  // "TLSv1.3"
  std::string alpn;
  std::string server_certificate;  // as PEM
};

// Offers TLS up to `version_max`, and ALPN "h2".
RawTls ConnectTls(int port, int version_max = TLS1_3_VERSION);

}  // namespace owo

#endif  // OWO_TESTS_TLS_RAW_TLS_H_
