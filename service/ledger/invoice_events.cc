// Billing::ListEvents: the events behind an invoice.

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "service/ledger/billing.h"
#include "service/ledger/ids.h"
#include "storage/convert.h"
#include "storage/try.h"

namespace owo::ledger {
namespace {

using storage::OrdinalRange;
using storage::StoredEvent;
using storage::TenantId;

absl::Status LineNotFound(const storage::InvoiceRecord& invoice, uint32_t line) {
  const std::string id = InvoiceIdText(invoice.id());
  const std::string lines = absl::StrCat(invoice.lines_size());
  return Refuse(Reason::kLineNotFound,
                absl::StrCat("invoice ", id, " has ", lines, " lines, and no line ", line),
                {{"invoice_id", id}, {"line", absl::StrCat(line)}, {"lines", lines}});
}

// `status`: of listing events of the line.
absl::Status Named(absl::Status status, const storage::InvoiceRecord& invoice, uint32_t line) {
  if (!absl::IsFailedPrecondition(status)) return status;
  const std::string id = InvoiceIdText(invoice.id());
  return Refuse(Reason::kEventsExpired,
                absl::StrCat("the events behind line ", line, " of invoice ", id, " expired"),
                {{"invoice_id", id}, {"line", absl::StrCat(line)}});
}

// Appends the events of a line from `ordinal` on, until the page has `most`.
absl::Status AddLine(const storage::ReadOptions& read, const storage::Store& store, TenantId tenant,
                     const storage::InvoiceRecord& invoice, LinePlace from, size_t most,
                     std::vector<EventRow>& rows) {
  const storage::LineRecord& line = invoice.lines(static_cast<int>(from.line) - 1);
  const storage::CounterKey counter = storage::FromRecord(line.counter());
  OWO_TRY(const storage::Coverage covers, storage::FromRecord(line.covers()));
  for (OrdinalRange range : covers.ranges) {
    range.first = std::max(range.first, from.ordinal);
    if (range.first >= range.end) continue;
    const size_t wanted = std::min<uint64_t>(most - rows.size(), range.end - range.first);
    if (wanted == 0) break;
    auto listed = store.ListEvents(read, tenant, counter, {.range = range, .limit = wanted});
    if (!listed.ok()) return Named(listed.status(), invoice, from.line);
    std::vector<StoredEvent>& events = listed->events;
    if (events.size() != wanted) {
      return absl::DataLossError(absl::StrCat("line ", from.line, " of invoice ",
                                              InvoiceIdText(invoice.id()), " lacks events"));
    }
    for (StoredEvent& event : events) {
      rows.push_back({.event = std::move(event),
                      .counter = counter,
                      .feature_slug = line.feature_slug(),
                      .period = PeriodOf(line),
                      .line = from.line});
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<InvoiceEventPage> Billing::ListEvents(const storage::ReadOptions& read,
                                                     TenantId tenant,
                                                     const InvoiceEventsQuery& query) {
  OWO_TRY(InvoiceView view, Get(read, tenant, query.invoice));
  OWO_TRY(const auto invoice, storage::ParseRow<storage::InvoiceRecord>(view.row));
  const auto lines = static_cast<uint32_t>(invoice.lines_size());
  if (query.line.has_value() && (*query.line < 1 || *query.line > lines)) {
    return LineNotFound(invoice, *query.line);
  }
  const uint32_t first = query.line.value_or(1);
  const uint32_t last = query.line.value_or(lines);
  LinePlace place = query.from.value_or(LinePlace{.line = first});
  if (place.line < first || place.line > last) {
    return RefuseFields({{"page_token", "goes on in a line that was not asked for"}});
  }
  InvoiceEventPage page{.customer_id = std::move(view.customer_id)};
  // One more than wanted tells whether there are more.
  for (; place.line <= last && page.rows.size() <= query.most; place = {place.line + 1}) {
    OWO_RETURN_IF_ERROR(
        AddLine(read, context_.store, tenant, invoice, place, query.most + 1, page.rows));
  }
  if (page.rows.size() > query.most) {
    page.next = LinePlace::Of(page.rows.back());
    page.rows.pop_back();
  }
  return page;
}

}  // namespace owo::ledger
