// Renders pages of recorded events: those that an invoice bills, and those of a customer.

#ifndef OWO_SERVICE_RPC_RENDER_EVENTS_H_
#define OWO_SERVICE_RPC_RENDER_EVENTS_H_

#include "absl/status/status.h"
#include "owo/billing/v1/billing.pb.h"
#include "owo/billing/v1/metering.pb.h"
#include "service/ledger/events.h"
#include "service/rpc/page_token.h"

namespace owo::rpc {

namespace pb = ::owo::billing::v1;

absl::Status RenderListInvoiceEventsResponse(const ledger::InvoiceEventPage& page,
                                             const PageTokens& tokens,
                                             pb::ListInvoiceEventsResponse& to);
absl::Status RenderListEventsResponse(const ledger::CustomerEventPage& page,
                                      const PageTokens& tokens, pb::ListEventsResponse& to);

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_RENDER_EVENTS_H_
