#include "service/tls/tls_files.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <fstream>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "storage/util/try.h"

namespace owo::tls {
namespace {

constexpr size_t kFileBytesMax = 1 << 20;

template <auto kFree>
struct Freer {
  template <typename T>
  void operator()(T* pointer) const {
    kFree(pointer);
  }
};
using Bio = std::unique_ptr<BIO, Freer<BIO_free_all>>;
using Certificate = std::unique_ptr<X509, Freer<X509_free>>;
using PrivateKey = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using SslContext = std::unique_ptr<SSL_CTX, Freer<SSL_CTX_free>>;

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text(kFileBytesMax + 1, '\0');
  if (in) in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad() || !in.is_open()) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": ", std::strerror(errno)));
  }
  text.resize(static_cast<size_t>(in.gcount()));
  if (text.empty()) return absl::InvalidArgumentError(absl::StrCat(path, ": is empty"));
  if (text.size() > kFileBytesMax) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": has more than ", kFileBytesMax, " bytes"));
  }
  return text;
}

// The newest error of OpenSSL on this thread. Clears its error queue.
std::string OpenSslError() {
  const char* const reason = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return reason == nullptr ? "unknown error" : reason;
}

absl::Status Wrong(std::string_view what, std::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat(std::string(what), ": ", std::string(why)));
}

Bio ReadingBio(const std::string& text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

absl::StatusOr<std::vector<Certificate>> ParseCertificates(std::string_view what,
                                                           const std::string& pem) {
  ERR_clear_error();
  const Bio bio = ReadingBio(pem);
  std::vector<Certificate> all;
  while (Certificate one{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)}) {
    all.push_back(std::move(one));
  }
  // After the last certificate, OpenSSL finds no further start line. Any other error is a damaged
  // one.
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  if (!at_end) return Wrong(what, OpenSslError());
  ERR_clear_error();
  if (all.empty()) return Wrong(what, "contains no certificate in PEM form");
  return all;
}

absl::StatusOr<PrivateKey> ParseKey(const std::string& pem) {
  ERR_clear_error();
  const Bio bio = ReadingBio(pem);
  // Without a callback, OpenSSL would ask the terminal for a password.
  const auto no_password = [](char*, int, int, void*) { return -1; };
  PrivateKey key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr));
  if (key == nullptr) {
    return Wrong("the private key", absl::StrCat("is encrypted or damaged: ", OpenSslError()));
  }
  ERR_clear_error();
  return key;
}

absl::Time TimeOf(const ASN1_TIME* time) {
  std::tm fields{};
  if (ASN1_TIME_to_tm(time, &fields) != 1) return absl::InfinitePast();
  return absl::FromTM(fields, absl::UTCTimeZone());
}

absl::Status CheckValidity(std::string_view what, const X509& certificate, absl::Time now) {
  const absl::Time from = TimeOf(X509_get0_notBefore(&certificate));
  const absl::Time until = TimeOf(X509_get0_notAfter(&certificate));
  const auto text = [](absl::Time time) { return absl::FormatTime(time, absl::UTCTimeZone()); };
  if (now < from) return Wrong(what, absl::StrCat("is not valid before ", text(from)));
  if (now > until) return Wrong(what, absl::StrCat("expired at ", text(until)));
  return absl::OkStatus();
}

// Checks what OpenSSL checks when a server starts to use the pair, so that it accepts it then.
absl::Status CheckPair(X509& certificate, EVP_PKEY& key) {
  const SslContext context(SSL_CTX_new(TLS_server_method()));
  if (context == nullptr) return Wrong("TLS", OpenSslError());
  if (SSL_CTX_use_certificate(context.get(), &certificate) != 1) {
    return Wrong("the certificate", OpenSslError());
  }
  // Compares the key with the certificate, too.
  if (SSL_CTX_use_PrivateKey(context.get(), &key) != 1 ||
      SSL_CTX_check_private_key(context.get()) != 1) {
    return Wrong("the private key",
                 absl::StrCat("does not belong to the certificate: ", OpenSslError()));
  }
  return absl::OkStatus();
}

std::string TextOf(BIO& bio) {
  char* data = nullptr;
  const auto size = BIO_get_mem_data(&bio, &data);
  return {data, static_cast<size_t>(size)};
}

absl::StatusOr<std::string> ToPem(EVP_PKEY* key, const std::vector<Certificate>& certificates) {
  const Bio bio(BIO_new(BIO_s_mem()));
  bool written = bio != nullptr;
  if (key != nullptr) {
    written = written && PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr,
                                                       nullptr) == 1;
  }
  for (const Certificate& certificate : certificates) {
    written = written && PEM_write_bio_X509(bio.get(), certificate.get()) == 1;
  }
  if (!written) return Wrong("TLS", OpenSslError());
  return TextOf(*bio);
}

// Sets the parts of `material` that concern client certificates.
absl::Status CheckClientCa(const std::string& pem, absl::Time now, TlsMaterial& material) {
  constexpr std::string_view kWhat = "the client CA";
  OWO_TRY(const std::vector<Certificate> all, ParseCertificates(kWhat, pem));
  absl::Status last;
  for (const Certificate& ca : all) {
    if (absl::Status valid = CheckValidity(kWhat, *ca, now); !valid.ok()) {
      last = std::move(valid);
      continue;
    }
    material.client_ca_not_after =
        std::min(material.client_ca_not_after, TimeOf(X509_get0_notAfter(ca.get())));
  }
  if (material.client_ca_not_after == absl::InfiniteFuture()) return last;
  OWO_TRY(material.client_ca, ToPem(nullptr, all));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<TlsTexts> ReadTlsFiles(const TlsFiles& files) {
  TlsTexts texts;
  OWO_TRY(texts.cert, ReadFile(files.cert));
  OWO_TRY(texts.key, ReadFile(files.key));
  if (!files.client_ca.empty()) {
    OWO_TRY(texts.client_ca, ReadFile(files.client_ca));
  }
  return texts;
}

absl::StatusOr<TlsMaterial> CheckTls(const TlsTexts& texts, absl::Time now) {
  constexpr std::string_view kWhat = "the certificate";
  OWO_TRY(const std::vector<Certificate> chain, ParseCertificates(kWhat, texts.cert));
  OWO_TRY(const PrivateKey key, ParseKey(texts.key));
  OWO_RETURN_IF_ERROR(CheckPair(*chain.front(), *key));
  OWO_RETURN_IF_ERROR(CheckValidity(kWhat, *chain.front(), now));
  TlsMaterial material{.cert_not_after = TimeOf(X509_get0_notAfter(chain.front().get())),
                       .client_ca_not_after = absl::InfiniteFuture()};
  if (!texts.client_ca.empty()) {
    OWO_RETURN_IF_ERROR(CheckClientCa(texts.client_ca, now, material));
  }
  OWO_TRY(material.identity, ToPem(key.get(), chain));
  return material;
}

}  // namespace owo::tls
