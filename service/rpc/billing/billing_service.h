// The Billing service of the API, implemented by ledger::Billing.

#ifndef OWO_SERVICE_RPC_BILLING_BILLING_SERVICE_H_
#define OWO_SERVICE_RPC_BILLING_BILLING_SERVICE_H_

#include "service/ledger/billing.h"
#include "service/rpc/calls.h"
#include "service/rpc/grpc_service.h"

namespace owo::rpc {

// Thread-safe.
class BillingService final : public GrpcService {
 public:
  // All arguments must outlive the service.
  BillingService(ledger::LedgerParts& ledger, Calls& calls, const CallParts& parts);

 private:
  ledger::Billing billing_;
};

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_BILLING_BILLING_SERVICE_H_
