// Certificate authorities and certificates for tests, made anew each time.
//
//   const TestCa ca("billing CA");
//   const TestCertificate server = ca.Issue({.names = {"DNS:localhost", "IP:127.0.0.1"}});
//   WriteText(dir.path() + "/tls.crt", server.cert);

#ifndef OWO_TESTS_SUPPORT_CERTIFICATES_H_
#define OWO_TESTS_SUPPORT_CERTIFICATES_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace owo {

// Both as PEM.
struct TestCertificate {
  std::string cert;
  std::string key;
};

struct CertificateSpec {
  // Subject alternative names, as OpenSSL writes them.
  std::vector<std::string> names = {"DNS:localhost", "IP:127.0.0.1"};
  absl::Time not_before = absl::Now() - absl::Hours(1);
  absl::Time not_after = absl::Now() + absl::Hours(24);
};

class TestCa {
 public:
  explicit TestCa(const std::string& name, const CertificateSpec& spec = {.names = {}});
  ~TestCa();

  const std::string& pem() const { return pem_; }
  TestCertificate Issue(const CertificateSpec& spec = {}) const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
  std::string pem_;
};

// Writes a file of the test as a whole: a reader finds the old content or the new one.
void WriteText(const std::string& path, std::string_view text);

}  // namespace owo

#endif  // OWO_TESTS_SUPPORT_CERTIFICATES_H_
