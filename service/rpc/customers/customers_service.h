// The Customers service of the API, implemented by ledger::Customers.

#ifndef OWO_SERVICE_RPC_CUSTOMERS_CUSTOMERS_SERVICE_H_
#define OWO_SERVICE_RPC_CUSTOMERS_CUSTOMERS_SERVICE_H_

#include "service/ledger/customers.h"
#include "service/rpc/calls.h"
#include "service/rpc/grpc_service.h"

namespace owo::rpc {

// Thread-safe.
class CustomersService final : public GrpcService {
 public:
  // All arguments must outlive the service.
  CustomersService(ledger::LedgerParts& ledger, Calls& calls, const CallParts& parts);

 private:
  ledger::Customers customers_;
};

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_CUSTOMERS_CUSTOMERS_SERVICE_H_
