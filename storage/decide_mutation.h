// The rules of commits: whether a mutation may be made. Every store decides by these functions.
// They get values and return decisions: they read nothing and change nothing.
//
//   MutationCode code = DecideRequest(known, *mutation.request, mutation.now);
//   if (code == MutationCode::kCommitted) code = DecideCreateInvoice(create, invoice_version);
//   if (code == MutationCode::kCommitted) …   // write it, and the request
//
// kCommitted means that the rule allows the mutation. All of its rules must allow it.

#ifndef OWO_STORAGE_DECIDE_MUTATION_H_
#define OWO_STORAGE_DECIDE_MUTATION_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/commands.h"
#include "storage/records.pb.h"
#include "storage/types.h"

namespace owo::storage {

// ---- Requests.

inline constexpr Micros kRequestAgeMax = Micros{30} * 24 * 3600 * 1'000'000;

// Whether a request is no longer remembered.
inline bool RequestExpired(Micros committed, Micros now) {
  return committed < now - kRequestAgeMax;
}

// `known`: the stored request with this method and id; null if there is none. Returns kCommitted,
// kReplayed or kRequestReused.
MutationCode DecideRequest(const RequestRecord* known, const RequestClaim& claim, Micros now);

// ---- Customers and the catalog.

// What is committed of a customer and its tenant.
struct CustomerState {
  uint64_t customer_generation = 0;  // 0: no such customer
  uint64_t catalog_generation = 0;
  std::optional<Micros> latest_event;  // of the customer
};

// Decides a change of an existing customer: kCommitted, kConflict or kUsageAfterChange. Names have
// rules of their own: see NamesToLookUp.
MutationCode DecidePutCustomer(const PutCustomer& put, const CustomerState& state);

// The look-ups that show whether a customer may have an id and an email: kExists if another
// customer has `email` as email, one of `ids` as id, or an id that equals `id_ignoring_case` with
// ASCII case ignored. Emails may be shared, but no customer's id may be another one's email, since
// callers name customers by either.
struct NamesToLookUp {
  std::string email;             // "": none
  std::vector<std::string> ids;  // includes ids without an entry that ignores case
  std::string id_ignoring_case;  // "": none
};
// `id`, `email`: those that change; "": unchanged. That no other customer has the id `id` is for
// the caller to check.
NamesToLookUp LookUpsFor(std::string_view id, std::string_view email);

// What is committed of a tenant.
struct CatalogState {
  uint64_t generation = 0;
  std::optional<Micros> latest_event;  // of all customers
  // Whether a customer subscribed to one of the plans of NotSubscribedSince, since then.
  bool subscribed = false;
};

// Returns kCommitted, kConflict or kUsageAfterChange.
MutationCode DecidePutCatalog(const PutCatalog& put, const CatalogState& state);

// ---- Tenants and keys.

// `generation`: committed. Returns kCommitted or kConflict.
MutationCode DecidePutAccess(const PutAccess& put, uint64_t generation);

// ---- Invoices.

// `invoice_version`: of the customer's account. Returns kCommitted or kConflict.
MutationCode DecideCreateInvoice(const CreateInvoice& create, uint64_t invoice_version);

// `revision`: of the stored invoice; absent if there is none. Returns kCommitted or kConflict.
MutationCode DecideUpdateInvoice(const UpdateInvoice& update, std::optional<uint64_t> revision);

// Whether the invoice gets the next number of its series in this commit.
bool TakesNumber(const InvoiceRecord& invoice);

// Whether an invoice closes a counter that it was decided to close. Usage counted since then may
// have changed what the counter has to bill; then it stays open. `closed`: as of the decision, with
// the counter's total `decided`. `usage_version`, `total`: committed.
bool ClosesWithInvoice(const InvoiceCreatedRecord& created, const ClosedCounterRecord& closed,
                       Quantity decided, uint64_t usage_version, Quantity total);

}  // namespace owo::storage

#endif  // OWO_STORAGE_DECIDE_MUTATION_H_
