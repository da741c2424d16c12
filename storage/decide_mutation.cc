#include "storage/decide_mutation.h"

#include "absl/strings/ascii.h"

namespace owo::storage {
namespace {

bool HasUsageFrom(std::optional<Micros> latest, std::optional<Micros> effective_from) {
  return latest.has_value() && effective_from.has_value() && *latest >= *effective_from;
}

}  // namespace

MutationCode DecideRequest(const RequestRecord* known, const RequestClaim& claim, Micros now) {
  if (known == nullptr || RequestExpired(known->committed_us(), now)) {
    return MutationCode::kCommitted;
  }
  return known->fingerprint() == claim.fingerprint ? MutationCode::kReplayed
                                                   : MutationCode::kRequestReused;
}

MutationCode DecidePutCustomer(const PutCustomer& put, const CustomerState& state) {
  const bool exists = state.customer_generation != 0;
  if (!exists || state.customer_generation != put.contract.generation()) {
    return MutationCode::kConflict;
  }
  if (put.subscribes.has_value() &&
      put.subscribes->catalog_generation != state.catalog_generation) {
    return MutationCode::kConflict;
  }
  return HasUsageFrom(state.latest_event, put.effective_from) ? MutationCode::kUsageAfterChange
                                                              : MutationCode::kCommitted;
}

NamesToLookUp LookUpsFor(std::string_view id, std::string_view email) {
  NamesToLookUp names;
  if (id.find('@') != std::string_view::npos) names.email = id;
  if (email.empty()) return names;
  const std::string given(email);
  names.ids = {given, absl::AsciiStrToLower(given)};
  names.id_ignoring_case = given;
  return names;
}

MutationCode DecidePutCatalog(const PutCatalog& put, const CatalogState& state) {
  if (put.generation != state.generation || state.subscribed) return MutationCode::kConflict;
  return HasUsageFrom(state.latest_event, put.effective_from) ? MutationCode::kUsageAfterChange
                                                              : MutationCode::kCommitted;
}

MutationCode DecidePutAccess(const PutAccess& put, uint64_t generation) {
  return put.generation == generation ? MutationCode::kCommitted : MutationCode::kConflict;
}

MutationCode DecideCreateInvoice(const CreateInvoice& create, uint64_t invoice_version) {
  return create.invoice_version == invoice_version ? MutationCode::kCommitted
                                                   : MutationCode::kConflict;
}

MutationCode DecideUpdateInvoice(const UpdateInvoice& update, std::optional<uint64_t> revision) {
  return revision == update.invoice.revision() ? MutationCode::kCommitted : MutationCode::kConflict;
}

bool TakesNumber(const InvoiceRecord& invoice) {
  return invoice.status() == INVOICE_STATUS_RECORD_OPEN && invoice.sequence() == 0;
}

bool ClosesWithInvoice(const InvoiceCreatedRecord& created, const ClosedCounterRecord& closed,
                       Quantity decided, uint64_t usage_version, Quantity total) {
  const bool unchanged = usage_version == created.usage_version();
  return unchanged || (closed.alone() && total == decided);
}

}  // namespace owo::storage
