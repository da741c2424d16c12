#include "storage/rocksdb/verify/verify_journal.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/convert.h"
#include "storage/invoice_update.h"
#include "storage/rocksdb/commit/replay.h"
#include "storage/rocksdb/format/journal.h"
#include "storage/rocksdb/format/keys.h"
#include "storage/rocksdb/verify/verify_text.h"
#include "storage/util/try.h"

namespace owo::storage {
namespace {

constexpr char kRecords[] = "journal records";
constexpr char kEvents[] = "events";
constexpr char kInvoices[] = "invoices made";
constexpr char kLines[] = "invoice lines";
constexpr char kNumbers[] = "invoice numbers";
constexpr char kJumps[] = "invoice number jumps";
constexpr char kChanges[] = "invoice changes";

constexpr size_t kCachedMax = 200'000;  // accounts and counters
// Of a step: events weigh 1, other changes as much as makes a step's rows take a few megabytes.
constexpr size_t kWeightMax = 1 << 16;
constexpr size_t kStepBytesMax = 8 << 20;  // one row may have megabytes
constexpr size_t kChangeWeight = 64;
constexpr size_t kBytesOfWeight = 64;
constexpr uint64_t kRecordsBetweenStops = 256;

}  // namespace

JournalVerifier::JournalVerifier(const Database& source, const ArchiveDb* archive,
                                 Database& scratch, InvoiceRating* rating, VerifyReport& report)
    : source_(source),
      archive_(archive),
      first_(archive == nullptr ? 1 : archive->first_sequence()),
      rating_(rating),
      report_(report),
      staged_(scratch),
      account_cache_(staged_, snapshots_),
      applier_(account_cache_, /*ids=*/nullptr, staged_),
      reader_(scratch, snapshots_),
      id_sums_(first_),
      chunk_times_(source, report),
      // After every sequence that accounts of the archive reflect.
      step_(first_) {}

absl::Status JournalVerifier::Run(const std::function<bool()>& stopped) {
  report_.Compared(kRecords, 0);  // named before what is found on the way
  report_.Compared(kEvents, 0);
  if (archive_ != nullptr) OWO_RETURN_IF_ERROR(StartAfterArchive());
  OWO_RETURN_IF_ERROR(FindDecided(stopped));
  account_cache_.Start(++step_);
  OWO_TRY(const uint64_t last,
          ForEachRecord(source_, first_, [&](uint64_t sequence, const JournalRecord& record) {
            if (sequence % kRecordsBetweenStops == 0 && stopped && stopped()) {
              return absl::CancelledError();
            }
            absl::Status status = ApplyRecord(sequence, record);
            if (status.ok()) return status;
            return absl::Status(status.code(),
                                absl::StrCat("journal record ", sequence, ": ", status.message()));
          }));
  report_.Compared(kRecords, last + 1 - first_);
  report_.Compared(kEvents, id_sums_.rows());
  account_cache_.Flush(step_, step_);
  OWO_RETURN_IF_ERROR(WriteStep());
  if (rating_ == nullptr) return absl::OkStatus();
  const auto stale = stale_catalogs_;
  for (const TenantId tenant : stale) OWO_RETURN_IF_ERROR(RefreshCatalog(tenant));
  return absl::OkStatus();
}

absl::Status JournalVerifier::StartAfterArchive() {
  const auto it = archive_->database().Iterate(ColumnFamily::kMeta);
  for (it->SeekToFirst(); it->Valid(); it->Next()) {
    if (KindOf(ColumnFamily::kMeta, ToView(it->key())) != "tenants") continue;
    const TenantId tenant = *keys::ParseTenant(ToView(it->key()));
    stale_catalogs_.insert(tenant);
  }
  return FromRocks(it->status());
}

absl::Status JournalVerifier::FindDecided(const std::function<bool()>& stopped) {
  const auto find = [&](uint64_t sequence, const JournalRecord& record) {
    if (sequence % kRecordsBetweenStops == 0 && stopped && stopped()) return absl::CancelledError();
    for (const JournalChange& change : record.changes()) {
      if (!change.has_invoice_created()) continue;
      const CustomerNo customer{change.invoice_created().invoice().customer()};
      ++decided_[Version{TenantId{change.tenant()}, customer,
                         change.invoice_created().usage_version()}]
            .invoices;
    }
    return absl::OkStatus();
  };
  return ForEachRecord(source_, first_, find).status();
}

absl::Status JournalVerifier::ApplyRecord(uint64_t sequence, const JournalRecord& record) {
  EventLocation location{.sequence = sequence};
  for (const JournalChange& change : record.changes()) {
    const TenantId tenant{change.tenant()};
    if (change.change_case() != JournalChange::kEvents) {
      OWO_RETURN_IF_ERROR(Apply(tenant, change));
      continue;
    }
    OWO_RETURN_IF_ERROR(
        ReadEvents(change.events(), record.committed_us(), [&](const CountedEvent& event) {
          OWO_RETURN_IF_ERROR(Count(tenant, event, location));
          ++location.index;
          return absl::OkStatus();
        }));
  }
  const bool full = weight_ >= kWeightMax || staged_.bytes() >= kStepBytesMax;
  return full ? WriteStep() : absl::OkStatus();
}

absl::Status JournalVerifier::Count(TenantId tenant, const CountedEvent& event,
                                    EventLocation location) {
  const CustomerNo customer = event.counter.customer;
  if (!decided_.empty()) {
    OWO_TRY(const AccountState* const account, account_cache_.Account(tenant, customer));
    const auto found = decided_.find(Version{tenant, customer, account->usage_version});
    if (found != decided_.end()) {
      OWO_TRY(Account kept, ReadAccount(tenant, customer));
      found->second.kept = std::make_unique<Account>(std::move(kept));
    }
  }
  id_sums_.Add(tenant, event.id, IdRowOf(event, location.sequence));
  ++weight_;
  OWO_TRY(const Counter* const counter, applier_.Count(tenant, event, location));
  return chunk_times_.Add(tenant, event.counter, counter->events - 1, event.time);
}

absl::Status JournalVerifier::Apply(TenantId tenant, const JournalChange& change) {
  weight_ += std::max(kChangeWeight, change.ByteSizeLong() / kBytesOfWeight);
  switch (change.change_case()) {
    case JournalChange::kInvoiceCreated:
      OWO_RETURN_IF_ERROR(CheckInvoiceCreated(tenant, change.invoice_created()));
      break;
    case JournalChange::kInvoice: {
      InvoiceUpdateRecord update;
      update.set_id(change.invoice().invoice().id());
      update.set_customer(change.invoice().invoice().customer());
      update.set_releases_coverage(change.invoice().releases_coverage());
      OWO_RETURN_IF_ERROR(CheckChange(tenant, update, &change.invoice().invoice()));
      break;
    }
    case JournalChange::kInvoiceUpdate:
      OWO_RETURN_IF_ERROR(CheckChange(tenant, change.invoice_update(), nullptr));
      break;
    case JournalChange::kCatalog:
      stale_catalogs_.insert(tenant);
      break;
    case JournalChange::kNumberJump:
      OWO_RETURN_IF_ERROR(CheckNumberJump(tenant, change.number_jump()));
      break;
    default:
      break;
  }
  return applier_.Apply(tenant, change);
}

absl::Status JournalVerifier::CheckInvoiceCreated(TenantId tenant,
                                                  const InvoiceCreatedRecord& created) {
  const InvoiceRecord& invoice = created.invoice();
  const auto expect = [&](std::string_view kind, const absl::Status& status) {
    if (!status.ok()) report_.Differs(kind, std::string(status.message()));
  };
  report_.Compared(kInvoices);
  expect(kInvoices, InvoiceHistory::CheckNew(invoice));
  if (rating_ != nullptr) expect(kInvoices, rating_->CheckSums(invoice));
  if (invoice.sequence() != 0) {
    OWO_RETURN_IF_ERROR(CheckNumber(tenant, invoice));
  }
  OWO_TRY(const auto decided_on, DecidedOn(tenant, created));
  if (decided_on == nullptr) {
    OWO_TRY(const bool before, DecidedBefore(tenant, created));
    if (before) return absl::OkStatus();
    report_.Differs(kInvoices, absl::StrCat(InvoiceText(invoice),
                                            ": its customer's usage was not "
                                            "at version ",
                                            created.usage_version(), " when it could"));
    return absl::OkStatus();
  }
  report_.Compared(kLines, static_cast<uint64_t>(invoice.lines_size()));
  expect(kLines, InvoiceHistory::CheckCovers(invoice, decided_on->open));
  if (rating_ == nullptr) return absl::OkStatus();
  OWO_RETURN_IF_ERROR(RefreshCatalog(tenant));
  const absl::Status rated = rating_->CheckInvoice(tenant, invoice, decided_on->open);
  if (!rated.ok()) {
    report_.Differs(kLines, absl::StrCat(InvoiceText(invoice), ": ", rated.message()));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Account>> JournalVerifier::DecidedOn(
    TenantId tenant, const InvoiceCreatedRecord& created) {
  const CustomerNo customer{created.invoice().customer()};
  OWO_TRY(const AccountState* const account, account_cache_.Account(tenant, customer));
  const uint64_t invoice_version = account->invoice_version;
  const auto decided = decided_.find(Version{tenant, customer, created.usage_version()});
  std::unique_ptr<Account> kept = std::move(decided->second.kept);
  if (--decided->second.invoices == 0) decided_.erase(decided);
  if (account->usage_version == created.usage_version()) {
    OWO_TRY(Account now, ReadAccount(tenant, customer));
    return std::make_unique<Account>(std::move(now));
  }
  // An invoice that was decided before another one was made or voided would have been refused.
  if (kept != nullptr && kept->invoice_version != invoice_version) kept.reset();
  return kept;
}

absl::StatusOr<bool> JournalVerifier::DecidedBefore(TenantId tenant,
                                                    const InvoiceCreatedRecord& created) const {
  if (archive_ == nullptr) return false;
  OWO_TRY(const auto row, archive_->database().Get(
                              ColumnFamily::kUsage,
                              keys::Account(tenant, CustomerNo{created.invoice().customer()})));
  if (!row.has_value()) return false;
  OWO_TRY(const AccountRecord account, ParseRow<AccountRecord>(*row));
  return created.usage_version() < account.usage_version();
}

absl::Status JournalVerifier::CheckChange(TenantId tenant, const InvoiceUpdateRecord& update,
                                          const InvoiceRecord* invoice) {
  report_.Compared(kChanges);
  OWO_TRY(const auto before,
          staged_.GetRecord<InvoiceRecord>(
              ColumnFamily::kInvoices,
              keys::Invoice(tenant, CustomerNo{update.customer()}, update.id())));
  if (!before.has_value()) {
    report_.Differs(kChanges, absl::StrCat("invoice ", HexText(update.id()), ": was never made"));
    return absl::OkStatus();
  }
  InvoiceRecord after;
  if (invoice == nullptr) {
    after = *before;
    ApplyUpdate(update, after);
    invoice = &after;
  }
  const absl::Status status =
      InvoiceHistory::CheckChange(*before, *invoice, update.releases_coverage());
  if (!status.ok()) report_.Differs(kChanges, std::string(status.message()));
  if (rating_ != nullptr) {
    const absl::Status sums = rating_->CheckSums(*invoice);
    if (!sums.ok()) report_.Differs(kChanges, std::string(sums.message()));
  }
  if (before->sequence() != 0 || invoice->sequence() == 0) return absl::OkStatus();
  return CheckNumber(tenant, *invoice);
}

absl::Status JournalVerifier::StartSeries(TenantId tenant, const std::string& series) {
  // The series may have begun before it was archived.
  OWO_TRY(const TenantRecord* const of_tenant, account_cache_.Tenant(tenant));
  const auto last = of_tenant->last_sequence().find(series);
  if (last != of_tenant->last_sequence().end()) invoices_.StartAfter(tenant, series, last->second);
  return absl::OkStatus();
}

absl::Status JournalVerifier::CheckNumberJump(TenantId tenant, const NumberJumpRecord& jump) {
  OWO_RETURN_IF_ERROR(StartSeries(tenant, jump.series()));
  report_.Compared(kJumps);
  const absl::Status jumped = invoices_.Jump(tenant, jump.series(), jump.next());
  if (!jumped.ok()) report_.Differs(kJumps, std::string(jumped.message()));
  return absl::OkStatus();
}

absl::Status JournalVerifier::CheckNumber(TenantId tenant, const InvoiceRecord& invoice) {
  OWO_RETURN_IF_ERROR(StartSeries(tenant, invoice.series()));
  report_.Compared(kNumbers);
  const absl::Status numbered = invoices_.AddNumber(tenant, invoice);
  if (!numbered.ok()) report_.Differs(kNumbers, std::string(numbered.message()));
  return absl::OkStatus();
}

absl::Status JournalVerifier::RefreshCatalog(TenantId tenant) {
  if (stale_catalogs_.erase(tenant) == 0) return absl::OkStatus();
  OWO_RETURN_IF_ERROR(WriteStep());
  return rating_->SetCatalog(tenant, reader_);
}

absl::StatusOr<Account> JournalVerifier::ReadAccount(TenantId tenant, CustomerNo customer) {
  EndStep(SIZE_MAX);
  return reader_.ReadAccount(kReadAll, tenant, customer, {});
}

void JournalVerifier::EndStep(size_t cached_max) {
  account_cache_.Publish(cached_max);
  account_cache_.Start(++step_);
}

absl::Status JournalVerifier::WriteStep() {
  account_cache_.Flush(account_cache_.size() > kCachedMax ? step_ : 0, step_);
  OWO_RETURN_IF_ERROR(staged_.Write());
  staged_.Clear();
  EndStep(kCachedMax);
  weight_ = 0;
  return absl::OkStatus();
}

}  // namespace owo::storage
