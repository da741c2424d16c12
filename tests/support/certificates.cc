#include "tests/support/certificates.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>
#include <stdexcept>

#include "absl/strings/str_join.h"

namespace owo {
namespace {

struct Free {
  void operator()(X509* p) const { X509_free(p); }
  void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
  void operator()(BIO* p) const { BIO_free_all(p); }
  void operator()(X509_EXTENSION* p) const { X509_EXTENSION_free(p); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

void Must(bool done) {
  if (!done) throw std::runtime_error("OpenSSL cannot make a certificate");
}

template <typename Write>
std::string Pem(Write write) {
  const Owned<BIO> bio(BIO_new(BIO_s_mem()));
  Must(write(bio.get()) == 1);
  char* data = nullptr;
  const auto size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<size_t>(size)};
}

void Extend(X509& cert, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, &cert, &cert, nullptr, nullptr, 0);
  const Owned<X509_EXTENSION> extension(
      X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
  Must(extension != nullptr && X509_add_ext(&cert, extension.get(), -1) == 1);
}

// A certificate that is not signed yet.
Owned<X509> NewCertificate(const std::string& name, EVP_PKEY& key, const CertificateSpec& spec) {
  Owned<X509> cert(X509_new());
  X509_set_version(cert.get(), 2);
  ASN1_INTEGER_set_int64(X509_get_serialNumber(cert.get()), std::random_device()());
  ASN1_TIME_set(X509_getm_notBefore(cert.get()), absl::ToTimeT(spec.not_before));
  ASN1_TIME_set(X509_getm_notAfter(cert.get()), absl::ToTimeT(spec.not_after));
  X509_set_pubkey(cert.get(), &key);
  Must(X509_NAME_add_entry_by_txt(X509_get_subject_name(cert.get()), "CN", MBSTRING_UTF8,
                                  reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1,
                                  0) == 1);
  return cert;
}

}  // namespace

struct TestCa::Parts {
  ~Parts() {
    X509_free(cert);
    EVP_PKEY_free(key);
  }

  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* cert = nullptr;
};

TestCa::TestCa(const std::string& name, const CertificateSpec& spec)
    : parts_(std::make_unique<Parts>()) {
  EVP_PKEY& key = *parts_->key;
  parts_->cert = NewCertificate(name, key, spec).release();
  X509& cert = *parts_->cert;
  X509_set_issuer_name(&cert, X509_get_subject_name(&cert));
  Extend(cert, NID_basic_constraints, "critical,CA:TRUE");
  Must(X509_sign(&cert, &key, EVP_sha256()) != 0);
  pem_ = Pem([&cert](BIO* to) { return PEM_write_bio_X509(to, &cert); });
}

TestCa::~TestCa() = default;

TestCertificate TestCa::Issue(const CertificateSpec& spec) const {
  const Owned<EVP_PKEY> key(EVP_EC_gen("P-256"));
  const Owned<X509> cert = NewCertificate("owo test", *key, spec);
  X509_set_issuer_name(cert.get(), X509_get_subject_name(parts_->cert));
  if (!spec.names.empty()) {
    Extend(*cert, NID_subject_alt_name, absl::StrJoin(spec.names, ","));
  }
  Must(X509_sign(cert.get(), parts_->key, EVP_sha256()) != 0);
  return {.cert = Pem([&](BIO* to) { return PEM_write_bio_X509(to, cert.get()); }),
          .key = Pem([&](BIO* to) {
            return PEM_write_bio_PKCS8PrivateKey(to, key.get(), nullptr, nullptr, 0, nullptr,
                                                 nullptr);
          })};
}

void WriteText(const std::string& path, std::string_view text) {
  {
    std::ofstream out(path + ".new", std::ios::binary);
    out << text;
    out.close();
    if (!out) throw std::runtime_error("cannot write " + path);
  }
  std::filesystem::rename(path + ".new", path);
}

}  // namespace owo
