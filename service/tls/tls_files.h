// The files of TLS: the server's certificate and key, and the CA of its clients. They are read and
// checked before they are used.
//
//   OWO_TRY(const TlsTexts texts, ReadTlsFiles({.cert = "tls.crt", .key = "tls.key"}));
//   OWO_TRY(const TlsMaterial material, CheckTls(texts, absl::Now()));

#ifndef OWO_SERVICE_TLS_TLS_FILES_H_
#define OWO_SERVICE_TLS_TLS_FILES_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace owo::tls {

// Paths of PEM files.
struct TlsFiles {
  std::string cert;       // the server's certificate, then the intermediate ones
  std::string key;        // its private key, not encrypted
  std::string client_ca;  // CAs of client certificates; "": clients show none
};

// What the files contain.
struct TlsTexts {
  std::string cert;
  std::string key;
  std::string client_ca;

  bool operator==(const TlsTexts&) const = default;
};

// Checked, and written anew as PEM: each text contains what its comment says and nothing else.
struct TlsMaterial {
  std::string identity;   // the private key, the certificate, the intermediate certificates
  std::string client_ca;  // certificates; "": none
  absl::Time cert_not_after;
  absl::Time client_ca_not_after;  // of the CA that expires first; InfiniteFuture() without one
};

// A file that cannot be read, is empty or has more than 1 MiB is an error that names it.
absl::StatusOr<TlsTexts> ReadTlsFiles(const TlsFiles& files);

// Checks that each text parses, that the key belongs to the certificate, that OpenSSL accepts both
// at its security level, and that the certificate, and at least one CA, are valid at `now`.
// INVALID_ARGUMENT says what is wrong. Never contains a part of a key. Thread-safe.
absl::StatusOr<TlsMaterial> CheckTls(const TlsTexts& texts, absl::Time now);

}  // namespace owo::tls

#endif  // OWO_SERVICE_TLS_TLS_FILES_H_
