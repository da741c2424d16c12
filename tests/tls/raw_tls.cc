#include "tests/tls/raw_tls.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

namespace owo {
namespace {

int ConnectTcp(int port) {
  sockaddr_in address{.sin_family = AF_INET, .sin_port = htons(static_cast<uint16_t>(port))};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    throw std::runtime_error("cannot connect");
  }
  return descriptor;
}

std::string PeerCertificate(const SSL* ssl) {
  X509* const certificate = SSL_get1_peer_certificate(ssl);
  BIO* const bio = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(bio, certificate);
  char* data = nullptr;
  const auto size = BIO_get_mem_data(bio, &data);
  std::string pem(data, static_cast<size_t>(size));
  BIO_free_all(bio);
  X509_free(certificate);
  return pem;
}

}  // namespace

RawTls ConnectTls(int port, int version_max) {
  SSL_CTX* const context = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
  SSL_CTX_set_max_proto_version(context, version_max);
  // Otherwise OpenSSL would not even offer TLS 1.1.
  SSL_CTX_set_cipher_list(context, "ALL:@SECLEVEL=0");
  SSL* const ssl = SSL_new(context);
  constexpr unsigned char kH2[] = {2, 'h', '2'};
  SSL_set_alpn_protos(ssl, kH2, sizeof kH2);
  const int descriptor = ConnectTcp(port);
  SSL_set_fd(ssl, descriptor);
  ERR_clear_error();
  RawTls result;
  if (SSL_connect(ssl) == 1) {
    const unsigned char* alpn = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl, &alpn, &size);
    result.version = SSL_get_version(ssl);
    result.alpn = std::string(reinterpret_cast<const char*>(alpn), size);
    result.server_certificate = PeerCertificate(ssl);
  } else {
    const char* const reason = ERR_reason_error_string(ERR_peek_last_error());
    result.error = reason == nullptr ? "closed" : reason;
  }
  SSL_free(ssl);
  SSL_CTX_free(context);
  close(descriptor);
  return result;
}

}  // namespace owo
