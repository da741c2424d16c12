// The part of Workload that concerns invoices.

#include <gtest/gtest.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "tests/model/workload.h"

namespace owo::model {

using storage::InvoiceRecord;

namespace {

constexpr const char* kWords[] = {"x", "y"};

}  // namespace

void Workload::MakeInvoice(bool draft) {
  const std::string customer = PickCustomer();
  const auto real = real_.Invoice({.customer = customer, .draft = draft});
  const std::optional<Reason> refused = plain_.Invoice(customer, draft);
  Note(absl::StrCat("invoice ", customer, " ", draft, ": ",
                    refused ? std::string(ledger::NameOf(*refused)) : "OK"));
  ASSERT_EQ(real.ok(), !refused.has_value()) << real.status();
  if (!real.ok()) {
    EXPECT_EQ(ledger::RefusalOf(real.status()).reason, *refused);
    if (*refused == Reason::kCreditBalance) {
      EXPECT_EQ(ledger::ValueIn(real.status(), "amount"),
                absl::StrCat(TotalOf(plain_.NextLines(customer))));
    }
    return;
  }
  invoices_.push_back(real->value.record.id());
  ExpectSameInvoice(real_, plain_, invoices_.size() - 1, invoices_);
}

void Workload::Invoice() { MakeInvoice(/*draft=*/false); }
void Workload::Draft() { MakeInvoice(/*draft=*/true); }

std::optional<size_t> Workload::PickInvoice() {
  if (invoices_.empty()) return std::nullopt;
  const auto last = static_cast<int64_t>(invoices_.size()) - 1;
  const int64_t picked = random_.OneIn(2) ? random_.Between(0, last)
                                          : random_.Between(std::max(last - 3, int64_t{0}), last);
  const std::string& customer = plain_.invoices[picked].customer;
  if (std::find(active_.begin(), active_.end(), customer) == active_.end()) return std::nullopt;
  touched_ = customer;
  return picked;
}

void Workload::Finalize() {
  const std::optional<size_t> picked = PickInvoice();
  if (!picked.has_value()) return;
  InvoiceRecord invoice;
  invoice.set_id(invoices_[*picked]);
  const auto real = real_.Finalize(invoice);
  Compare(absl::StrCat("finalise ", *picked), real.status(),
          plain_.Finalize(plain_.invoices[*picked]));
  ExpectSameInvoice(real_, plain_, *picked, invoices_);
}

void Workload::Pay() {
  const std::optional<size_t> picked = PickInvoice();
  if (!picked.has_value()) return;
  InvoiceRecord invoice;
  invoice.set_id(invoices_[*picked]);
  const std::string reference = kWords[random_.Between(0, 1)];
  const auto real = real_.Pay(invoice, reference);
  Compare(absl::StrCat("pay ", *picked, " ", reference), real.status(),
          PlainLedger::Pay(plain_.invoices[*picked], reference));
  ExpectSameInvoice(real_, plain_, *picked, invoices_);
}

void Workload::Void() {
  const std::optional<size_t> picked = PickInvoice();
  if (!picked.has_value()) return;
  InvoiceRecord invoice;
  invoice.set_id(invoices_[*picked]);
  const std::string reason = kWords[random_.Between(0, 1)];
  const auto real = real_.Void(invoice, reason);
  Compare(absl::StrCat("void ", *picked, " ", reason), real.status(),
          PlainLedger::Void(plain_.invoices[*picked], reason));
  ExpectSameInvoice(real_, plain_, *picked, invoices_);
}

}  // namespace owo::model
