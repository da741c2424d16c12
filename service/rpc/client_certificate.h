// The names in the certificate that a client proved to hold (mutual TLS).
//
//   for (const std::string& name : ClientCertificateNames(*context.auth_context())) …
//   // "URI:spiffe://example.com/billing", "DNS:billing.example.com"

#ifndef OWO_SERVICE_RPC_CLIENT_CERTIFICATE_H_
#define OWO_SERVICE_RPC_CLIENT_CERTIFICATE_H_

#include <grpcpp/security/auth_context.h>

#include <string>
#include <vector>

namespace owo::rpc {

// Returns the subject alternative names of the peer's certificate, each with its type as OpenSSL
// prints it: "DNS:", "URI:", "email:" or "IP:". The type is a part of the name: a DNS name and a
// URI with the same text are different. Empty if the connection has no verified client certificate:
// the server has no client CA, or the connection is not encrypted. Names that contain a control
// character are left out. Thread-safe.
std::vector<std::string> ClientCertificateNames(const grpc::AuthContext& context);

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_CLIENT_CERTIFICATE_H_
